/** Curves of one metric, ready to be drawn: at most 300 points a line, the same steps for every arm. */
import type { Metric, MetricId } from '../../metrics/index.ts';
import { keepExtremes } from '../decimate.ts';
import type { History } from '../history.ts';
import { type Axis, axisFor } from './axis.ts';

export const MAX_POINTS = 300;

/** One step: `mean_<arm>` and, with two seeds or more, `band_<arm>` as [low, high]. */
export type Row = { step: number } & Record<string, number | [number, number] | undefined>;

export interface ChartData {
  rows: Row[];
  y: Axis;
}

export const meanKey = (arm: string) => `mean_${arm}`;
export const bandKey = (arm: string) => `band_${arm}`;

export function chartData(history: History, metric: Metric, arms: readonly string[]): ChartData {
  const id = metric.id as MetricId;
  const means = arms.map((arm) => history.means(arm, id));
  const share = Math.floor(MAX_POINTS / Math.max(1, arms.length));
  const steps = new Set(means.flatMap((mean) => keepExtremes(mean, share)));
  let low = 0;
  let high = 0;
  const rows = [...steps]
    .sort((a, b) => a - b)
    .map((step): Row => {
      const row: Row = { step };
      arms.forEach((arm, index) => {
        if (!Number.isFinite(means[index][step])) return;
        const at = history.at(arm, id, step);
        if (!at) return;
        row[meanKey(arm)] = at.mean;
        low = Math.min(low, at.mean);
        high = Math.max(high, at.mean);
        if (at.n < 2) return;
        // A band may promise more than a metric can be; it is drawn as far as that goes.
        const [least, most] = metric.range ?? [0, Number.POSITIVE_INFINITY];
        const band: [number, number] = [Math.max(least, at.low), Math.min(most, at.high)];
        row[bandKey(arm)] = band;
        // One wide interval shall not press all curves flat.
        high = Math.max(high, Math.min(band[1], 2 * at.mean));
      });
      return row;
    });
  const y = metric.range ? axisFor(metric.range[0], metric.range[1]) : axisFor(low, high);
  return { rows, y };
}
