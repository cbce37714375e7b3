/** What a session tells of its runs beside their curves: evaluations, answers to fixed prompts, newest responses. */
import type { RunId } from '../core/experiment.ts';
import type { GainProfile } from '../core/gain_profile.ts';
import type { ProbeSample } from '../core/inspection.ts';
import type { ResponseSample, TokenPairs } from '../core/report.ts';
import { METRICS } from '../metrics/index.ts';
import type { Task } from '../tasks/task.ts';
import { addEvaluation } from './measure.ts';
import type { Probes } from './probes.ts';
import type { Learned, Run } from './run.ts';
import type { StepBatch } from './run_parts.ts';
import { shownResponses } from './shown.ts';

/** What a session tells as it goes; the Worker passes it on, the command line writes it down. */
export interface SessionEvents {
  progress(phase: string, done: number, total: number, note?: string): void;
  /** Metrics of one step of one run, in the order of METRICS; step 0 is the evaluation of the base. */
  row(run: RunId, step: number, values: Float32Array): void;
  byDifficulty(run: RunId, step: number, pairs: [number, number][]): void;
  responses(
    run: RunId,
    step: number,
    prompt: number[],
    answer: string,
    samples: ResponseSample[],
  ): void;
  runFailed(run: RunId, step: number, message: string): void;
  /**
   * Answers to the fixed prompts, at every evaluation; not sampled where nobody listens. With what the tokens of held-out
   * responses tell about the answer, while that is asked for and where information is measured.
   */
  probes?(run: RunId, step: number, samples: ProbeSample[], gains?: GainProfile): void;
  /** The gains of `probes` alone, for whoever wants no answers to fixed prompts. */
  gains?(run: RunId, step: number, gains: GainProfile): void;
  /** λ and −A of a step's tokens, while they are asked for. */
  pairs?(run: RunId, pairs: TokenPairs): void;
}

export class Telling {
  /** Somebody looks at what tokens tell about the answer, through training. */
  areGainsAsked = false;

  constructor(
    private readonly task: Task,
    private readonly probes: Probes,
    private readonly events: SessionEvents,
  ) {}

  /** Step 0. All runs have the same weights: samples differ by seed and by how responses begin, so once for each. */
  async evaluateBase(all: readonly Run[]): Promise<void> {
    const kindOf = ({ seed, latent }: Run): string => JSON.stringify([seed, latent]);
    // Told apart anew each time: how responses begin is a setting, and may be changed while this goes on.
    for (let rest = [...all]; rest.length > 0; ) {
      const kind = kindOf(rest[0] as Run);
      const runs = rest.filter((run) => kindOf(run) === kind);
      rest = rest.filter((run) => !runs.includes(run));
      this.events.progress('evaluating the base model', 0, 1);
      const row = new Float32Array(METRICS.length).fill(Number.NaN);
      await this.evaluate(runs, row);
      for (const { arm, seed } of runs) this.events.row({ arm, seed }, 0, row.slice());
    }
  }

  /** Evaluates the first of runs of one seed with the same weights and beginnings, tells it of all of them, and writes it into the row. */
  async evaluate(runs: readonly Run[], row: Float32Array): Promise<void> {
    const first = runs[0] as Run;
    const wantsGains = this.areGainsAsked || first.setting('trainer.information') !== 0;
    const isHeard = this.events.probes !== undefined || this.events.gains !== undefined;
    const evaluation = await first.evaluate(wantsGains && isHeard);
    addEvaluation(row, evaluation);
    for (const { arm, seed, step } of runs) {
      this.events.byDifficulty({ arm, seed }, step, evaluation.by_difficulty);
      if (evaluation.gains) this.events.gains?.({ arm, seed }, step, evaluation.gains);
    }
    if (!this.events.probes) return;
    const { policy, seed } = first.parts;
    const samples = await this.probes.sample(policy, seed, first.settings, first.latent);
    for (const { arm, step } of runs)
      this.events.probes({ arm, seed }, step, samples, evaluation.gains);
  }

  /** The newest responses to the step's first prompt. */
  show(run: Run, batch: StepBatch, { sequences }: Learned): void {
    const first = batch.measured[0];
    if (!first) return;
    const groupSize = run.setting('trainer.group_size');
    const samples = shownResponses(batch, groupSize, run.parts, sequences);
    const answer = this.task.solve(first.problem);
    const id = { arm: run.arm, seed: run.seed };
    this.events.responses(id, run.step, first.prompt, answer, samples);
  }
}
