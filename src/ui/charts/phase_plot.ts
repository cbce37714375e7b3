/** A phase plot whole: axes with their names, and the paths. */
import { METRIC_INDEX, METRICS, type Metric } from '../../metrics/index.ts';
import type { ArmLaw } from './law.ts';
import type { Phase } from './phase_data.ts';
import { type PhaseArm, phaseAxis, phaseMarks } from './phase_marks.ts';
import { axisMarks, type Box, type Paper, type Project, projection } from './plot_marks.ts';
import { type Mark, path, round, text, through } from './scene.ts';

export const metricOf = (id: Phase['x']): Metric => METRICS[METRIC_INDEX[id]];
const nameOf = ({ label, unit }: Metric) => (unit ? `${label}, ${unit}` : label);

/** A phase plot with the value of x that cannot be passed, where there is one. */
export type DrawnPhase = Phase & { limitAt?: number; laws?: readonly ArmLaw[] };

export function phasePlot(
  phase: DrawnPhase,
  paths: readonly PhaseArm[],
  last: number,
  box: Box,
  paper: Paper,
  scheme: 'light' | 'dark',
  font: number,
): Mark[] {
  const [mx, my] = [metricOf(phase.x), metricOf(phase.y)];
  const all = paths.flatMap(({ points }) => points);
  const { limitAt, limit } = phase;
  const x = phaseAxis(
    [...all.map((p) => p.x), ...(limitAt === undefined ? [] : [1.1 * limitAt])],
    mx.range,
  );
  const y = phaseAxis(
    all.map((p) => p.y),
    my.range,
  );
  const project = projection(box, x, y);
  const names = { x: nameOf(mx), y: nameOf(my) };
  const style = { scheme, paper, font: font + 1, line: font / 5 };
  return [
    ...limitMarks(limitAt, limit?.name ?? '', project.x, box, paper, font),
    ...axisMarks(box, { x, y, project }, names, paper, font),
    ...lawMarks(phase.laws ?? [], project, y.domain, font),
    ...phaseMarks(paths, last, project, box, style),
  ];
}

/** Fitted lines, dotted in their arm's color, as far as they are on the plot. */
function lawMarks(
  laws: readonly ArmLaw[],
  project: { x: Project; y: Project },
  [low, high]: readonly [number, number],
  font: number,
): Mark[] {
  return laws.flatMap(({ arm, curve = [] }) => {
    const inside = curve.filter(([, y]) => y >= low && y <= high);
    if (inside.length < 2) return [];
    const line = inside.map(([x, y]): [number, number] => [project.x(x), project.y(y)]);
    const attrs = { stroke: arm.stroke, 'stroke-width': font / 8, 'stroke-dasharray': '1 3' };
    return [path(through(line), attrs)];
  });
}

/** What lies beyond the limit is shaded, and the limit named. */
function limitMarks(
  at: number | undefined,
  name: string,
  project: (x: number) => number,
  box: Box,
  paper: Paper,
  font: number,
): Mark[] {
  if (at === undefined) return [];
  const [x, right, bottom] = [project(at), box.width - box.right, box.height - box.bottom];
  const attrs = { x: round(x), y: box.top, height: bottom - box.top, fill: paper.grid };
  const style = { fill: paper.quiet, 'font-size': font, 'text-anchor': 'end' };
  return [
    { tag: 'rect', attrs: { ...attrs, width: round(Math.max(0, right - x)) } },
    path(`M${round(x)} ${box.top}V${bottom}`, { stroke: paper.quiet, 'stroke-dasharray': '3 3' }),
    text(x - font / 2, box.top + font, name, style),
  ];
}
