/** The drawing itself: curves as plain paths over the axes. Every update draws them anew, so they must be cheap. */
import { memo } from 'react';
import { Axes } from './Axes.tsx';
import type { Axis } from './axis.ts';
import type { ChartData } from './chart_data.ts';
import { bandShapes, lineShapes, type Place } from './curve_shapes.ts';
import type { DrawnArm, Frame } from './frame.ts';
import { linear, logarithmic } from './plot_marks.ts';

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

/** A line on the edge of the plot area shows whole. */
const BLEED = 2;

export const Curves = memo(function Curves(props: Props) {
  const { data, x, arms, width, height, frame, isLog, isEmpty, line = 2 } = props;
  const inner = {
    width: width - frame.left - frame.right,
    height: height - frame.top - frame.bottom,
  };
  const xOf = linear(x.domain, 0, inner.width);
  const yOf = (isLog ? logarithmic : linear)(data.y.domain, inner.height, 0);
  const at: Place = (xValue, yValue) => [xOf(xValue), yOf(yValue)];
  const size = { width: Math.max(0, inner.width), height: Math.max(0, inner.height + 2 * BLEED) };
  return (
    <div aria-hidden="true">
      <Axes
        x={x}
        y={data.y}
        width={width}
        height={height}
        frame={frame}
        isLog={isLog}
        isEmpty={isEmpty}
      />
      <svg
        className="plot-curves"
        aria-hidden="true"
        style={{ left: frame.left, top: frame.top - BLEED }}
        {...size}
        viewBox={`0 ${-BLEED} ${size.width} ${size.height}`}
      >
        {bandShapes(data, arms, at).map(({ key, arm, d }) => (
          <path key={key} d={d} fill={arm.stroke} fillOpacity={0.14} />
        ))}
        {lineShapes(data, arms, line, at).map(({ key, arm, d, width: strokeWidth, alone }) => (
          <g key={key} className={`curve-${arm.id}`}>
            <path
              d={d}
              fill="none"
              stroke={arm.stroke}
              strokeWidth={strokeWidth}
              strokeDasharray={arm.dash}
              strokeLinejoin="round"
            />
            {alone && <circle cx={alone[0]} cy={alone[1]} r={3} fill={arm.stroke} />}
          </g>
        ))}
      </svg>
    </div>
  );
});
