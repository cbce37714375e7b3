/** The crosshair over a plot: follows the mouse, a finger or the arrow keys, in all charts at once. */
import type { KeyboardEvent, PointerEvent } from 'react';
import type { Metric } from '../../metrics/index.ts';
import type { History } from '../history.ts';
import { type DrawnArm, FRAME } from './Curves.tsx';
import type { Row } from './chart_data.ts';
import { pointAt, useCrosshair } from './crosshair.ts';
import { describe, valueAt } from './Readouts.tsx';

interface Props {
  metric: Metric;
  history: History;
  arms: readonly DrawnArm[];
  rows: readonly Row[];
  /** Step at the right end of the axis. */
  last: number;
  width: number;
  height: number;
}

export function PlotOverlay({ metric, history, arms, rows, last, width, height }: Props) {
  const step = useCrosshair();
  const newest = rows[rows.length - 1]?.step ?? 0;
  const inner = width - FRAME.left - FRAME.right;
  const shown = step === undefined ? undefined : Math.min(step, newest);

  function onMove(event: PointerEvent<HTMLDivElement>) {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - FRAME.left;
    const at = Math.round((x / inner) * last);
    pointAt(Math.min(newest, Math.max(0, at)));
  }

  function onKey(event: KeyboardEvent) {
    const from = shown ?? newest;
    const big = Math.max(1, Math.round(last / 10));
    const to: Record<string, number> = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      PageDown: from - big,
      PageUp: from + big,
      Home: 0,
      End: newest,
    };
    if (event.key === 'Escape') pointAt(undefined);
    if (!(event.key in to)) return;
    event.preventDefault();
    pointAt(Math.min(newest, Math.max(0, to[event.key])));
  }

  const values = arms.map((arm) => describe(arm.name, valueAt(history, arm.id, metric, shown)));
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${metric.label} by step`}
      aria-valuemin={0}
      aria-valuemax={newest}
      aria-valuenow={shown ?? newest}
      aria-valuetext={`step ${shown ?? newest}. ${values.join('. ')}`}
      style={{ position: 'absolute', inset: 0, borderRadius: 4, touchAction: 'pan-y' }}
      onPointerMove={onMove}
      onPointerDown={onMove}
      onPointerLeave={() => pointAt(undefined)}
      onBlur={() => pointAt(undefined)}
      onKeyDown={onKey}
    >
      {shown !== undefined && (
        <div
          className="crosshair"
          style={{
            left: FRAME.left + (inner * shown) / last,
            height: height - FRAME.bottom,
          }}
        >
          <span>{shown}</span>
        </div>
      )}
    </div>
  );
}
