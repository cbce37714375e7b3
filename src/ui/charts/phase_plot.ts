/** A phase plot whole: axes with their names, and the paths. */
import { METRIC_INDEX, METRICS, type Metric } from '../../metrics/index.ts';
import type { Phase } from './phase_data.ts';
import { type PhaseArm, phaseAxis, phaseMarks } from './phase_marks.ts';
import { axisMarks, type Box, linear, type Paper } from './plot_marks.ts';
import type { Mark } from './scene.ts';

export const metricOf = (id: Phase['x']): Metric => METRICS[METRIC_INDEX[id]];
const nameOf = ({ label, unit }: Metric) => (unit ? `${label}, ${unit}` : label);

export function phasePlot(
  phase: Phase,
  paths: readonly PhaseArm[],
  last: number,
  box: Box,
  paper: Paper,
  scheme: 'light' | 'dark',
  font: number,
): Mark[] {
  const [mx, my] = [metricOf(phase.x), metricOf(phase.y)];
  const all = paths.flatMap(({ points }) => points);
  const x = phaseAxis(
    all.map((p) => p.x),
    mx.range,
  );
  const y = phaseAxis(
    all.map((p) => p.y),
    my.range,
  );
  const project = {
    x: linear(x.domain, box.left, box.width - box.right),
    y: linear(y.domain, box.height - box.bottom, box.top),
  };
  const names = { x: nameOf(mx), y: nameOf(my) };
  const style = { scheme, paper, font: font + 1, line: font / 5 };
  return [
    ...axisMarks(box, { x, y, project }, names, paper, font),
    ...phaseMarks(paths, last, project, box, style),
  ];
}
