/** What a prediction is drawn against: the top of a metric's scale, and where its curve starts. */
import { armValues, type Experiment } from '../../core/experiment.ts';
import type { MetricId } from '../../metrics/index.ts';
import { findTask } from '../declared.ts';
import type { History } from '../history.ts';

/** The curves that the tour asks about. */
export const ASKED = ['eval_accuracy', 'entropy', 'response_length'] as const satisfies MetricId[];
export type Asked = (typeof ASKED)[number];

/** Highest value that the metric can have in this experiment. */
export function topOf(metric: Asked, experiment: Experiment): number {
  const task = findTask(experiment.task);
  const arm = experiment.arms[0];
  if (metric === 'eval_accuracy' || !task || !arm) return 1;
  if (metric === 'entropy') return Math.log(task.vocabulary.length);
  return task.limits(armValues(experiment, arm)).response;
}

/** First measured value of any arm, since all start from the same weights; else a fifth of the scale. */
export function startOf(metric: Asked, experiment: Experiment, history: History): number {
  for (const arm of experiment.arms) {
    const first = history.means(arm.id, metric).find(Number.isFinite);
    if (first !== undefined) return first;
  }
  return 0.2 * topOf(metric, experiment);
}
