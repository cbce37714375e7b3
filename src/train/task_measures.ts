/** Means over responses that a task declares for itself. */
import { METRIC_INDEX, METRICS, type MetricId } from '../metrics/index.ts';
import type { Task } from '../tasks/task.ts';
import { spokenTokens } from './latent.ts';
import type { Judged } from './sampling.ts';

/** Each measure's mean over the responses that count; those of which none does are left out. */
export function taskMeasures(
  task: Task,
  responses: readonly Pick<Judged, 'problem' | 'tokens' | 'mixtures' | 'verdict'>[],
): Record<string, number> {
  const means: Record<string, number> = {};
  for (const [id, measure] of Object.entries(task.measures ?? {})) {
    const values = responses
      .map((r) => measure(r.problem, spokenTokens(r), r.verdict))
      .filter((value) => value !== undefined);
    if (values.length > 0) means[id] = values.reduce((sum, x) => sum + x, 0) / values.length;
  }
  return means;
}

/** Writes those that are measured at this time into a row of metrics. */
export function addMeasures(
  row: Float32Array,
  means: Readonly<Record<string, number>>,
  when: 'step' | 'eval',
): void {
  for (const [id, value] of Object.entries(means)) {
    const column = METRIC_INDEX[id as MetricId];
    if (METRICS[column]?.when === when) row[column] = value;
  }
}
