/** The drawing itself, by Recharts: no animation, no dots, fixed margins so that the overlay knows where a step is. */
import { memo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import { type Axis, formatTick } from './axis.ts';
import { bandKey, type ChartData, meanKey, seedKey } from './chart_data.ts';
import type { DrawnArm, Frame } from './frame.ts';

interface Props {
  data: ChartData;
  x: Axis;
  arms: readonly DrawnArm[];
  width: number;
  height: number;
  frame: Frame;
  isLog: boolean;
  isEmpty: boolean;
  /** Width of a mean's line. */
  line?: number;
}

export const Curves = memo(function Curves(props: Props) {
  const { data, x, arms, width, height, frame, isLog, isEmpty, line = 2 } = props;
  const curves = curvesOf(data, arms, line);
  return (
    <div aria-hidden="true">
      <ComposedChart
        width={width}
        height={height}
        data={data.rows}
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
          width={frame.left}
          domain={data.y.domain}
          ticks={data.y.ticks}
          scale={isLog ? 'log' : 'linear'}
          axisLine={false}
          tickLine={false}
          // An axis without data and without a natural range has nothing to say.
          tickFormatter={isEmpty ? () => '' : formatTick}
          interval={0}
          allowDataOverflow
        />
        {data.seeds.length === 0 &&
          arms.map((arm) => (
            <Area
              key={bandKey(arm.id)}
              dataKey={bandKey(arm.id)}
              fill={arm.stroke}
              fillOpacity={0.14}
              stroke="none"
              connectNulls
              isAnimationActive={false}
              activeDot={false}
            />
          ))}
        {curves.map(({ key, arm, width: strokeWidth }) => (
          <Line
            key={key}
            className={`curve-${arm.id}`}
            dataKey={key}
            stroke={arm.stroke}
            strokeWidth={strokeWidth}
            strokeDasharray={arm.dash}
            connectNulls
            strokeLinejoin="round"
            // One value alone has no line yet.
            dot={data.rows.length === 1 ? { r: 3, fill: arm.stroke, stroke: 'none' } : false}
            activeDot={false}
            isAnimationActive={false}
          />
        ))}
      </ComposedChart>
    </div>
  );
});

/** The lines of a chart: a mean for each arm, or a thin one for each of its seeds. */
export function curvesOf(data: ChartData, arms: readonly DrawnArm[], line: number) {
  return arms.flatMap((arm) => {
    const seeds = data.seeds.filter((s) => s.arm === arm.id);
    const width = arm.isRecorded ? line / 2 : line;
    if (data.seeds.length === 0) return [{ key: meanKey(arm.id), arm, width }];
    return seeds.map(({ seed }) => ({ key: seedKey(arm.id, seed), arm, width: width * 0.6 }));
  });
}
