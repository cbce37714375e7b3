/** What tokens tell about the answer as two drawings: along the reasoning, and by kind of token through training. Pure. */
import { superfluousBeforeNewest } from '../../core/thin_out.ts';
import { type Axis, axisFor, partAxis, stepAxis } from '../charts/axis.ts';
import { axisMarks, projection, type Sheet } from '../charts/plot_marks.ts';
import { rampColor } from '../charts/ramp.ts';
import { type Mark, path, round, through } from '../charts/scene.ts';
import { kindsOf, type Told } from './gain_history.ts';

/** Evaluations whose curve is drawn: the first, the newest and some between. */
const MOST_CURVES = 6;
const FONT = 11;

/** Dash patterns of kinds of tokens, in their order. */
const DASHES = ['', '7 3', '2 3', '10 3 2 3', '14 4'] as const;
export const dashOf = (kind: number): string => DASHES[kind % DASHES.length];

export interface Look extends Sheet {
  /** The same for all that is compared. */
  y: Axis;
  /** Step at which the axis of time ends, likewise. */
  newest: number;
}

/** nats, over everything that will stand on one page */
export function gainAxis(histories: readonly (readonly Told[])[]): Axis {
  const values = histories
    .flat()
    .flatMap(({ parts, kinds }) => [...parts, ...[...kinds.values()].map((k) => k.mean)])
    .filter(Number.isFinite);
  const low = Math.min(0, ...values);
  const [, top] = axisFor(0, Math.max(0.1, ...values), 3).domain;
  // A little below the lowest: a step more would take a third of the height.
  return partAxis([low < 0 ? low - 0.04 * (top - low) : 0, top], 3);
}

/** A curve for each of some evaluations, its color the time; the newest is the widest. */
export function placeMarks(history: readonly Told[], look: Look): Mark[] {
  const { box, paper, scheme } = look;
  const x: Axis = { domain: [0, 1], ticks: [0, 0.5, 1] };
  const project = projection(look.box, x, look.y);
  const gone = new Set(
    superfluousBeforeNewest(
      history.map(({ step }) => step),
      MOST_CURVES,
    ),
  );
  const drawn = history.filter(({ step }) => !gone.has(step));
  const last = history.at(-1)?.step;
  const names = { x: 'share of the reasoning', y: '' };
  return [
    ...axisMarks(box, { x, y: look.y, project }, names, paper, FONT),
    ...zeroLine(look, project.y),
    ...drawn.map(({ step, parts }): Mark => {
      const at = parts.flatMap((value, i): [number, number][] =>
        Number.isFinite(value) ? [[project.x((i + 0.5) / parts.length), project.y(value)]] : [],
      );
      return path(through(at), {
        stroke: rampColor(look.newest > 0 ? step / look.newest : 1, scheme),
        'stroke-width': step === last ? 2.5 : 1.5,
        'stroke-linejoin': 'round',
      });
    }),
  ];
}

/** A line for each kind of token, its dash the kind; a dot alone where there is one evaluation. */
export function kindMarks(history: readonly Told[], stroke: string, look: Look): Mark[] {
  const { box, paper } = look;
  const x = stepAxis(look.newest, 3);
  const project = projection(look.box, x, look.y);
  const names = { x: 'step', y: '' };
  return [
    ...axisMarks(box, { x, y: look.y, project }, names, paper, FONT),
    ...zeroLine(look, project.y),
    ...kindsOf(history).flatMap((kind, k): Mark[] => {
      const at = history.flatMap(({ step, kinds }): [number, number][] => {
        const value = kinds.get(kind)?.mean;
        return value === undefined ? [] : [[project.x(step), project.y(value)]];
      });
      const dots = at.map(([cx, cy]): Mark => {
        return { tag: 'circle', attrs: { cx: round(cx), cy: round(cy), r: 2, fill: stroke } };
      });
      const dash = dashOf(k);
      const look = { stroke, 'stroke-width': 2, ...(dash && { 'stroke-dasharray': dash }) };
      return at.length > 1 ? [path(through(at), look), ...dots] : dots;
    }),
  ];
}

/** Below it a token makes the answer less sure. */
function zeroLine({ box, y, paper }: Look, project: (value: number) => number): Mark[] {
  if (y.domain[0] >= 0) return [];
  const at = round(project(0));
  return [path(`M${box.left} ${at}H${box.width - box.right}`, { stroke: paper.quiet })];
}
