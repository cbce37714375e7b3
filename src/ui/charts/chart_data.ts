/** Curves of one metric, ready to be drawn: smoothed first, then thinned out, the same steps for every arm. */
import { METRIC_INDEX, type Metric, type MetricId } from '../../metrics/index.ts';
import { keepExtremes } from '../decimate.ts';
import type { History, RunHistory } from '../history.ts';
import { interval } from '../interval.ts';
import { smooth } from '../smooth.ts';
import { type Axis, axisFor, logAxis } from './axis.ts';
import { armPositions, seedPositions, type XScale } from './x_axis.ts';
import type { Domain } from './zoom.ts';

export const MAX_POINTS = 300;
/** A small chart has no room for more. */
export const MAX_POINTS_SMALL = 150;

/** One place on the x-axis: `mean_<arm>`, `band_<arm>` as [low, high], or `seed_<arm>_<seed>`. */
export type Row = { x: number } & Record<string, number | [number, number] | undefined>;

export interface ChartData {
  rows: Row[];
  y: Axis;
  /** Seeds of each arm that have lines of their own. */
  seeds: { arm: string; seed: number }[];
  /** Values that a logarithmic axis has no place for. */
  dropped: number;
}

export interface ChartOptions {
  scale: XScale;
  window: number;
  spread: 'band' | 'seeds';
  isLog: boolean;
  zoom: Domain | undefined;
  /** Most places on the x-axis. */
  points?: number;
}

export const PLAIN: ChartOptions = {
  scale: { by: 'step', batch: 1 },
  window: 1,
  spread: 'band',
  isLog: false,
  zoom: undefined,
};

export const meanKey = (arm: string) => `mean_${arm}`;
export const bandKey = (arm: string) => `band_${arm}`;
export const seedKey = (arm: string, seed: number) => `seed_${arm}_${seed}`;

export function chartData(
  history: History,
  metric: Metric,
  arms: readonly string[],
  options: ChartOptions = PLAIN,
): ChartData {
  const { scale, window, spread, isLog, zoom, points = MAX_POINTS } = options;
  const share = Math.floor(points / Math.max(1, arms.length));
  const [least, most] = metric.range ?? [0, Number.POSITIVE_INFINITY];
  const rows = new Map<number, Row>();
  const seeds: ChartData['seeds'] = [];
  const extent = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  let dropped = 0;
  const isDrawn = (value: number) => {
    if (!Number.isFinite(value)) return false;
    if (isLog && value <= 0) dropped++;
    return !isLog || value > 0;
  };
  const see = (value: number) => {
    extent.low = Math.min(extent.low, value);
    extent.high = Math.max(extent.high, value);
  };

  const rowAt = (x: number): Row => {
    const row: Row = rows.get(x) ?? { x };
    rows.set(x, row);
    return row;
  };

  for (const arm of arms) {
    const curves = smoothedRuns(history, arm, metric.id as MetricId, window);
    const length = commonLength(curves.map(({ run }) => run));
    if (spread === 'seeds') {
      const each = Math.max(4, Math.floor(share / curves.length));
      for (const { run, values } of curves) {
        seeds.push({ arm, seed: run.seed });
        // Where this seed is by then: by tokens or seconds, seeds of an arm stand apart.
        const own = seedPositions(history, run, scale);
        for (const step of keepExtremes(onlyInView(values.subarray(0, length), own, zoom), each)) {
          if (!isDrawn(values[step])) continue;
          rowAt(own[step])[seedKey(arm, run.seed)] = values[step];
          see(values[step]);
        }
      }
      continue;
    }
    const xs = armPositions(history, arm, scale);
    for (const step of keepExtremes(onlyInView(meansOf(curves, length), xs, zoom), share)) {
      const row = rowAt(xs[step]);
      const there = curves.flatMap(({ values }) =>
        step < values.length && Number.isFinite(values[step]) ? [values[step]] : [],
      );
      const at = interval(there);
      if (!isDrawn(at.mean)) continue;
      row[meanKey(arm)] = at.mean;
      see(at.mean);
      if (at.n < 2) continue;
      // A band may promise more than a metric can be; it is drawn as far as that goes.
      const lowest = isLog ? Math.max(at.low, at.mean / 10) : Math.max(least, at.low);
      const band: [number, number] = [lowest, Math.min(most, at.high)];
      row[bandKey(arm)] = band;
      // One wide interval shall not press all curves flat.
      see(Math.min(band[1], Math.max(at.mean, 2 * at.mean)));
      if (isLog) see(Math.max(band[0], at.mean / 2));
    }
  }
  return {
    rows: [...rows.values()].sort((a, b) => a.x - b.x),
    y: yAxis(metric, isLog, extent),
    seeds,
    dropped,
  };
}

function yAxis(metric: Metric, isLog: boolean, extent: { low: number; high: number }): Axis {
  if (isLog) return logAxis(extent.low, extent.high);
  if (metric.range) return axisFor(metric.range[0], metric.range[1]);
  const { low, high } = extent;
  return axisFor(Math.min(0, low), Math.max(0, high));
}

export interface RunCurve {
  run: RunHistory;
  values: Float32Array;
}

/** Each seed's curve, smoothed by itself. */
export function smoothedRuns(
  history: History,
  arm: string,
  metric: MetricId,
  window: number,
): RunCurve[] {
  return history
    .runs()
    .filter((run) => run.arm === arm)
    .map((run) => {
      const column = run.columns[METRIC_INDEX[metric]].subarray(0, run.length);
      return { run, values: smooth(column, window) };
    });
}

/** Steps that every running seed has; a failed seed counts as far as it came. */
export function commonLength(runs: readonly RunHistory[]): number {
  const live = runs.filter((run) => !run.failed);
  if (live.length > 0) return Math.min(...live.map((run) => run.length));
  return Math.max(0, ...runs.map((run) => run.length));
}

/** Mean over the seeds that have a step; NaN where none has. */
export function meansOf(curves: readonly RunCurve[], length: number): Float32Array {
  return Float32Array.from({ length }, (_, step) => {
    let sum = 0;
    let n = 0;
    for (const { values } of curves) {
      if (step >= values.length || !Number.isFinite(values[step])) continue;
      sum += values[step];
      n++;
    }
    return n > 0 ? sum / n : Number.NaN;
  });
}

/** NaN outside of the view and where x is unknown; one value beyond either end stays, so that lines go on. */
function onlyInView(values: Float32Array, xs: Float64Array, zoom: Domain | undefined) {
  const [from, to] = zoom ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let first = 0;
  let last = values.length - 1;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    if (xs[i] < from) first = i;
    if (xs[i] > to) {
      last = i;
      break;
    }
  }
  return values.map((value, i) =>
    i >= first && i <= last && Number.isFinite(xs[i]) ? value : Number.NaN,
  );
}
