/** A metric against the setting that arms differ in: mean over seeds with its interval at each value. Pure. */
import { METRIC_INDEX, type MetricId } from '../../metrics/index.ts';
import { type Axis, axisFor } from '../charts/axis.ts';
import type { DrawnArm } from '../charts/frame.ts';
import { metricOf } from '../charts/phase_plot.ts';
import { axisMarks, type Box, type Paper, projection } from '../charts/plot_marks.ts';
import { type Mark, path, round, text, through } from '../charts/scene.ts';
import { formatSetting, formatValue } from '../format.ts';
import type { History } from '../history.ts';
import { type Interval, interval } from '../interval.ts';
import type { Sweep } from './sweep.ts';

export interface SweepPoint extends Interval {
  id: string;
  value: number;
}

/** At the last step at which all runs of the sweep have been measured; failed runs are left out. */
export function sweepPoints(
  history: History,
  metric: MetricId,
  { arms }: Sweep,
  seeds: readonly number[],
): { step: number; points: SweepPoint[] } {
  const column = METRIC_INDEX[metric];
  const runs = arms.map(({ id }) =>
    seeds.flatMap((seed) => {
      const run = history.run({ arm: id, seed });
      return run && !run.failed ? [run] : [];
    }),
  );
  const all = runs.flat();
  let step = Math.min(...all.map((run) => run.length)) - 1;
  const isMeasured = (at: number) => all.every((run) => Number.isFinite(run.columns[column][at]));
  while (step >= 0 && !isMeasured(step)) step--;
  if (all.length === 0 || step < 0) return { step: -1, points: [] };
  const points = arms.flatMap(({ id, value }, i) => {
    const values = runs[i].map((run) => run.columns[column][step]);
    return values.length > 0 ? [{ id, value, ...interval(values) }] : [];
  });
  return { step, points };
}

/** Values stand side by side at equal distances, whatever lies between them. */
export function sweepPlot(
  points: readonly SweepPoint[],
  { label }: Sweep,
  metric: MetricId,
  arms: readonly DrawnArm[],
  box: Box,
  paper: Paper,
  font: number,
): Mark[] {
  const { label: name, range = [0, 1] } = metricOf(metric);
  const y = axisFor(...range);
  const x: Axis = { domain: [-0.5, points.length - 0.5], ticks: [] };
  const project = projection(box, x, y);
  const bottom = box.height - box.bottom;
  const clipped = (value: number) =>
    round(project.y(Math.min(y.domain[1], Math.max(y.domain[0], value))));
  const dots = points.flatMap(({ id, mean, low, high }, i): Mark[] => {
    const stroke = arms.find((arm) => arm.id === id)?.stroke ?? paper.ink;
    const at = round(project.x(i));
    const bar = Number.isFinite(low)
      ? [path(`M${at} ${clipped(low)}V${clipped(high)}`, { stroke, 'stroke-width': 2 })]
      : [];
    return [...bar, { tag: 'circle', attrs: { cx: at, cy: clipped(mean), r: 4, fill: stroke } }];
  });
  const line = points.map(({ mean }, i): [number, number] => [project.x(i), project.y(mean)]);
  return [
    ...axisMarks(box, { x, y, project }, { x: label, y: name }, paper, font),
    ...points.map(({ value }, i) =>
      text(project.x(i), bottom + font * 1.5, formatSetting(value), {
        ...{ fill: paper.quiet, 'font-size': font, 'text-anchor': 'middle' },
      }),
    ),
    path(through(line), { stroke: paper.quiet, 'stroke-dasharray': '2 3' }),
    ...dots,
  ];
}

/** The plot without looking at it. */
export function sweepText(
  points: readonly SweepPoint[],
  { label }: Sweep,
  metric: MetricId,
  step: number,
): string {
  const parts = points.map(({ value, mean, low, high, n }) => {
    const spread = Number.isFinite(low)
      ? `, 95 % from ${formatValue(low)} to ${formatValue(high)}`
      : '';
    return `at ${label} ${formatSetting(value)} ${formatValue(mean)} (${n === 1 ? 'one seed' : `${n} seeds`}${spread})`;
  });
  return `${metricOf(metric).label} at step ${step}: ${parts.join('; ')}.`;
}
