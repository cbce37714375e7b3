/** Axes and curves of a chart as marks: what the page draws, for pictures that leave it. */
import { type Axis, formatTick } from './axis.ts';
import type { ChartData } from './chart_data.ts';
import { bandShapes, lineShapes } from './curve_shapes.ts';
import type { DrawnArm, Frame } from './frame.ts';
import { type Mark, path, round, text } from './scene.ts';

export interface Paper {
  page: string;
  ink: string;
  quiet: string;
  grid: string;
}

export const PAPER: Record<'light' | 'dark', Paper> = {
  light: { page: '#ffffff', ink: '#16202a', quiet: '#52606d', grid: '#e0e4e9' },
  dark: { page: '#171c22', ink: '#e7ecf0', quiet: '#9dabb8', grid: '#2a323b' },
};

/** From a value to a pixel. */
export type Project = (value: number) => number;

export function linear([low, high]: readonly [number, number], from: number, to: number): Project {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

/** Both axes of a plot that grow to the right and upward. */
export const projection = (box: Box, x: Axis, y: Axis) => ({
  x: linear(x.domain, box.left, box.width - box.right),
  y: linear(y.domain, box.height - box.bottom, box.top),
});

export function logarithmic(
  [low, high]: readonly [number, number],
  from: number,
  to: number,
): Project {
  const inner = linear([Math.log(low), Math.log(high)], from, to);
  return (value) => inner(Math.log(value));
}

export interface Box extends Frame {
  width: number;
  height: number;
}

/** What a plot is drawn on. */
export interface Sheet {
  box: Box;
  paper: Paper;
  scheme: 'light' | 'dark';
}

/** Grid, tick labels and axis names. */
export function axisMarks(
  box: Box,
  axes: { x: Axis; y: Axis; project: { x: Project; y: Project } },
  names: { x: string; y: string },
  paper: Paper,
  size: number,
): Mark[] {
  const { x, y, project } = axes;
  const right = box.width - box.right;
  const bottom = box.height - box.bottom;
  const quiet = { fill: paper.quiet, 'font-size': size };
  const lines = y.ticks.map((tick) =>
    path(`M${box.left} ${round(project.y(tick))}H${right}`, { stroke: paper.grid }),
  );
  const yLabels = y.ticks.map((tick) =>
    text(box.left - size * 0.6, project.y(tick) + size * 0.35, formatTick(tick), {
      ...quiet,
      'text-anchor': 'end',
    }),
  );
  const xLabels = x.ticks.map((tick) =>
    text(project.x(tick), bottom + size * 1.5, formatTick(tick), {
      ...quiet,
      'text-anchor': 'middle',
    }),
  );
  const xName = text((box.left + right) / 2, bottom + size * 2.9, names.x, {
    ...quiet,
    'text-anchor': 'middle',
  });
  const yName = names.y === '' ? [] : [text(box.left, box.top - size * 0.9, names.y, quiet)];
  return [
    ...lines,
    path(`M${box.left} ${bottom}H${right}`, { stroke: paper.quiet }),
    ...yLabels,
    ...xLabels,
    xName,
    ...yName,
  ];
}

/** Bands and lines; what reaches beyond the plot area is cut off at its edge. */
export function curveMarks(
  data: ChartData,
  arms: readonly DrawnArm[],
  project: { x: Project; y: Project },
  box: Box,
): Mark[] {
  const clip = (value: number, low: number, high: number) =>
    Math.min(high, Math.max(low, Number.isFinite(value) ? value : high));
  const at = (x: number, y: number): [number, number] => [
    clip(project.x(x), box.left, box.width - box.right),
    clip(project.y(y), box.top, box.height - box.bottom),
  ];
  const bands = bandShapes(data, arms, at).map(({ arm, d }) =>
    path(d, { fill: arm.stroke, 'fill-opacity': 0.14 }),
  );
  const lines = lineShapes(data, arms, 2.5, at).map(({ arm, d, width }) =>
    path(d, {
      stroke: arm.stroke,
      'stroke-width': width,
      'stroke-linejoin': 'round',
      ...(arm.dash ? { 'stroke-dasharray': arm.dash } : {}),
    }),
  );
  return [...bands, ...lines];
}
