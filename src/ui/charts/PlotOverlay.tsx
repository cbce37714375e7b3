/**
 * Over a plot: the crosshair, which follows the mouse, a finger or the arrow keys in all charts at once, and the zoom,
 * by dragging with the mouse or by + and −, back by a double click or 0.
 */
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import type { Metric } from '../../metrics/index.ts';
import type { History } from '../history.ts';
import { setView, useView } from '../view.ts';
import { pointAt, useCrosshair } from './crosshair.ts';
import type { DrawnArm, Frame } from './frame.ts';
import { describe, valueAt } from './Readouts.tsx';
import { formatX, type XScale } from './x_axis.ts';
import { clampDomain, type Domain, pan, seenPart, zoomAround } from './zoom.ts';

interface Props {
  metric: Metric;
  history: History;
  arms: readonly DrawnArm[];
  scale: XScale;
  /** Part of the axis in view, and all of it. */
  domain: Domain;
  whole: Domain;
  /** Where the curves begin and end. */
  extent: Domain;
  width: number;
  height: number;
  frame: Frame;
}

/** Pixels that tell a drag from a press. */
const DRAG = 6;

export function PlotOverlay(props: Props) {
  const { metric, history, arms, scale, domain, whole, extent, width, height, frame } = props;
  const at = useCrosshair();
  const isZoomed = useView((view) => view.zoom !== undefined);
  /** Pixels at which a drag began and is. */
  const [drag, setDrag] = useState<[number, number]>();
  const inner = Math.max(1, width - frame.left - frame.right);
  const size = domain[1] - domain[0];
  const least = scale.by === 'step' ? 4 : (whole[1] - whole[0]) / 100;
  const unit = scale.by === 'step' ? 1 : size / 100;
  const inside = (x: number, [low, high]: Domain) => Math.min(high, Math.max(low, x));
  const seen = seenPart(domain, extent);
  const shown = at === undefined ? undefined : inside(at, seen);
  const isDragging = drag !== undefined && Math.abs(drag[1] - drag[0]) >= DRAG;

  const pixelOf = (event: PointerEvent<HTMLDivElement>) =>
    inside(event.clientX - event.currentTarget.getBoundingClientRect().left - frame.left, [
      0,
      inner,
    ]);
  const xOf = (pixel: number) => domain[0] + (pixel / inner) * size;
  const zoomTo = (wanted: Domain) => setView({ zoom: clampDomain(wanted, whole, least) });

  function onMove(event: PointerEvent<HTMLDivElement>) {
    const pixel = pixelOf(event);
    if (drag) setDrag([drag[0], pixel]);
    const x = xOf(pixel);
    pointAt(inside(scale.by === 'step' ? Math.round(x) : x, seen));
  }

  function onDown(event: PointerEvent<HTMLDivElement>) {
    if (event.pointerType !== 'touch' && event.button === 0) {
      event.currentTarget.setPointerCapture(event.pointerId);
      const pixel = pixelOf(event);
      setDrag([pixel, pixel]);
    }
    onMove(event);
  }

  function onUp() {
    if (drag && isDragging) zoomTo([xOf(Math.min(...drag)), xOf(Math.max(...drag))]);
    setDrag(undefined);
  }

  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = shown ?? seen[1];
    const moves: Record<string, number> = {
      ArrowLeft: from - unit,
      ArrowRight: from + unit,
      PageDown: from - 10 * unit,
      PageUp: from + 10 * unit,
      Home: seen[0],
      End: seen[1],
    };
    const zooms: Record<string, () => void> = {
      '+': () => zoomTo(zoomAround(domain, from, 0.5)),
      '=': () => zoomTo(zoomAround(domain, from, 0.5)),
      '-': () => zoomTo(zoomAround(domain, from, 2)),
      '0': () => setView({ zoom: undefined }),
    };
    if (event.key === 'Escape') pointAt(undefined);
    if (event.shiftKey && event.key.startsWith('Arrow')) {
      zoomTo(pan(domain, event.key === 'ArrowLeft' ? -0.25 : 0.25));
    } else if (event.key in moves) pointAt(inside(moves[event.key], seen));
    else if (event.key in zooms) zooms[event.key]();
    else return;
    event.preventDefault();
  }

  const values = arms.map((arm) =>
    describe(arm.name, valueAt(history, arm.id, metric, scale, shown)),
  );
  const left = (x: number) => frame.left + (inner * (x - domain[0])) / size;
  const now = shown ?? seen[1];
  return (
    <div
      role="slider"
      tabIndex={0}
      className="plot-overlay"
      aria-label={`${metric.label} by ${scale.by}`}
      aria-description="Plus and minus zoom, Shift and arrows move, 0 shows all."
      aria-valuemin={Math.round(seen[0])}
      aria-valuemax={Math.round(seen[1])}
      aria-valuenow={Math.round(now)}
      aria-valuetext={`${scale.by} ${formatX(now, scale.by)}. ${values.join('. ')}`}
      onPointerMove={onMove}
      onPointerDown={onDown}
      onPointerUp={onUp}
      onPointerCancel={() => setDrag(undefined)}
      onPointerLeave={() => pointAt(undefined)}
      onDoubleClick={() => isZoomed && setView({ zoom: undefined })}
      onBlur={() => pointAt(undefined)}
      onKeyDown={onKey}
    >
      {isDragging && (
        <div
          className="zoom-range"
          style={{
            left: frame.left + Math.min(...drag),
            width: Math.abs(drag[1] - drag[0]),
            top: frame.top,
            height: height - frame.bottom - frame.top,
          }}
        />
      )}
      {shown !== undefined && (
        <div className="crosshair" style={{ left: left(shown), height: height - frame.bottom }}>
          <span>{formatX(shown, scale.by)}</span>
        </div>
      )}
    </div>
  );
}
