/** A chart in words, for those who hear the page: where each curve is, where it began, how far it went. */
import type { Metric, MetricId } from '../../metrics/index.ts';
import { formatValue } from '../format.ts';
import type { History } from '../history.ts';

export function chartSummary(
  history: History,
  metric: Metric,
  arms: readonly { id: string; name: string }[],
): string {
  const parts = arms.map(({ id, name }) => {
    const means = history.means(id, metric.id as MetricId);
    const steps = [...means.keys()].filter((step) => Number.isFinite(means[step]));
    if (steps.length === 0) return `${name}: not measured yet`;
    const [first, last] = [steps[0], steps[steps.length - 1]];
    if (first === last) return `${name}: ${formatValue(means[last])} at step ${last}`;
    const low = steps.reduce((best, step) => (means[step] < means[best] ? step : best));
    const high = steps.reduce((best, step) => (means[step] > means[best] ? step : best));
    const at = (step: number) => `${formatValue(means[step])} at step ${step}`;
    return `${name}: from ${at(first)} to ${at(last)}, lowest ${at(low)}, highest ${at(high)}`;
  });
  const unit = metric.unit ? `, in ${metric.unit}` : '';
  return `${metric.label}${unit}. ${parts.join('. ')}.`;
}
