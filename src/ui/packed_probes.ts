/**
 * Answers to the fixed prompts as a page keeps them: all numbers of an evaluation in one array, and what every
 * evaluation repeats held once. As a message brings them, runs of a lesson take megabytes of small objects.
 */
import type { GainProfile } from '../core/gain_profile.ts';
import type { ProbeSample } from '../core/inspection.ts';
import { MAX_EVALUATIONS } from '../core/kept_details.ts';
import { superfluousBeforeNewest } from '../core/thin_out.ts';

interface Evaluation {
  arm: string;
  seed: number;
  step: number;
  samples: readonly ProbeSample[];
  /** What tokens told about the answer, where that was looked at. */
  gains?: GainProfile | undefined;
}

/** What of a sample is not a number per token, and where its numbers begin. */
interface Entry extends Pick<ProbeSample, 'prompt' | 'answer' | 'context' | 'correct' | 'reason'> {
  mixtures?: number[][];
  start: number;
  tokens: number;
  /** context x V */
  probabilities: number;
}

export class PackedProbes {
  readonly arm: string;
  readonly seed: number;
  readonly step: number;
  readonly gains: GainProfile | undefined;
  private readonly entries: readonly Entry[];
  /** Of each sample its tokens, logp, entropy and p_eos, [tokens] each, then its probabilities: f32, as measured. */
  private readonly numbers: Float32Array;

  /** @param first an earlier evaluation of the same run, whose prompts and contexts are shared where they are the same */
  constructor({ arm, seed, step, samples, gains }: Evaluation, first?: PackedProbes) {
    this.arm = arm;
    this.seed = seed;
    this.step = step;
    this.gains = gains;
    const sizeOf = (s: ProbeSample) => 4 * s.tokens.length + s.probabilities.length;
    this.numbers = new Float32Array(samples.reduce((sum, sample) => sum + sizeOf(sample), 0));
    let start = 0;
    this.entries = samples.map((sample, i) => {
      const { tokens, logp, entropy, p_eos, probabilities, mixtures, correct, reason } = sample;
      let at = start;
      for (const values of [tokens, logp, entropy, p_eos, probabilities]) {
        this.numbers.set(values, at);
        at += values.length;
      }
      const same = first?.entries[i];
      const { prompt, answer, context } =
        same && String(same.context) === String(sample.context) ? same : sample;
      const sizes = { start, tokens: tokens.length, probabilities: probabilities.length };
      start = at;
      return { prompt, answer, context, correct, reason, ...(mixtures && { mixtures }), ...sizes };
    });
  }

  get count(): number {
    return this.entries.length;
  }

  /** Undefined where there are not so many. */
  sample(i: number): ProbeSample | undefined {
    const entry = this.entries[i];
    if (!entry) return undefined;
    const { start, tokens, probabilities: _, ...rest } = entry;
    const column = (k: number) =>
      Array.from(this.numbers.subarray(start + k * tokens, start + (k + 1) * tokens));
    return {
      ...rest,
      ...{ tokens: column(0), logp: column(1), entropy: column(2), p_eos: column(3) },
      probabilities: this.probabilities(i)!,
    };
  }

  /** [context, V] of a sample; a view. */
  probabilities(i: number): Float32Array | undefined {
    const entry = this.entries[i];
    if (!entry) return undefined;
    const start = entry.start + 4 * entry.tokens;
    return this.numbers.subarray(start, start + entry.probabilities);
  }

  /** As it came. */
  unpacked(): Omit<Evaluation, 'samples'> & { samples: ProbeSample[] } {
    const { arm, seed, step, gains } = this;
    const samples = this.entries.map((_, i) => {
      const sample = this.sample(i)!;
      return { ...sample, probabilities: sample.probabilities.slice() };
    });
    return { arm, seed, step, samples, ...(gains && { gains }) };
  }
}

/** With one more, in order of their steps: a run that was resumed comes by the same step again. */
export function withProbes(
  known: readonly PackedProbes[] = [],
  evaluation: Evaluation,
): PackedProbes[] {
  const before = known.filter(({ step }) => step < evaluation.step);
  const all = [...before, new PackedProbes(evaluation, known[0])];
  const steps = all.map(({ step }) => step);
  const gone = new Set(superfluousBeforeNewest(steps, MAX_EVALUATIONS));
  return all.filter(({ step }) => !gone.has(step));
}
