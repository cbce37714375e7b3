/** The small picture of a run in the table: mean curves of two metrics, thinned out to what a small picture can show. */
import type { Experiment } from '../../core/experiment.ts';
import { keepExtremes } from '../decimate.ts';
import type { History } from '../history.ts';
import type { Thumbnail } from './record.ts';

const POINTS = 48;

export function thumbnailOf(history: History, experiment: Experiment): Thumbnail {
  const curves = (metric: 'entropy' | 'accuracy') =>
    Object.fromEntries(
      experiment.arms
        .filter((arm) => arm.enabled)
        .map(({ id }) => {
          const means = history.means(id, metric);
          return [id, keepExtremes(means, POINTS).map((at) => Number(means[at].toPrecision(4)))];
        }),
    );
  return { entropy: curves('entropy'), accuracy: curves('accuracy') };
}
