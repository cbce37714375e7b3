/** The arms' names at the ends of their lines, so that nobody has to match colors with a legend. */

import type { Axis } from '../charts/axis.ts';
import type { ChartData } from '../charts/chart_data.ts';
import { curvesOf } from '../charts/curve_shapes.ts';
import type { DrawnArm, Frame } from '../charts/frame.ts';
import { linear } from '../charts/plot_marks.ts';
import { spreadLabels } from '../charts/spread_labels.ts';

interface Props {
  data: ChartData;
  x: Axis;
  arms: readonly DrawnArm[];
  width: number;
  height: number;
  frame: Frame;
  font: number;
}

export function LineEnds({ data, x, arms, width, height, frame, font }: Props) {
  const y = linear(data.y.domain, height - frame.bottom, frame.top);
  const right = width - frame.right;
  const xOf = linear(x.domain, frame.left, right);
  const ends = arms.flatMap((arm) => {
    const keys = curvesOf(data, [arm], 1).map(({ key }) => key);
    const row = data.rows.findLast((r) => keys.some((key) => typeof r[key] === 'number'));
    const values = keys.map((key) => row?.[key]).filter((v) => typeof v === 'number');
    if (values.length === 0) return [];
    const at = y(values.reduce((sum, v) => sum + v, 0) / values.length);
    return [
      { arm, at, left: Math.min(right, Math.max(frame.left, xOf(row?.x ?? 0))) + font * 0.4 },
    ];
  });
  // Beside the longest line, so that no name lies on another arm's curve.
  const left = Math.max(...ends.map((end) => end.left));
  const wanted = ends.map(({ at }) => at);
  const bottom = height - frame.bottom - font / 2;
  const tops = spreadLabels(wanted, font * 1.1, frame.top + font / 2, bottom);
  return (
    <div className="line-ends" aria-hidden="true">
      {ends.map(({ arm }, i) => (
        <span
          key={arm.id}
          title={arm.name}
          style={{
            color: arm.stroke,
            top: tops[i],
            left,
            width: frame.right - font * 0.4,
          }}
        >
          {arm.name}
        </span>
      ))}
    </div>
  );
}
