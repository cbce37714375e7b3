/**
 * Answers to the fixed prompts as a page keeps them: the numbers of an evaluation in two arrays, and what every
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
  /** Where its probabilities begin, and how many there are: context x V. */
  first: number;
  probabilities: number;
}

/** A probability in 16 bits, by its square root, as heat maps shade it: off by 1.6e-5 at most, far less near 0. */
const FULL = 65535;
const toShort = (p: number) => Math.round(FULL * Math.sqrt(p));
const fromShort = (root: number) => (root / FULL) ** 2;

export class PackedProbes {
  readonly arm: string;
  readonly seed: number;
  readonly step: number;
  readonly gains: GainProfile | undefined;
  private readonly entries: readonly Entry[];
  /** Of each sample its tokens, logp, entropy and p_eos, [tokens] each: f32, as measured. */
  private readonly numbers: Float32Array;
  /** Of each sample its probabilities, most of an evaluation: what `toShort` makes of them. */
  private readonly roots: Uint16Array;

  /** @param first an earlier evaluation of the same run, whose prompts and contexts are shared where they are the same */
  constructor({ arm, seed, step, samples, gains }: Evaluation, first?: PackedProbes) {
    this.arm = arm;
    this.seed = seed;
    this.step = step;
    this.gains = gains;
    const total = (sizeOf: (sample: ProbeSample) => number) =>
      samples.reduce((sum, sample) => sum + sizeOf(sample), 0);
    this.numbers = new Float32Array(total(({ tokens }) => 4 * tokens.length));
    this.roots = new Uint16Array(total(({ probabilities }) => probabilities.length));
    let [start, from] = [0, 0];
    this.entries = samples.map((sample, i) => {
      const { tokens, logp, entropy, p_eos, probabilities, mixtures, correct, reason } = sample;
      const place = { start, first: from, tokens: tokens.length };
      for (const values of [tokens, logp, entropy, p_eos]) {
        this.numbers.set(values, start);
        start += values.length;
      }
      for (const p of probabilities) this.roots[from++] = toShort(p);
      const same = first?.entries[i];
      const { prompt, answer, context } =
        same && String(same.context) === String(sample.context) ? same : sample;
      return {
        ...{ prompt, answer, context, correct, reason, ...(mixtures && { mixtures }) },
        ...{ ...place, probabilities: probabilities.length },
      };
    });
  }

  get count(): number {
    return this.entries.length;
  }

  /** Undefined where there are not so many. */
  sample(i: number): ProbeSample | undefined {
    const entry = this.entries[i];
    if (!entry) return undefined;
    const { start, first, tokens, probabilities, ...rest } = entry;
    const column = (k: number) =>
      Array.from(this.numbers.subarray(start + k * tokens, start + (k + 1) * tokens));
    return {
      ...rest,
      ...{ tokens: column(0), logp: column(1), entropy: column(2), p_eos: column(3) },
      probabilities: this.shares(first, probabilities),
    };
  }

  /** What would come next at a position of a sample's context: [V]; empty where there is none. */
  distribution(i: number, position: number): Float32Array {
    const { first = 0, probabilities = 0, context = [] } = this.entries[i] ?? {};
    if (position >= context.length) return new Float32Array(0);
    const V = probabilities / context.length;
    return this.shares(first + position * V, V);
  }

  /** As it came, probabilities apart: those are what 16 bits keep of them. */
  unpacked(): Omit<Evaluation, 'samples'> & { samples: ProbeSample[] } {
    const { arm, seed, step, gains } = this;
    const samples = this.entries.map((_, i) => this.sample(i)!);
    return { arm, seed, step, samples, ...(gains && { gains }) };
  }

  private shares(from: number, count: number): Float32Array {
    return Float32Array.from(this.roots.subarray(from, from + count), fromShort);
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
