/** What became of the predictions, in words made from the measured curves. */
import type { Experiment } from '../../core/experiment.ts';
import { METRICS } from '../../metrics/index.ts';
import { formatValue, plural } from '../format.ts';
import type { History } from '../history.ts';
import { ASKED, type Asked, topOf } from './scale.ts';
import { distance, endsOf, nameOf, shapeOf } from './shapes.ts';
import { type Prediction, predictionKey } from './state.ts';

export interface Comparison {
  metric: Asked;
  label: string;
  lines: { arm: string; color: number; name: string; text: string; isRight?: boolean }[];
}

export function compare(
  experiment: Experiment,
  history: History,
  predictions: Readonly<Record<string, Prediction>>,
): Comparison[] {
  const planned = experiment.values['trainer.steps'] as number;
  return ASKED.map((metric) => {
    const { label, unit } = METRICS.find(({ id }) => id === metric) as (typeof METRICS)[number];
    const top = topOf(metric, experiment);
    const lines = experiment.arms
      .filter((arm) => arm.enabled)
      .map(({ id, name, color }) => {
        const measured = measuredCurve(history, id, metric);
        const found = shapeOf(measured.values, top);
        const said = predictions[predictionKey(metric, id)];
        const line = { arm: id, color, name };
        if (!found)
          return { ...line, text: `${said ? sayingOf(said, top) : ''}Too few points to say.` };
        const { start, end } = endsOf(measured.values);
        const text = `Measured: ${nameOf(found)}, from about ${formatValue(start)} to ${formatValue(end)}.`;
        if (!said) return { ...line, text };
        const away = distance(said.points, measured.values, measured.steps, planned);
        const off =
          said.by === 'drawn' ? ` Your line was ${formatValue(away)} ${unit} away on average.` : '';
        const isRight = shapeOf(said.points, top) === found;
        return {
          ...line,
          text: `${sayingOf(said, top)}${text}${off.replace(/ +/g, ' ')}`,
          isRight,
        };
      });
    return { metric, label, lines };
  });
}

/** How far the measurement reaches, and over how many seeds. */
export function basisOf(experiment: Experiment, history: History): string {
  const seeds = experiment.seeds.length;
  const over =
    seeds > 1
      ? `Means of ${plural(seeds, 'seed')}; other seeds may differ.`
      : 'One seed: how much of this is chance cannot be told from it.';
  return `Up to step ${history.lastStep()} of ${experiment.values['trainer.steps']}. ${over}`;
}

function measuredCurve(history: History, arm: string, metric: Asked) {
  const steps: number[] = [];
  const values: number[] = [];
  history.means(arm, metric).forEach((value, step) => {
    if (!Number.isFinite(value)) return;
    steps.push(step);
    values.push(value);
  });
  return { steps, values };
}

function sayingOf({ by, points }: Prediction, top: number): string {
  const shape = shapeOf(points, top) ?? 'stays';
  return `You ${by === 'drawn' ? 'drew' : 'said'}: ${nameOf(shape)}. `;
}
