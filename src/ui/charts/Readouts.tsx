/** Values of every arm in one row: at the crosshair, else the newest. The row is always there, so nothing jumps. */
import type { Metric, MetricId } from '../../metrics/index.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { formatValue } from '../format.ts';
import type { History } from '../history.ts';
import type { Interval } from '../interval.ts';
import { useCrosshair } from './crosshair.ts';
import type { DrawnArm } from './frame.ts';
import { armPositions, stepAt, type XScale } from './x_axis.ts';

interface Props {
  metric: Metric;
  history: History;
  version: number;
  scale: XScale;
  arms: readonly DrawnArm[];
}

export function Readouts({ metric, history, scale, arms }: Props) {
  const x = useCrosshair();
  // Values of recorded lines would push the row apart; the crosshair tells them.
  const live = arms
    .filter((arm) => !arm.isRecorded)
    .map((arm) => ({ arm, value: valueAt(history, arm.id, metric, scale, x) }));
  // Where nothing has been measured the plot says so once; the row keeps its room.
  const isEmpty = x === undefined && live.every(({ value }) => !value);
  return (
    <div className="readouts" style={isEmpty ? { visibility: 'hidden' } : undefined}>
      {live.map(({ arm, value }) => (
        <span key={arm.id} className="readout" title={describe(arm.name, value)}>
          <LineSample color={arm.color} width={16} />
          <span className="visually-hidden">{arm.name}: </span>
          {formatValue(value?.mean)}
        </span>
      ))}
    </div>
  );
}

/**
 * As measured, never smoothed: at the last step up to x; at the last evaluation before it, for a metric measured at
 * evaluations; the newest without an x.
 */
export function valueAt(
  history: History,
  arm: string,
  metric: Metric,
  scale: XScale,
  x: number | undefined,
): Interval | undefined {
  const id = metric.id as MetricId;
  const means = history.means(arm, id);
  const step = x === undefined ? means.length : stepAt(armPositions(history, arm, scale), x);
  const from = Math.min(step, means.length - 1);
  const isSparse = x === undefined || metric.when === 'eval';
  for (let s = from; s >= 0; s--) {
    if (Number.isFinite(means[s])) return history.at(arm, id, s);
    if (!isSparse) return undefined;
  }
  return undefined;
}

export function describe(name: string, value: Interval | undefined): string {
  if (!value) return `${name}: not measured`;
  const mean = `${name}: ${formatValue(value.mean)}`;
  if (value.n < 2) return `${mean}, 1 seed, no interval`;
  const interval = `${formatValue(value.low)} to ${formatValue(value.high)}`;
  return `${mean}, 95 % interval ${interval} over ${value.n} seeds`;
}
