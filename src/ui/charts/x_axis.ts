/**
 * Where a step stands on the x-axis: at its number, at the response tokens so far, or at the seconds of the run's own
 * time so far. Tokens of a step are response length × batch; its seconds are these by its measured tokens per second.
 */
import { runKey } from '../../core/experiment.ts';
import { METRIC_INDEX } from '../../metrics/index.ts';
import type { History, RunHistory } from '../history.ts';
import { type Axis, niceCeil, partAxis, stepAxis } from './axis.ts';
import type { Domain } from './zoom.ts';

export const X_BY = ['step', 'tokens', 'seconds'] as const;
export type XBy = (typeof X_BY)[number];

export const X_LABELS: Record<XBy, string> = {
  step: 'step',
  tokens: 'response tokens',
  seconds: 'seconds of the run’s own time',
};

/** How steps become x. */
export interface XScale {
  by: XBy;
  /** Responses of one step. */
  batch: number;
}

/**
 * [steps] of one run; NaN from the first step on that lacks a measurement. A fork stands from its first row on where its
 * source did by then, and before it nowhere: at −∞.
 * @param among the runs beside it; a fork's source is the one whose row it begins with
 */
export function runPositions(
  run: RunHistory,
  { by, batch }: XScale,
  among: readonly RunHistory[] = [],
): Float64Array {
  const lengths = run.columns[METRIC_INDEX.response_length];
  const speeds = run.columns[METRIC_INDEX.tokens_per_second];
  const xs = new Float64Array(run.length);
  const first = by === 'step' ? 0 : beginning(run);
  const source = first > 0 ? sourceOf(run, first, among) : undefined;
  if (source) {
    xs.fill(Number.NEGATIVE_INFINITY, 0, first);
    xs[first] = runPositions(source, { by, batch }, among)[first];
  }
  for (let step = source ? first + 1 : 1; step < run.length; step++) {
    const tokens = lengths[step] * batch;
    const size = by === 'tokens' ? tokens : tokens / speeds[step];
    xs[step] = by === 'step' ? step : xs[step - 1] + (Number.isFinite(size) ? size : Number.NaN);
  }
  return xs;
}

/** First step with anything measured. */
function beginning({ columns, length }: RunHistory): number {
  for (let step = 0; step < length; step++) {
    if (columns.some((column) => Number.isFinite(column[step]))) return step;
  }
  return 0;
}

/** The run of this seed that came to the step before and has the same row there. */
function sourceOf(
  { seed, columns }: RunHistory,
  step: number,
  among: readonly RunHistory[],
): RunHistory | undefined {
  return among.find(
    (other) =>
      other.seed === seed &&
      other.length > step &&
      beginning(other) < step &&
      columns.every((column, metric) => Object.is(column[step], other.columns[metric][step])),
  );
}

interface Known {
  version: number;
  positions: Map<string, Float64Array>;
}
const cache = new WeakMap<History, Known>();

/** Computed once for what is measured so far. */
function remembered(history: History, key: string, compute: () => Float64Array): Float64Array {
  let known = cache.get(history);
  if (known?.version !== history.version) {
    known = { version: history.version, positions: new Map() };
    cache.set(history, known);
  }
  const found = known.positions.get(key) ?? compute();
  known.positions.set(key, found);
  return found;
}

/** [steps] of one seed's own curve. */
export function seedPositions(history: History, run: RunHistory, scale: XScale): Float64Array {
  const key = `${scale.by} ${scale.batch} ${runKey(run)}`;
  return remembered(history, key, () => runPositions(run, scale, history.runs()));
}

/** [steps] of an arm's mean curve: the mean position of the seeds that have the step. */
export function armPositions(history: History, arm: string, scale: XScale): Float64Array {
  return remembered(history, `${scale.by} ${scale.batch} ${arm}`, () => {
    const runs = history.runs().filter((run) => run.arm === arm);
    return meanPositions(runs.map((run) => seedPositions(history, run, scale)));
  });
}

function meanPositions(each: readonly Float64Array[]): Float64Array {
  const xs = Float64Array.from({ length: Math.max(0, ...each.map((x) => x.length)) }, (_, step) => {
    const there = each.flatMap((x) => (step < x.length ? [x[step]] : []));
    return there.reduce((sum, x) => sum + x, 0) / there.length;
  });
  // A seed that stopped early must not make the axis run backwards.
  for (let i = 1; i < xs.length; i++) if (xs[i] < xs[i - 1]) xs[i] = xs[i - 1];
  return xs;
}

/** Last step at or before x; −1 before the first. */
export function stepAt(xs: Float64Array, x: number): number {
  let low = -1;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (xs[middle] <= x * (1 + 1e-12)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Largest x that any seed of the arms has reached; 0 before the first step. */
export function reach(history: History, arms: readonly string[], scale: XScale): number {
  return history.runs().reduce((most, run) => {
    if (!arms.includes(run.arm)) return most;
    const xs = seedPositions(history, run, scale);
    let last = xs.length - 1;
    while (last > 0 && !Number.isFinite(xs[last])) last--;
    return Math.max(most, xs[last] ?? 0);
  }, 0);
}

/** Right end of an axis of tokens or seconds: a round number, so that it moves seldom. */
export function roundEnd(reached: number): number {
  if (!(reached > 0)) return 1;
  const part = niceCeil(reached / 5);
  return Number((Math.ceil(reached / part - 1e-9) * part).toPrecision(10));
}

/** The part in view, else all of it: steps end with a labeled last one, tokens and seconds with a round one. */
export function xAxis({ by }: XScale, last: number, zoom: Domain | undefined, count: number): Axis {
  if (zoom) return partAxis(zoom, count);
  return by === 'step' ? stepAxis(last, count) : partAxis([0, last], count);
}

export function formatX(x: number, by: XBy): string {
  if (by === 'step') return String(Math.round(x));
  if (by === 'seconds') return `${x < 10 ? x.toFixed(1) : Math.round(x)} s`;
  if (x < 1e4) return String(Math.round(x));
  return x < 1e6 ? `${(x / 1e3).toFixed(1)}k` : `${(x / 1e6).toFixed(2)}M`;
}
