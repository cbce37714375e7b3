/** The row of metrics of one step: what was sampled, and what its updates reported. */
import { METRIC_INDEX, METRICS, type MetricId } from '../metrics/index.ts';
import type { UpdateResult } from '../model/update.ts';
import type { Evaluation } from './evaluate.ts';
import { mixtureEntropy } from './latent.ts';
import type { Judged } from './sampling.ts';
import { addMeasures } from './task_measures.ts';

export interface StepMeasures {
  hasBase: boolean;
  /** Tokens with a policy gradient, over all updates. */
  learning: number;
  /** What a method steers, NaN where none does. */
  controlled: number;
  /** Share of the sampled responses that were not learned from. */
  unused: number;
  /** Explained variance of the value head, where there is one. */
  explained: number | undefined;
  /** Of advantage and entropy, over the tokens that are learned from. */
  covariance: number;
  /** Of λ and −A, where a method compares with hinted prompts. */
  hinted: number | undefined;
}

/** @returns [METRICS] NaN where nothing was measured */
export function measureStep(
  responses: readonly Judged[],
  rewards: ArrayLike<number>,
  updates: readonly UpdateResult[],
  { hasBase, learning, controlled, unused, explained, covariance, hinted }: StepMeasures,
): Float32Array {
  const row = new Float32Array(METRICS.length).fill(Number.NaN);
  const set = (id: MetricId, value: number): void => {
    row[METRIC_INDEX[id]] = value;
  };
  const mean = (of: (r: Judged, i: number) => number): number =>
    responses.reduce((sum, r, i) => sum + of(r, i), 0) / responses.length;
  const tokens = responses.reduce((sum, r) => sum + r.tokens.length, 0);
  set(
    'accuracy',
    mean((r) => Number(r.verdict.correct)),
  );
  set(
    'reward',
    mean((_, i) => rewards[i] as number),
  );
  set('response_length', tokens / responses.length);
  set(
    'premature_end',
    mean((r) => Number(r.verdict.premature_end)),
  );
  set('entropy', responses.reduce((sum, r) => sum + total(r.entropy), 0) / tokens);
  const before = responses.reduce(
    (sum, r) => sum + Math.min(r.verdict.answered_at, r.tokens.length),
    0,
  );
  set(
    'p_eos',
    responses.reduce((sum, r) => sum + total(r.p_eos.subarray(0, r.verdict.answered_at)), 0) /
      before,
  );
  set('mixture_entropy', mixtureEntropy(responses));
  const learned = updates.reduce((sum, u) => sum + u.tokens, 0);
  set('grad_norm', updates.reduce((sum, u) => sum + u.grad_norm, 0) / updates.length);
  set('clip_fraction', updates.reduce((sum, u) => sum + u.bound, 0) / learned);
  set('learning_tokens', learning / learned);
  set('scored_tokens', updates.reduce((sum, u) => sum + u.scored, 0) / learned);
  set('advantage_entropy_cov', covariance);
  if (hinted !== undefined) set('lambda_advantage_corr', hinted);
  set('controlled', controlled);
  set('unused_responses', unused);
  if (explained !== undefined) {
    const sum = (of: 'loss' | 'bound'): number =>
      updates.reduce((total, u) => total + (u.value?.[of] ?? Number.NaN), 0);
    set('explained_variance', explained);
    set('value_loss', sum('loss') / updates.length);
    set('value_clip_fraction', sum('bound') / learned);
  }
  if (hasBase)
    set('kl_base', (updates[0] as UpdateResult).kl / (updates[0] as UpdateResult).tokens);
  return row;
}

function total(values: Float32Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum;
}

/** Writes an evaluation into a row of metrics. */
export function addEvaluation(row: Float32Array, evaluation: Evaluation): void {
  row[METRIC_INDEX.eval_accuracy] = evaluation.accuracy;
  row[METRIC_INDEX.eval_pass_at_8] = evaluation.pass_at_k;
  addMeasures(row, evaluation.measures, 'eval');
}
