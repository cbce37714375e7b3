/** A phase plot as marks: paths colored by time, arrow heads along them, a ring at the start, a name at the end. */
import { type Axis, axisFor } from './axis.ts';
import type { DrawnArm } from './frame.ts';
import type { PhasePoint } from './phase_data.ts';
import type { Box, Paper, Project } from './plot_marks.ts';
import { rampColor } from './ramp.ts';
import { type Mark, path, round, text, through } from './scene.ts';
import { spreadLabels } from './spread_labels.ts';

/** Pieces of one color each. */
const PIECES = 24;
/** Arrow heads on a path, the last at its end. */
const ARROWS = [0.25, 0.5, 0.75, 1];

export interface PhaseArm {
  arm: DrawnArm;
  points: readonly PhasePoint[];
}

/** Axes that hold all paths; `range` where a metric has a natural one. */
export function phaseAxis(values: readonly number[], range?: readonly [number, number]): Axis {
  if (range) return axisFor(range[0], range[1]);
  return axisFor(Math.min(0, ...values), Math.max(0, ...values));
}

interface Style {
  scheme: 'light' | 'dark';
  paper: Paper;
  font: number;
  line: number;
}

export function phaseMarks(
  all: readonly PhaseArm[],
  lastStep: number,
  project: { x: Project; y: Project },
  box: Box,
  style: Style,
): Mark[] {
  const drawn = all.filter(({ points }) => points.length > 0);
  const ends = drawn.map(({ points }) => points[points.length - 1]);
  // Above the end, where the path itself is seldom.
  const wanted = ends.map((end) => project.y(end.y) - style.font);
  const ys = spreadLabels(
    wanted,
    style.font * 1.15,
    box.top,
    box.height - box.bottom - style.font * 0.7,
  );
  const names: Mark[] = [];
  const paths = drawn.flatMap(({ arm, points }, index) => {
    const pixels = points.map((p): [number, number] => [project.x(p.x), project.y(p.y)]);
    const color = (i: number) => rampColor(points[i].step / Math.max(1, lastStep), style.scheme);
    const [x, y] = pixels[0];
    const start: Mark = {
      tag: 'circle',
      attrs: {
        ...{ cx: round(x), cy: round(y), r: style.line * 1.7 },
        ...{ fill: style.paper.page, stroke: color(0), 'stroke-width': style.line },
      },
    };
    const end = pixels[pixels.length - 1];
    const isRight = end[0] > box.width - box.right - arm.name.length * style.font * 0.55 - 12;
    const name = text(end[0] + (isRight ? 2 : 6), ys[index] + style.font * 0.35, arm.name, {
      ...{ fill: arm.stroke, 'font-size': style.font, 'font-weight': 600 },
      ...{ stroke: style.paper.page, 'stroke-width': 3, 'paint-order': 'stroke' },
      'text-anchor': isRight ? 'end' : 'start',
    });
    names.push(name);
    return [...pieces(pixels, arm.dash, color, style.line), start, ...arrows(pixels, color)];
  });
  // Names last: no path runs through one.
  return [...paths, ...names];
}

/** The path in pieces of one color; the dash pattern runs on from piece to piece. */
function pieces(
  pixels: readonly [number, number][],
  dash: string,
  color: (i: number) => string,
  width: number,
): Mark[] {
  const marks: Mark[] = [];
  const size = Math.max(1, Math.ceil((pixels.length - 1) / PIECES));
  let done = 0;
  for (let from = 0; from < pixels.length - 1; from += size) {
    const piece = pixels.slice(from, from + size + 1);
    const attrs = { stroke: color(from), 'stroke-width': width, 'stroke-linejoin': 'round' };
    const dashes: Mark['attrs'] = dash
      ? { 'stroke-dasharray': dash, 'stroke-dashoffset': round(done) }
      : {};
    marks.push(path(through(piece), { ...attrs, ...dashes }));
    for (let i = 1; i < piece.length; i++) {
      done += Math.hypot(piece[i][0] - piece[i - 1][0], piece[i][1] - piece[i - 1][1]);
    }
  }
  return marks;
}

function arrows(pixels: readonly [number, number][], color: (i: number) => string): Mark[] {
  if (pixels.length < 3) return [];
  return ARROWS.flatMap((share) => {
    const at = Math.round(share * (pixels.length - 1));
    // Direction over a few points, so that noise does not turn the arrow.
    const back = pixels[Math.max(0, at - 3)];
    const tip = pixels[at];
    const length = Math.hypot(tip[0] - back[0], tip[1] - back[1]);
    if (length < 2) return [];
    const [dx, dy] = [(tip[0] - back[0]) / length, (tip[1] - back[1]) / length];
    const corner = (side: number): [number, number] => [
      tip[0] - 8 * dx + side * 4.5 * dy,
      tip[1] - 8 * dy - side * 4.5 * dx,
    ];
    return [path(`${through([tip, corner(1), corner(-1)])}Z`, { fill: color(at) })];
  });
}
