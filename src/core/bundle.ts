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
  RunIdShape,
  StepShape,
} from './kept_details.ts';
import { formatExperiment, parseExperiment } from './parse.ts';
import type { Checkpoint, RunCheckpoint } from './report.ts';

export const BUNDLE_FORMAT = 'entroscope-bundle';
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
  curves: BundleCurve[];
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
  curves: v.pipe(v.array(CurveShape), v.maxLength(MAX_RUNS)),
  ...DetailsShape.entries,
  checkpoint: v.optional(
    v.object({ runs: v.pipe(v.array(StateShape), v.maxLength(MAX_RUNS)), base: v.string() }),
  ),
});

/** True for a parsed file that says it is a bundle; whether it is a good one, `parseBundle` says. */
export function isBundle(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'format' in json;
}

/** The text of the file. */
export function formatBundle(bundle: Bundle, catalog: Catalog): string {
  const { name, label, experiment, forks, curves, responses, difficulty, checkpoint } = bundle;
  const file = {
    ...{ format: BUNDLE_FORMAT, version: 1, name, label },
    experiment: formatExperiment(experiment, catalog),
    forks,
    curves: curves.map(({ arm, seed, metrics }) => ({
      ...{ arm, seed },
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([id, values]) => [id, Array.from(values, shortest)]),
      ),
    })),
    ...{ responses, difficulty },
    checkpoint: checkpoint && {
      runs: checkpoint.runs.map(({ parameters, m, v: squares, ...run }) => ({
        ...run,
        parameters: floatsToText(parameters),
        m: floatsToText(m),
        v: floatsToText(squares),
      })),
      base: floatsToText(checkpoint.base),
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
  for (const curve of file.curves) isRun('curves', curve);
  for (const { first, last } of file.difficulty) {
    isRun('difficulty', first);
    isRun('difficulty', last);
  }
  const size = vocabularySize(experiment.task);
  for (const shown of file.responses) {
    isRun('responses', shown);
    const tokens = [shown.prompt, ...shown.samples.map((sample) => sample.tokens)].flat();
    const bad = tokens.find((token) => token >= size);
    if (bad !== undefined)
      throw new RangeError(`bundle.responses: tokens must be below ${size}, got ${bad}`);
  }
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
  const { name, label, forks, responses, difficulty } = file;
  return {
    bundle: { name, label, experiment, forks, curves, responses, difficulty, checkpoint },
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
