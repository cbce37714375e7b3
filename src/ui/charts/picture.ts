/** A chart as a picture for slides and papers: title, legend, curves, and below them how they were made. */
import type { Axis } from './axis.ts';
import type { ChartData } from './chart_data.ts';
import type { DrawnArm } from './frame.ts';
import {
  axisMarks,
  type Box,
  curveMarks,
  linear,
  logarithmic,
  type Paper,
  type Project,
} from './plot_marks.ts';
import { type Mark, path, text, toSvg, wrap } from './scene.ts';

export const WIDTH = 960;
const PLOT_HEIGHT = 420;
const EDGE = 32;

export interface Picture {
  title: string;
  arms: readonly DrawnArm[];
  xName: string;
  yName: string;
  /** Paragraphs below the plot: caption, then settings. */
  notes: readonly string[];
  paper: Paper;
}

/** What stands above and below a plot, and the space between them. */
export function pictureSvg(picture: Picture, draw: (box: Box) => Mark[]): string {
  const { title, arms, notes, paper } = picture;
  const legend = legendMarks(arms, paper);
  const top = 84 + legend.rows * 24;
  const bottom = top + PLOT_HEIGHT;
  const box: Box = {
    ...{ width: WIDTH, height: bottom + 50, left: EDGE + 44, right: EDGE },
    top: top + 24,
    bottom: 50,
  };
  const lines = notes.flatMap((note) => [...wrap(note, 132), '']);
  const height = bottom + 74 + lines.length * 18;
  const marks: Mark[] = [
    { tag: 'rect', attrs: { width: WIDTH, height, fill: paper.page } },
    text(EDGE, 48, title, { fill: paper.ink, 'font-size': 24, 'font-weight': 600 }),
    ...legend.marks,
    ...draw(box),
    ...lines.map((line, i) =>
      text(EDGE, bottom + 84 + i * 18, line, { fill: paper.quiet, 'font-size': 13 }),
    ),
  ];
  return toSvg(marks, WIDTH, height, { title, description: notes.join(' ') });
}

function legendMarks(arms: readonly DrawnArm[], paper: Paper) {
  let x = EDGE;
  let row = 0;
  const marks = arms.flatMap((arm) => {
    const needed = 42 + arm.name.length * 8 + 28;
    if (x + needed > WIDTH - EDGE && x > EDGE) {
      x = EDGE;
      row++;
    }
    const y = 78 + row * 24;
    const line = path(`M${x} ${y}H${x + 34}`, {
      stroke: arm.stroke,
      'stroke-width': 3,
      ...(arm.dash ? { 'stroke-dasharray': arm.dash } : {}),
    });
    const name = text(x + 42, y + 5, arm.name, { fill: paper.ink, 'font-size': 15 });
    x += needed;
    return [line, name];
  });
  return { marks, rows: row + 1 };
}

export interface CurvePicture extends Picture {
  data: ChartData;
  x: Axis;
  isLog: boolean;
}

export function curvePicture(picture: CurvePicture): string {
  return pictureSvg(picture, (box) => {
    const { data, x, isLog, arms, paper } = picture;
    const [top, bottom] = [box.top, box.height - box.bottom];
    const project: { x: Project; y: Project } = {
      x: linear(x.domain, box.left, box.width - box.right),
      y: (isLog ? logarithmic : linear)(data.y.domain, bottom, top),
    };
    const axes = { x, y: data.y, project };
    return [
      ...axisMarks(box, axes, { x: picture.xName, y: picture.yName }, paper, 14),
      ...curveMarks(data, arms, project, box),
    ];
  });
}
