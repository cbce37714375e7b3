/** A phase plot as marks: paths colored by time, arrow heads along them, a ring at the start, a name at the end. */
import { type Axis, axisFor } from './axis.ts';
import type { DrawnArm } from './frame.ts';
import type { PhasePoint } from './phase_data.ts';
import { nameWidth, placeNames } from './phase_names.ts';
import type { Box, Paper, Project } from './plot_marks.ts';
import { rampColor } from './ramp.ts';
import { type Mark, path, round, text, through } from './scene.ts';

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
  const drawn = all
    .filter(({ points }) => points.length > 0)
    .map(({ arm, points }) => ({
      arm,
      points,
      pixels: points.map((p): [number, number] => [project.x(p.x), project.y(p.y)]),
    }));
  const paths = drawn.flatMap(({ arm, points, pixels }) => {
    const color = (i: number) => rampColor(points[i].step / Math.max(1, lastStep), style.scheme);
    const [x, y] = pixels[0];
    const start: Mark = {
      tag: 'circle',
      attrs: {
        ...{ cx: round(x), cy: round(y), r: style.line * 1.7 },
        ...{ fill: style.paper.page, stroke: color(0), 'stroke-width': style.line },
      },
    };
    return [...pieces(pixels, arm.dash, color, style.line), start, ...arrows(pixels, color)];
  });
  // Names last: no path runs through one.
  return [...paths, ...names(drawn, box, style)];
}

/** Each in its arm's color, with a line to its end where that is not beside it. */
function names(
  drawn: readonly { arm: DrawnArm; pixels: readonly [number, number][] }[],
  box: Box,
  { font, paper }: Style,
): Mark[] {
  const ends = drawn.map(({ arm, pixels }) => {
    const [x, y] = pixels[pixels.length - 1];
    return { name: arm.name, x, y };
  });
  const room = {
    left: box.left + font / 3,
    top: box.top,
    right: box.width - 2,
    bottom: box.height - box.bottom - 1,
  };
  const placed = placeNames(
    ends,
    drawn.flatMap(({ pixels }) => dotted(pixels, 3)),
    room,
    font,
  );
  const leaders = placed.flatMap(({ x, y, anchor }, i): Mark[] => {
    const end = ends[i];
    const from = x + (anchor === 'start' ? -2 : 2);
    const width = nameWidth(placed[i].name, font);
    const left = anchor === 'start' ? x : x - width;
    const beside = Math.max(0, left - end.x, end.x - left - width);
    if (Math.hypot(beside, end.y - y) < 1.6 * font) return [];
    const attrs = { stroke: drawn[i].arm.stroke, 'stroke-width': font / 12 };
    return [path(through([[from, y], [end.x, end.y]]), attrs)]; // biome-ignore format: two points
  });
  const texts = placed.map(({ name, x, y, anchor }, i) =>
    text(x, y + font * 0.35, name, {
      ...{ fill: drawn[i].arm.stroke, 'font-size': font, 'font-weight': 600 },
      ...{ stroke: paper.page, 'stroke-width': 3, 'paint-order': 'stroke' },
      'text-anchor': anchor,
    }),
  );
  return [...leaders, ...texts];
}

/** Points along a path, `every` pixels apart. */
function dotted(pixels: readonly [number, number][], every: number): [number, number][] {
  return pixels.flatMap(([x, y], i) => {
    const [px, py] = pixels[Math.max(0, i - 1)];
    const count = Math.max(1, Math.ceil(Math.hypot(x - px, y - py) / every));
    return Array.from({ length: count }, (_, k): [number, number] => {
      const share = (k + 1) / count;
      return [px + share * (x - px), py + share * (y - py)];
    });
  });
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
