/** The value head of a run: what it says of a sampled batch, and how well that predicted what came. */
import { activeMethods } from '../core/catalog.ts';
import type { Experiment } from '../core/experiment.ts';
import { variance } from '../core/statistics.ts';
import type { TokenBatch } from '../core/token_batch.ts';
import { METHODS } from '../methods/index.ts';
import type { Critic, Method } from '../methods/method.ts';
import { currentValues } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
import { forwardParts } from './minibatch.ts';
import type { Judged } from './sampling.ts';

/** Some enabled arm has a value head. */
export function wantsValue(experiment: Experiment): boolean {
  const arms = experiment.arms.filter((arm) => arm.enabled);
  return arms.some((arm) => criticOf(activeMethods(experiment, arm, METHODS)));
}

/** Of the method that trains it; undefined where none does. */
export function criticOf(methods: readonly Method[]): Critic | undefined {
  const advantage = methods.find((method) => method.stage === 'advantage');
  return advantage?.stage === 'advantage' ? advantage.critic : undefined;
}

/** The batch with the values of the policy that sampled it. */
export async function withValues(
  engine: Engine,
  policy: Policy,
  judged: readonly Judged[],
  batch: TokenBatch,
): Promise<TokenBatch> {
  const parts = forwardParts(engine, judged);
  const value = await currentValues(engine, policy, parts);
  const bad = value.find((x) => !Number.isFinite(x));
  if (bad !== undefined) throw new Error(`value head: values must be finite, got ${bad}`);
  return { ...batch, value };
}

/**
 * 1 − Var(target − value) / Var(target) over response tokens: 1 where the head foresaw everything, 0 where a constant
 * would do as well, below 0 where it does harm. NaN where all targets are the same. As verl's vf_explained_var.
 */
export function explainedVariance({ value, target }: TokenBatch): number {
  const spread = variance(target, 1);
  if (!(spread > 0)) return Number.NaN;
  const missed = target.map((x, n) => x - (value[n] as number));
  return 1 - variance(missed, 1) / spread;
}
