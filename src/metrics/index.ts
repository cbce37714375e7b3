/** Everything that is measured, in the order of charts and columns. A metric is one row of one of the files beside this. */
import { ATTENTION } from './attention.ts';
import { CHANGE } from './change.ts';
import { GRADIENTS } from './gradients.ts';
import { INFORMATION } from './information.ts';
import type { Gauge, Metric } from './metric.ts';
import { OUTCOME } from './outcome.ts';
import { POLICY } from './policy.ts';
import { THINKING } from './thinking.ts';
import { UPDATE } from './update.ts';
import { VALUE } from './value.ts';

export type { Gauge, Metric } from './metric.ts';

export const METRICS = [
  OUTCOME.eval_accuracy,
  THINKING.think_share,
  THINKING.think_success,
  POLICY.entropy,
  OUTCOME.response_length,
  THINKING.eval_hard_accuracy,
  THINKING.decorative_thinking,
  OUTCOME.accuracy,
  OUTCOME.eval_pass_at_8,
  OUTCOME.reward,
  OUTCOME.p_eos,
  OUTCOME.premature_end,
  POLICY.kl_base,
  POLICY.mixture_entropy,
  POLICY.advantage_entropy_cov,
  POLICY.lambda_advantage_corr,
  GRADIENTS.policy_grad_norm,
  GRADIENTS.regularizer_grad_norm,
  GRADIENTS.grad_cosine,
  CHANGE.entropy_change,
  CHANGE.entropy_change_predicted,
  CHANGE.entropy_change_tabular,
  CHANGE.acceptance,
  ...ATTENTION,
  UPDATE.grad_norm,
  UPDATE.clip_fraction,
  UPDATE.learning_tokens,
  UPDATE.scored_tokens,
  UPDATE.unused_responses,
  UPDATE.controlled,
  VALUE.explained_variance,
  VALUE.value_loss,
  VALUE.value_clip_fraction,
  INFORMATION.info_answer,
  INFORMATION.info_prompt,
  INFORMATION.response_entropy,
  UPDATE.tokens_per_second,
] as const satisfies readonly Metric[];

export type MetricId = (typeof METRICS)[number]['id'];
/** Column of a metric in a row of points. */
export const METRIC_INDEX = Object.fromEntries(METRICS.map((m, i) => [m.id, i])) as Record<
  MetricId,
  number
>;

/** What is measured in runs of this task: everything but what belongs to other tasks alone. */
export function metricsOf(task: string): (typeof METRICS)[number][] {
  return METRICS.filter((metric: Metric) => metric.task === undefined || metric.task === task);
}

/** The measurements behind these metrics that cost passes of their own. */
export function gaugesOf(ids: readonly string[]): Set<Gauge> {
  const found = METRICS.filter(({ id }) => ids.includes(id)).map((metric: Metric) => metric.gauge);
  return new Set(found.filter((gauge) => gauge !== undefined));
}
