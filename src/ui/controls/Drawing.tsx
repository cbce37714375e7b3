/** A few settings along the run as one curve: each point is moved by dragging it or with the arrow keys. */
import type { KeyboardEvent, PointerEvent } from 'react';
import type { NumberParam, Params, Values } from '../../core/param.ts';
import { formatSetting } from '../format.ts';
import { Help } from './Help.tsx';
import './drawing.css';

interface Props {
  owner: string;
  /** Short names of number settings with the same range, in the order of the run. */
  points: readonly string[];
  params: Params;
  values: Values;
  onChange: (key: string, value: number) => void;
}

const [WIDTH, HEIGHT, EDGE] = [264, 120, 16];
/** Steps over the whole range: one for an arrow key, ten for a page. */
const STEPS = 200;

export function Drawing({ owner, points, params, values, onChange }: Props) {
  const declared = points.map((name) => params[name] as NumberParam);
  const { min, max, unit } = declared[0] as NumberParam;
  const at = points.map((name, i) => values[`${owner}.${name}`] ?? declared[i]?.default ?? min);
  const x = (i: number) => EDGE + (i / (points.length - 1)) * (WIDTH - 2 * EDGE);
  const y = (value: number) => HEIGHT - EDGE - ((value - min) / (max - min)) * (HEIGHT - 2 * EDGE);
  const place = (i: number, value: number) => {
    const stops = Math.round(((value - min) / (max - min)) * STEPS);
    const next = min + (Math.min(Math.max(stops, 0), STEPS) / STEPS) * (max - min);
    onChange(`${owner}.${points[i]}`, Number(next.toPrecision(6)));
  };

  function drag(event: PointerEvent<SVGCircleElement>, i: number): void {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect();
    if (!box) return;
    const down = ((event.clientY - box.top) / box.height) * HEIGHT;
    place(i, min + ((HEIGHT - EDGE - down) / (HEIGHT - 2 * EDGE)) * (max - min));
  }

  function press(event: KeyboardEvent, i: number): void {
    const step = (max - min) / STEPS;
    const value = at[i] as number;
    const next = {
      ArrowUp: value + step,
      ArrowRight: value + step,
      ArrowDown: value - step,
      ArrowLeft: value - step,
      PageUp: value + 10 * step,
      PageDown: value - 10 * step,
      Home: min,
      End: max,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    place(i, next);
  }

  const line = at.map((value, i) => `${x(i)},${y(value)}`).join(' ');
  return (
    <div className="param">
      <div className="param-head">
        <span className="param-label">
          drawn curve <span className="quiet small">{unit}</span>
        </span>
        <Help of="the drawn curve">
          <p>{declared[0]?.help}</p>
          <p>
            Drag the points up and down, or move to one with Tab and use the arrow keys, Page Up and
            Page Down, Home and End.
          </p>
        </Help>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of sliders that share one picture */}
      <svg
        className="drawing"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="group"
        aria-label="Curve along the run"
      >
        {[min, (min + max) / 2, max].map((value) => (
          <g key={value}>
            <line
              className="drawing-grid"
              x1={EDGE}
              x2={WIDTH - EDGE}
              y1={y(value)}
              y2={y(value)}
            />
            <text x={WIDTH - EDGE} y={y(value) - 3} textAnchor="end">
              {formatSetting(value)}
            </text>
          </g>
        ))}
        <polyline className="drawing-line" points={line} />
        {at.map((value, i) => (
          <circle
            key={points[i]}
            className="drawing-point"
            cx={x(i)}
            cy={y(value)}
            r={7}
            role="slider"
            tabIndex={0}
            aria-label={declared[i]?.label}
            aria-orientation="vertical"
            aria-valuemin={min}
            aria-valuemax={max}
            aria-valuenow={value}
            aria-valuetext={`${formatSetting(value)} ${unit ?? ''}`}
            onKeyDown={(event) => press(event, i)}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={(event) => drag(event, i)}
          />
        ))}
      </svg>
      <p className="quiet small">
        {at.map((value) => formatSetting(value)).join(' → ')} {unit}, first step to last
      </p>
    </div>
  );
}
