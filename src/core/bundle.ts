/**
 * One file for a whole experiment: settings, curves, sample responses and, if wanted, the state to go on from. It is
 * plain JSON; nothing in it is ever run, and everything in it is checked before it is used.
 */
import * as v from 'valibot';
import { floatsFromText, floatsToText } from './base64.ts';
import type { Catalog } from './catalog.ts';
import type { Experiment, RunId } from './experiment.ts';
import {
  check,
  type Details,
  DetailsShape,
  type Fork,
  ForkShape,
  type KeptProbes,
  MAX_EVALUATIONS,
  type MadeBy,
  MakersShape,
  probesShape,
  RunIdShape,
  SamplingShape,
  StepShape,
  TileShape,
} from './kept_details.ts';
import { formatExperiment, parseExperiment } from './parse.ts';
import type { Checkpoint, RunCheckpoint } from './report.ts';
import { usedIn } from './tile_choice.ts';

const BUNDLE_FORMAT = 'entroscope-bundle';
const MAX_STEPS = 100_001;
const MAX_RUNS = 144;

/** Curves of one run: metric id → value by step, NaN where not measured. */
export interface BundleCurve extends RunId {
  metrics: Record<string, Float32Array>;
}

export interface Bundle extends Details {
  name: string;
  label: string;
  experiment: Experiment;
  forks: Fork[];
  /** Adapters and families of kernels that computed it, in their order; not known of old files. */
  madeBy?: MadeBy[];
  curves: BundleCurve[];
  /** Answers to the fixed prompts; of one run in the order of their steps. */
  probes: KeptProbes[];
  checkpoint?: Checkpoint;
}

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const CurveShape = v.object({
  ...RunIdShape.entries,
  metrics: v.record(
    v.string(),
    v.pipe(v.array(v.nullable(v.pipe(v.number(), v.finite()))), v.maxLength(MAX_STEPS)),
  ),
});
const StateShape = v.object({
  ...RunIdShape.entries,
  step: StepShape,
  updates: v.pipe(v.number(), v.integer(), v.minValue(0)),
  state: v.optional(v.record(v.string(), v.pipe(v.number(), v.finite()))),
  parameters: v.string(),
  m: v.string(),
  v: v.string(),
});
const BundleShape = v.object({
  format: v.literal(BUNDLE_FORMAT),
  version: v.literal(1),
  name: text(120),
  label: v.optional(text(400), ''),
  experiment: v.unknown(),
  forks: v.optional(v.pipe(v.array(ForkShape), v.maxLength(MAX_RUNS)), []),
  madeBy: v.optional(MakersShape),
  curves: v.pipe(v.array(CurveShape), v.maxLength(MAX_RUNS)),
  ...DetailsShape.entries,
  // Probabilities as text, as the weights.
  probes: v.optional(
    v.pipe(v.array(probesShape(v.string())), v.maxLength(MAX_RUNS * MAX_EVALUATIONS)),
    [],
  ),
  checkpoint: v.optional(
    v.object({
      runs: v.pipe(v.array(StateShape), v.maxLength(MAX_RUNS)),
      base: v.string(),
      tile: v.optional(TileShape),
      sampling: v.optional(SamplingShape),
    }),
  ),
});

/** True for a parsed file that says it is a bundle; whether it is a good one, `parseBundle` says. */
export function isBundle(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'format' in json;
}

/** The text of the file. */
export function formatBundle(bundle: Bundle, catalog: Catalog): string {
  const { name, label, experiment, forks, curves, responses, difficulty, checkpoint } = bundle;
  const probes = bundle.probes.map(({ samples, ...event }) => ({
    ...event,
    samples: samples.map((sample) => ({
      ...sample,
      probabilities: floatsToText(sample.probabilities),
    })),
  }));
  const file = {
    ...{ format: BUNDLE_FORMAT, version: 1, name, label },
    experiment: formatExperiment(experiment, catalog),
    forks,
    madeBy: bundle.madeBy,
    curves: curves.map(({ arm, seed, metrics }) => ({
      ...{ arm, seed },
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([id, values]) => [id, Array.from(values, shortest)]),
      ),
    })),
    ...{ responses, difficulty, probes },
    checkpoint: checkpoint && {
      runs: checkpoint.runs.map(({ parameters, m, v: squares, ...run }) => ({
        ...run,
        parameters: floatsToText(parameters),
        m: floatsToText(m),
        v: floatsToText(squares),
      })),
      base: floatsToText(checkpoint.base),
      tile: checkpoint.tile,
      sampling: checkpoint.sampling,
    },
  };
  return `${JSON.stringify(file)}\n`;
}

