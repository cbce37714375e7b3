/** One metric against another, step by step: the path that an arm takes through the two. Pure. */
import type { MetricId } from '../../metrics/index.ts';
import type { History } from '../history.ts';
import type { PhaseId } from '../view.ts';
import { commonLength, meansOf, smoothedRuns } from './chart_data.ts';

export const MAX_PHASE_POINTS = 120;

export interface Phase {
  id: PhaseId;
  title: string;
  x: MetricId;
  y: MetricId;
  help: string;
  /** Value of x, from a setting of the trainer, that an estimator cannot pass. */
  limit?: { setting: string; x: (value: number) => number; name: string };
}

export const PHASE_PLOTS: readonly Phase[] = [
  {
    id: 'entropy-accuracy',
    title: 'accuracy against entropy',
    x: 'entropy',
    y: 'accuracy',
    help: 'Each line is the path of one arm; color is time, arrows point forward. Learning usually pays for accuracy with entropy: up and to the left. To the right and down is uncertainty that does not help.',
  },
  {
    id: 'length-entropy',
    title: 'entropy against response length',
    x: 'response_length',
    y: 'entropy',
    help: 'Each line is the path of one arm; color is time, arrows point forward. An arm that turns upward makes its tokens uncertain; one that turns left and up ends its responses early.',
  },
  {
    id: 'information-plane',
    title: 'the information plane',
    x: 'info_prompt',
    y: 'info_answer',
    help: 'What responses tell about the answer (up) against what they keep of the prompt (right), at each evaluation. An information bottleneck would go up without going right. The estimate to the right is too low and cannot pass the shaded limit, log M.',
    limit: { setting: 'trainer.information_prompts', x: Math.log, name: 'log M' },
  },
];

export interface PhasePoint {
  step: number;
  x: number;
  y: number;
}

/**
 * Means over the seeds at the steps where both were measured: each seed smoothed first, then averaged, and the path
 * thinned out last, to evenly spaced steps with both ends.
 */
export function phasePath(
  history: History,
  phase: Pick<Phase, 'x' | 'y'>,
  arm: string,
  window: number,
): PhasePoint[] {
  const mean = (metric: MetricId) => {
    const curves = smoothedRuns(history, arm, metric, window);
    return meansOf(curves, commonLength(curves.map(({ run }) => run)));
  };
  const [xs, ys] = [mean(phase.x), mean(phase.y)];
  const points: PhasePoint[] = [];
  for (let step = 0; step < Math.min(xs.length, ys.length); step++) {
    const [x, y] = [xs[step], ys[step]];
    if (Number.isFinite(x) && Number.isFinite(y)) points.push({ step, x, y });
  }
  const every = Math.ceil(points.length / MAX_PHASE_POINTS);
  const last = points.length - 1;
  return points.filter((_, i) => (last - i) % every === 0 || i === 0);
}
