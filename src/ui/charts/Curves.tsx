/** The drawing itself, by Recharts: no animation, no dots, fixed margins so that the overlay knows where a step is. */
import { memo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import { type Axis, formatTick } from './axis.ts';
import { bandKey, type ChartData, meanKey } from './chart_data.ts';

/** Space around the plot area, in pixels. */
export const FRAME = { left: 40, right: 10, top: 6, bottom: 22 } as const;

/** An arm as the charts draw it. */
export interface DrawnArm {
  id: string;
  name: string;
  stroke: string;
  dash: string;
  color: number;
  /** Of a kept run, not of the engine: thin, without a band. */
  isRecorded?: boolean;
}

interface Props {
  data: ChartData;
  x: Axis;
  arms: readonly DrawnArm[];
  width: number;
  height: number;
  isEmpty: boolean;
}

export const Curves = memo(function Curves({ data, x, arms, width, height, isEmpty }: Props) {
  const live = arms.filter((arm) => !arm.isRecorded);
  return (
    <div aria-hidden="true">
      <ComposedChart
        width={width}
        height={height}
        data={data.rows}
        margin={{ top: FRAME.top, right: FRAME.right, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--grid)" />
        <XAxis
          dataKey="step"
          type="number"
          domain={x.domain}
          ticks={x.ticks}
          height={FRAME.bottom}
          axisLine={{ stroke: 'var(--line)' }}
          tickLine={false}
          tickFormatter={formatTick}
          interval={0}
          allowDataOverflow
        />
        <YAxis
          width={FRAME.left}
          domain={data.y.domain}
          ticks={data.y.ticks}
          axisLine={false}
          tickLine={false}
          // An axis without data and without a natural range has nothing to say.
          tickFormatter={isEmpty ? () => '' : formatTick}
          interval={0}
          allowDataOverflow
        />
        {live.map((arm) => (
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
        {arms.map((arm) => (
          <Line
            key={meanKey(arm.id)}
            className={`curve-${arm.id}`}
            dataKey={meanKey(arm.id)}
            stroke={arm.stroke}
            strokeWidth={arm.isRecorded ? 1.1 : 2}
            strokeOpacity={arm.isRecorded ? 0.75 : 1}
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
