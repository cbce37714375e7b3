/**
 * What page and Worker say to each other. The Worker owns the GPU and the runs; the page owns the experiment.
 *
 * Order: the page sends `probe`, gets `adapter` (or `failed`). `open` replaces everything: `state: preparing` with
 * `progress` messages, then `opened` and `state: ready`. `start`, `pause`, `step`, `reset` move between the states;
 * every change is told by `state`. While running, `points` come at most ten times a second, each a block of whole
 * steps of one run; `responses` at most once a step and run. After `failed` with `recoverable`, `open` works again.
 */
import type { Experiment } from '../core/experiment.ts';
import type { GainProfile } from '../core/gain_profile.ts';
import type { InspectedResponse, Inspection, ProbeSample } from '../core/inspection.ts';
import type { Values } from '../core/param.ts';
import type { ProfileReport } from '../core/profile.ts';
import type {
  AdapterReport,
  Checkpoint,
  Estimate,
  ExportedFile,
  ResponseSample,
  SessionState,
  TokenPairs,
} from '../core/report.ts';
import type { SlowStep } from '../core/slow_step.ts';
import type { MatchedStrength } from '../core/strength.ts';
import type { KernelsUsed, Sampling, TileChoice, TileId } from '../core/tile_choice.ts';
import type { TrustReport } from '../core/trust.ts';

export type { AdapterReport, Checkpoint, Estimate, ExportedFile, ResponseSample, SessionState };

export type Command =
  /** `tiles`: a family of kernels that is forced, or choices that the page has kept (model/tile_choice.ts). */
  | { type: 'probe'; tiles?: { forced?: TileId; remembered?: TileChoice[] } }
  /**
   * `bases`: address of the folder with the shipped base models, ending in a slash. `kernels`: those that a
   * kept run had; a checkpoint's own comes first, and where neither says one it is the chosen one.
   */
  | {
      type: 'open';
      experiment: Experiment;
      bases: string;
      resume?: Checkpoint;
      kernels?: KernelsUsed;
    }
  | { type: 'start' }
  | { type: 'pause' }
  /** One step of every run, then pause. */
  | { type: 'step' }
  /** Back to step 0 of the opened experiment. */
  | { type: 'reset' }
  /** New values of settings that apply without a restart, for one arm or (arm = undefined) for all. */
  | { type: 'values'; arm?: string; values: Values }
  /** Metrics that are charted, for this experiment and later ones: some are measured only while they are. */
  | { type: 'measure'; metrics: string[] }
  /** Whether λ and −A of single tokens are looked at, for this experiment and later ones: `pairs` come only while they are. */
  | { type: 'pairs'; isAsked: boolean }
  /** Whether what tokens tell about the answer is looked at, likewise: the `gains` of `probes` come while it is, and where information is measured. */
  | { type: 'gains'; isAsked: boolean }
  /** Asks for a `checkpoint` with the state of all runs. */
  | { type: 'checkpoint' }
  /** Asks for `weights`: a run's model as the files of a Hugging Face folder. */
  | { type: 'export_weights'; arm: string; seed: number }
  /** Asks for an `inspection` of these responses under the run's model as it is; answered between turns. */
  | { type: 'inspect'; id: number; arm: string; seed: number; responses: InspectedResponse[] }
  /** Asks for a `slow_step` of the next step of this seed's arms; takes that step of every run where none is under way. */
  | { type: 'slow_step'; id: number; seed: number }
  /** Asks for a `trust` report: the engine against float64 on this adapter. */
  | { type: 'trust' }
  /** Asks for a `profile` of a step of the open experiment, or of a small model; refused while training runs. */
  | { type: 'profile' }
  /** Asks for `tiles`, timed anew; refused while training runs. What is open keeps the family it has. */
  | { type: 'measure_tiles' };

export interface RunProgress {
  arm: string;
  seed: number;
}

export type Event =
  | { type: 'adapter'; adapter: AdapterReport }
  /** Which family of kernels experiments that are opened from now on have; comes with the probe and when it changes. */
  | { type: 'tiles'; choice: TileChoice }
  | { type: 'state'; state: SessionState }
  /** `phase` in words for the user; done and total in its own unit; note: e.g. 'held-out accuracy 0.12 of 0.15'. */
  | { type: 'progress'; phase: string; done: number; total: number; note?: string }
  /** `strengths`: coefficients that were matched, where the experiment asks for it. */
  | {
      type: 'opened';
      runs: RunProgress[];
      estimate: Estimate;
      strengths?: MatchedStrength[];
      /** The family of kernels that these runs have until they are opened anew. */
      tile?: TileId;
      sampling?: Sampling;
    }
  /** Rows of METRICS.length columns in the order of METRICS, NaN where not measured; steps count from 1, row 0 of a run's first block is step 0 (evaluation of the base). */
  | { type: 'points'; arm: string; seed: number; firstStep: number; values: Float32Array }
  /** Accuracy by difficulty at an evaluation: pairs (difficulty, accuracy). */
  | { type: 'by_difficulty'; arm: string; seed: number; step: number; pairs: [number, number][] }
  /** Newest responses of one run to the step's first prompt (the same for all arms of a seed). */
  | {
      type: 'responses';
      arm: string;
      seed: number;
      step: number;
      prompt: number[];
      answer: string;
      samples: ResponseSample[];
    }
  /** The answer to `checkpoint`; `message` instead where it could not be given. */
  | { type: 'checkpoint'; checkpoint: Checkpoint; message?: undefined }
  | { type: 'checkpoint'; checkpoint?: undefined; message: string }
  /** The answer to `export_weights` of this run; `message` instead where it could not be given. */
  | { type: 'weights'; arm: string; seed: number; step: number; files: ExportedFile[] }
  | { type: 'weights'; arm: string; seed: number; files?: undefined; message: string }
  /** Answers to the fixed prompts at an evaluation; the same prompts and random numbers every time. `gains`: over held-out responses. */
  | {
      type: 'probes';
      arm: string;
      seed: number;
      step: number;
      samples: ProbeSample[];
      gains?: GainProfile;
    }
  /** λ and −A of a step's tokens: of the first seed of each arm that has a λ, at most once a second. */
  | ({ type: 'pairs'; arm: string; seed: number } & TokenPairs)
  /** The answer to `inspect` with this id; `message` instead where it could not be given. */
  | { type: 'inspection'; id: number; inspection: Inspection }
  | { type: 'inspection'; id: number; inspection?: undefined; message: string }
  /** The answer to `slow_step` with this id, once the step is done; `message` instead where it could not be given. */
  | { type: 'slow_step'; id: number; step: SlowStep }
  | { type: 'slow_step'; id: number; step?: undefined; message: string }
  | { type: 'trust'; report: TrustReport }
  | { type: 'trust'; report?: undefined; message: string }
  | { type: 'profile'; report: ProfileReport }
  | { type: 'profile'; report?: undefined; message: string }
  /** One run stopped and keeps its curves; the others go on. */
  | { type: 'run_failed'; arm: string; seed: number; step: number; message: string }
  /** The session stopped. `advice` says what to do next. */
  | { type: 'failed'; message: string; advice: string; recoverable: boolean };
