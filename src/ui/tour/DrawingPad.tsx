/** A small plot to draw a curve on, with the mouse or a finger. For keys there are the shapes above it. */
import { type PointerEvent, useRef } from 'react';
import { POINTS } from './shapes.ts';

const WIDTH = 340;
const HEIGHT = 110;

interface Props {
  top: number;
  start: number;
  topText: string;
  /** What is predicted so far. */
  lines: readonly { id: string; stroke: string; points: readonly number[] }[];
  /** Of the arm that is drawn. */
  stroke: string;
  own: readonly number[] | undefined;
  onDraw: (points: number[]) => void;
}

export function DrawingPad({ top, start, topText, lines, stroke, own, onDraw }: Props) {
  const stroked = useRef<{ points: number[]; last: number } | undefined>(undefined);

  function at(event: PointerEvent<SVGSVGElement>): { i: number; value: number } {
    const box = event.currentTarget.getBoundingClientRect();
    const clamp = (x: number) => Math.min(1, Math.max(0, x));
    return {
      i: Math.round(clamp((event.clientX - box.left) / box.width) * (POINTS - 1)),
      value: top * (1 - clamp((event.clientY - box.top) / box.height)),
    };
  }

  function begin(event: PointerEvent<SVGSVGElement>) {
    event.currentTarget.setPointerCapture(event.pointerId);
    const { i, value } = at(event);
    const points = [...(own ?? Array.from({ length: POINTS }, () => start))];
    // All curves start where the base is; what follows the pen stays level until it is drawn.
    points.fill(value, Math.max(1, i));
    stroked.current = { points, last: i };
    onDraw(points);
  }

  function move(event: PointerEvent<SVGSVGElement>) {
    const now = stroked.current;
    if (!now) return;
    const { i, value } = at(event);
    const points = [...now.points];
    const from = points[now.last] as number;
    const span = Math.abs(i - now.last) || 1;
    for (let k = 1; k <= span; k++) {
      const index = now.last + Math.sign(i - now.last) * k;
      if (index > 0) points[index] = from + ((value - from) * k) / span;
    }
    if (i >= now.last) points.fill(value, Math.max(1, i));
    stroked.current = { points, last: i };
    onDraw(points);
  }

  const path = (points: readonly number[]) =>
    `M${points
      .map(
        (v, i) =>
          `${((WIDTH * i) / (POINTS - 1)).toFixed(1)} ${(HEIGHT * (1 - v / top)).toFixed(1)}`,
      )
      .join('L')}`;
  return (
    <div className="tour-pad" aria-hidden="true">
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={() => {
          stroked.current = undefined;
        }}
      >
        {[0.25, 0.5, 0.75].map((y) => (
          <path key={y} d={`M0 ${HEIGHT * y}H${WIDTH}`} stroke="var(--grid)" />
        ))}
        {lines.map(({ id, stroke: color, points }) => (
          <path key={id} d={path(points)} fill="none" stroke={color} strokeDasharray="2 4" />
        ))}
        <circle cx="3" cy={HEIGHT * (1 - start / top)} r="4" fill={stroke} />
      </svg>
      <span className="tour-pad-top number">{topText}</span>
      <span className="tour-pad-end">end of training</span>
    </div>
  );
}