/**
 * @param vocabularySize tokens of a task: no response may hold another one
 * @returns the bundle, and a line for each part of its experiment that has no effect
 * @throws {RangeError} `where: what must hold, got what`, for the first thing that does not
 */
export function parseBundle(
  json: unknown,
  catalog: Catalog,
  vocabularySize: (task: string) => number,
): { bundle: Bundle; notices: string[] } {
  const file = check('bundle', BundleShape, json);
  const { experiment, notices } = parseExperiment(file.experiment, catalog);
  const known = new Set(
    experiment.arms.flatMap(({ id }) => experiment.seeds.map((seed) => `${id}/${seed}`)),
  );
  const isRun = (where: string, { arm, seed }: RunId): void => {
    if (!known.has(`${arm}/${seed}`)) {
      throw new RangeError(`bundle.${where}: must be of a run it has, got ${arm}/${seed}`);
    }
  };
  const forked = new Set(file.forks.map(({ arm }) => arm));
  if (experiment.arms.every(({ id }) => forked.has(id))) {
    throw new RangeError('bundle.forks: must leave an arm that is no fork, got every arm');
  }
  for (const curve of file.curves) isRun('curves', curve);
  for (const { first, last } of file.difficulty) {
    isRun('difficulty', first);
    isRun('difficulty', last);
  }
  const size = vocabularySize(experiment.task);
  const areTokens = (where: string, tokens: readonly number[][]): void => {
    const bad = tokens.flat().find((token) => token >= size);
    if (bad === undefined) return;
    throw new RangeError(`bundle.${where}: tokens must be below ${size}, got ${bad}`);
  };
  for (const shown of file.responses) {
    isRun('responses', shown);
    areTokens('responses', [shown.prompt, ...shown.samples.map((sample) => sample.tokens)]);
  }
  const probes = file.probes.map((event): KeptProbes => {
    isRun('probes', event);
    const samples = event.samples.map((sample) => {
      areTokens('probes', [sample.prompt, sample.context, sample.tokens]);
      const where = `bundle.probes.${event.arm}/${event.seed}`;
      const probabilities = finite(where, floatsFromText(where, sample.probabilities));
      const wanted = sample.context.length * size;
      if (probabilities.length === wanted) return { ...sample, probabilities };
      throw new RangeError(
        `${where}: must have ${wanted} probabilities, got ${probabilities.length}`,
      );
    });
    return { ...event, samples };
  });
  const checkpoint = file.checkpoint && {
    experiment,
    runs: file.checkpoint.runs.map((run): RunCheckpoint => {
      isRun('checkpoint', run);
      const where = `bundle.checkpoint.${run.arm}/${run.seed}`;
      return {
        ...run,
        parameters: finite(where, floatsFromText(where, run.parameters)),
        m: finite(where, floatsFromText(where, run.m)),
        v: finite(where, floatsFromText(where, run.v)),
      };
    }),
    base: finite('bundle.checkpoint.base', floatsFromText('bundle.base', file.checkpoint.base)),
    ...usedIn(file.checkpoint),
  };
  const curves = file.curves.map(
    ({ arm, seed, metrics }): BundleCurve => ({
      ...{ arm, seed },
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([id, values]) => [
          id,
          Float32Array.from(values, (value) => value ?? Number.NaN),
        ]),
      ),
    }),
  );
  const { name, label, forks, madeBy, responses, difficulty } = file;
  return {
    bundle: {
      ...(madeBy && { madeBy }),
      name,
      label,
      experiment,
      forks,
      curves,
      responses,
      difficulty,
      probes,
      checkpoint,
    },
    notices,
  };
}

/** As few digits as give the same 32-bit float; null where there is no number. */
function shortest(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function finite(where: string, values: Float32Array): Float32Array {
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad < 0) return values;
  throw new RangeError(`${where}: must be finite, got ${values[bad]} at ${bad}`);
}
