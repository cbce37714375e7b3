/** What is kept of a run beside its curves, and the check of what comes back from the database. */
import * as v from 'valibot';
import type { Experiment } from '../../core/experiment.ts';
import {
  check,
  type Fork,
  ForkShape,
  type MadeBy,
  MakersShape,
  RunIdShape,
  SamplingShape,
  StepShape,
  TileShape,
} from '../../core/kept_details.ts';
import { formatExperiment, parseExperiment } from '../../core/parse.ts';
import type { Checkpoint } from '../../core/report.ts';
import { usedIn } from '../../core/tile_choice.ts';
import { CATALOG } from '../declared.ts';

/** Mean curve of each arm of one metric, thinned out: enough for a picture of 100 pixels. */
export interface Thumbnail {
  entropy: Record<string, number[]>;
  accuracy: Record<string, number[]>;
}

/** One experiment that was started. */
export interface KeptRun {
  id: string;
  name: string;
  label: string;
  /** Milliseconds since 1970. */
  created: number;
  updated: number;
  isPinned: boolean;
  /** The user, or a run after it, put it aside: the page no longer offers to go on with it. */
  isSetAside: boolean;
  /** Deleted, and gone for good at the next visit. */
  isRemoved: boolean;
  presetId: string;
  experiment: Experiment;
  /** Whole rounds that are done. */
  step: number;
  /** Step of the checkpoint that was taken last; a fork from an earlier step can make it a lower one than before. */
  stateStep?: number;
  /** By the step under which a checkpoint is kept: the least step of each arm in it. */
  stateArms?: Record<string, Record<string, number>>;
  forks: Fork[];
  /** Adapters and families of kernels that trained it, in their order; not known of records before there were any. */
  madeBy?: MadeBy[];
  failed: { arm: string; seed: number; step: number; message: string }[];
  thumbnail: Thumbnail;
}

export function isDone(run: KeptRun): boolean {
  return run.step >= run.experiment.values['trainer.steps'];
}

/** What the user and the page write at different times: they do not overwrite each other. */
export type UserPart = Partial<Pick<KeptRun, 'name' | 'isPinned' | 'isSetAside' | 'isRemoved'>>;

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const Curves = v.record(v.string(), v.pipe(v.array(v.number()), v.maxLength(200)));
const RecordShape = v.object({
  id: text(80),
  version: v.literal(1),
  name: text(80),
  label: text(400),
  created: v.pipe(v.number(), v.finite()),
  updated: v.pipe(v.number(), v.finite()),
  isPinned: v.boolean(),
  isSetAside: v.boolean(),
  isRemoved: v.boolean(),
  presetId: text(120),
  experiment: v.unknown(),
  step: StepShape,
  stateStep: v.optional(StepShape),
  stateArms: v.optional(v.record(v.string(), v.record(v.string(), StepShape))),
  forks: v.pipe(v.array(ForkShape), v.maxLength(100)),
  madeBy: v.optional(MakersShape),
  failed: v.pipe(
    v.array(v.object({ ...RunIdShape.entries, step: StepShape, message: text(2000) })),
    v.maxLength(200),
  ),
  thumbnail: v.object({ entropy: Curves, accuracy: Curves }),
});

/** A record as it lies in the database: the experiment in the form of its file. */
export function toStored(run: KeptRun) {
  return { ...run, version: 1, experiment: formatExperiment(run.experiment, CATALOG) };
}

/** @throws {RangeError} the first thing in it that is not as it must be */
export function fromStored(stored: unknown): KeptRun {
  const { version: _, ...record } = check('run', RecordShape, stored);
  return { ...record, experiment: parseExperiment(record.experiment, CATALOG).experiment };
}

const floats = () =>
  v.custom<Float32Array>((value) => value instanceof Float32Array, 'an array of floats');
const BlockShape = v.object({
  ...RunIdShape.entries,
  firstStep: StepShape,
  metrics: v.array(v.string()),
  values: floats(),
});
/** Rows of one run, columns in the order of `metrics`. */
export type CurveBlock = v.InferOutput<typeof BlockShape>;

/** @throws {RangeError} as `fromStored` */
export function blockFromStored(stored: unknown): CurveBlock {
  const block = check('curves', BlockShape, stored);
  if (block.metrics.length > 0 && block.values.length % block.metrics.length === 0) return block;
  throw new RangeError(
    `curves: must be rows of ${block.metrics.length} values, got ${block.values.length}`,
  );
}

const StateShape = v.object({
  ...RunIdShape.entries,
  step: StepShape,
  updates: StepShape,
  state: v.optional(v.record(v.string(), v.number())),
  parameters: floats(),
  m: floats(),
  v: floats(),
});
/** The experiment is the record's: it stands in one place only. */
export const CheckpointShape = v.object({
  runs: v.pipe(v.array(StateShape), v.maxLength(500)),
  base: floats(),
  tile: v.optional(TileShape),
  sampling: v.optional(SamplingShape),
});
export type StoredCheckpoint = v.InferOutput<typeof CheckpointShape>;

/** A state as it is kept, and the step that all of its runs have done. */
export function storedState(checkpoint: Checkpoint): { step: number; state: StoredCheckpoint } {
  const { runs, base } = checkpoint;
  const step = Math.min(...runs.map((run) => run.step));
  return { step, state: { runs, base, ...usedIn(checkpoint) } };
}
