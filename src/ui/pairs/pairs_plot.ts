/** λ against −A, token by token, as marks; and what they show in words. Pure. */
import { mean } from '../../core/statistics.ts';
import { axisFor } from '../charts/axis.ts';
import { axisMarks, type Box, type Paper, projection } from '../charts/plot_marks.ts';
import { type Mark, path, round, text } from '../charts/scene.ts';
import { formatValue } from '../format.ts';
import type { ArmPairs } from './pairs.ts';

type Points = Pick<ArmPairs, 'lambda' | 'minusA'>;

/** Axes from −1 to 1 at least, and the dotted line on which IB's approximation would be exact. */
export function pairsPlot(
  { lambda, minusA }: Points,
  box: Box,
  stroke: string,
  paper: Paper,
  font: number,
): Mark[] {
  const x = axisFor(Math.min(-1, ...minusA), Math.max(1, ...minusA));
  const y = axisFor(Math.min(-1, ...lambda), Math.max(1, ...lambda));
  const project = projection(box, x, y);
  const names = { x: '−A', y: 'λ' };
  const low = Math.max(x.domain[0], y.domain[0]);
  const high = Math.min(x.domain[1], y.domain[1]);
  const at = (value: number) => `${round(project.x(value))} ${round(project.y(value))}`;
  const line = { stroke: paper.quiet, 'stroke-dasharray': '3 3' };
  const right = high > low + 0.5 * (x.domain[1] - x.domain[0]);
  return [
    ...axisMarks(box, { x, y, project }, names, paper, font),
    path(`M${at(low)}L${at(high)}`, line),
    text(project.x(high) - font / 2, project.y(high) + (right ? font : -font / 2), 'λ = −A', {
      ...{ fill: paper.quiet, 'font-size': font, 'text-anchor': 'end' },
    }),
    ...Array.from(lambda, (value, i): Mark => {
      const [cx, cy] = [round(project.x(minusA[i])), round(project.y(value))];
      return { tag: 'circle', attrs: { cx, cy, r: 2, fill: stroke, 'fill-opacity': 0.4 } };
    }),
  ];
}

/** Mean λ of the drawn tokens in good responses, in bad ones, and where all of a group did alike; absent where there are none. */
export function meanLambdas({ lambda, minusA }: Points) {
  const of = (is: (a: number) => boolean) => {
    const own = Array.from(lambda).filter((_, i) => is(-minusA[i]));
    return own.length > 0 ? mean(own) : undefined;
  };
  return { good: of((a) => a > 0), bad: of((a) => a < 0), none: of((a) => a === 0) };
}

/** Where λ stands, in a sentence. */
export function meansText(points: Points): string {
  const { good, bad, none } = meanLambdas(points);
  const parts = [
    ['where A > 0', good],
    ['where A < 0', bad],
    ['where A = 0', none],
  ].flatMap(([where, value]) =>
    value === undefined ? [] : `${formatValue(value as number)} ${where}`,
  );
  return `Mean λ ${parts.join(', ')}.`;
}

/** The plot without looking at it. */
export function summary(name: string, { step, seed, tokens, r, ...points }: ArmPairs): string {
  const told = Number.isFinite(r)
    ? `their correlation is ${formatValue(r)}`
    : 'one of the two does not vary, so there is no correlation';
  return `λ against −A of ${name}, seed ${seed}, step ${step}, over ${tokens} tokens: ${told}. ${meansText(points)} If IB’s approximation held, λ would be −A.`;
}
