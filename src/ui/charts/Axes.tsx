/** Grid and tick labels, by Recharts; drawn anew only when an axis changes, which most updates leave as it is. */
import { memo } from 'react';
import { CartesianGrid, ComposedChart, XAxis, YAxis } from 'recharts';
import { type Axis, formatTick } from './axis.ts';
import type { Frame } from './frame.ts';

interface Props {
  x: Axis;
  y: Axis;
  width: number;
  height: number;
  frame: Frame;
  isLog: boolean;
  /** An axis without data and without a natural range has nothing to say. */
  isEmpty: boolean;
}

const NOTHING: [] = [];

export const Axes = memo(function Axes({ x, y, width, height, frame, isLog, isEmpty }: Props) {
  return (
    <ComposedChart
      width={width}
      height={height}
      data={NOTHING}
      margin={{ top: frame.top, right: frame.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="x"
        type="number"
        domain={x.domain}
        ticks={x.ticks}
        height={frame.bottom}
        axisLine={{ stroke: 'var(--line)' }}
        tickLine={false}
        tickFormatter={formatTick}
        interval={0}
        allowDataOverflow
      />
      <YAxis
        dataKey="y"
        type="number"
        width={frame.left}
        domain={y.domain}
        ticks={y.ticks}
        scale={isLog ? 'log' : 'linear'}
        axisLine={false}
        tickLine={false}
        tickFormatter={isEmpty ? () => '' : formatTick}
        interval={0}
        allowDataOverflow
      />
    </ComposedChart>
  );
}, isSame);

function isSame(before: Props, after: Props): boolean {
  const { x, y, ...rest } = after;
  return (
    isSameAxis(before.x, x) &&
    isSameAxis(before.y, y) &&
    (Object.keys(rest) as (keyof typeof rest)[]).every((key) => before[key] === after[key])
  );
}

function isSameAxis(a: Axis, b: Axis): boolean {
  return a === b || (String(a.domain) === String(b.domain) && String(a.ticks) === String(b.ticks));
}
