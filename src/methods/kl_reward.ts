/**
 * KL to the frozen base as a part of the reward, as in REINFORCE++ and PPO (verl `apply_kl_penalty`, ray_trainer.py, and
 * `kl_penalty`, core_algos.py at 1dda039b). A constant to the gradient, so every estimator is right on average here.
 */
import type { Values } from '../core/param.ts';
import { mean } from '../core/statistics.ts';
import { responses, type TokenBatch } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'kl_reward',
  label: 'KL in the reward',
  stage: 'reward',
  summary:
    'Takes reward away at every token by as much as the policy has moved from the base there. The advantage then weighs drifting against being right, where a KL penalty in the loss pulls back whatever the reward says.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): with beta 0.1, KL from the base +0.023 ± 0.084 nats. Expected: stays nearer to the base; not to be told from chance here.',
  formula: String.raw`r_t - \beta\,\widehat{\mathrm{KL}}(\Delta_t),\quad \Delta = \log\pi_\text{old}(a_t) - \log\pi_\text{ref}(a_t)`,
  pitfalls:
    'Estimators that give a response one advantage (GRPO, RLOO) see only the sum, so long responses pay more; where they divide by the group’s deviation, a small β becomes large in groups that are all right or all wrong. Accuracy is measured without it. It costs a forward pass of the base and a read-back every step.',
  paper: {
    title: 'REINFORCE++: A Simple and Efficient Approach for Aligning Large Language Models',
    authors: 'Hu, Liu, Xu, Shen',
    year: 2025,
    url: 'https://arxiv.org/abs/2501.03262',
  },
  fidelity: 'released',
  intervenes: true,
  params: {
    beta: {
      kind: 'number',
      label: 'β',
      default: 0.01,
      min: 0,
      max: 1,
      scale: 'log',
      unit: '1/nat',
      help: 'Reward taken per nat of estimated KL. A response of twenty tokens that have each become e times likelier than under the base loses 20 β.',
    },
    target: {
      kind: 'number',
      label: 'target KL',
      default: 0,
      min: 0,
      max: 1,
      unit: 'nats per token',
      help: 'Where it is above 0, β grows while the policy is farther from the base than this and shrinks while it is nearer. 0 leaves β as it is.',
    },
    horizon: {
      kind: 'number',
      label: 'horizon',
      default: 1000,
      min: 100,
      max: 100000,
      scale: 'log',
      unit: 'responses',
      help: 'How slowly β follows the target: a step of B responses changes it by at most the share B/5 of this, and by a fifth where B is larger. verl takes 10 000, for runs of many more responses than here. Matters with a target only.',
    },
    estimator: {
      kind: 'choice',
      label: 'estimator',
      default: 0,
      options: [
        { id: 'k1', label: 'k1: Δ' },
        { id: 'abs', label: '|Δ|' },
        { id: 'k2', label: 'k2: Δ²/2' },
        { id: 'k3', label: 'k3: exp(−Δ) − 1 + Δ' },
      ],
      help: 'How the divergence is estimated from one token. k1 has the right mean, also in its effect on the policy, and pays for tokens that became less likely; the others never pay. As a loss k1 would do nothing on average, in the reward it is the one to take.',
    },
  },
  neutral: { beta: 0 },
  needs: ['sampled_ref_logp'],
  state: {
    /** 1/nat; β where no target is set */
    coefficient: (values) => values['kl_reward.beta'] as number,
  },

  tokenRewards(batch, values) {
    const isSteered = (values['kl_reward.target'] as number) > 0;
    const beta = values[isSteered ? 'kl_reward.coefficient' : 'kl_reward.beta'] as number;
    return estimates(batch, values).map((kl) => -beta * kl);
  },

  /** verl's AdaptiveKLController (Ziegler et al., arXiv 1909.08593, section 2.2). */
  control(_, values, batch) {
    const of = (name: string): number => values[`kl_reward.${name}`] as number;
    if (of('target') === 0) return { 'kl_reward.coefficient': of('beta') };
    const kl = estimates(batch, values);
    const means = responses(batch).map(({ from, to }) => mean(kl.subarray(from, to)));
    const error = Math.min(Math.max(mean(means) / of('target') - 1, -0.2), 0.2);
    // A step of more responses than the horizon counts as one of as many, or β could change its sign.
    const factor = 1 + error * Math.min(1, means.length / of('horizon'));
    return { 'kl_reward.coefficient': of('coefficient') * factor };
  },
});

/** [N] nats, of every token of the batch */
function estimates(batch: TokenBatch, values: Values): Float32Array {
  const estimate = ESTIMATORS[values['kl_reward.estimator'] as number] as (d: number) => number;
  return batch.old_logp.map((logp, n) => estimate(logp - (batch.ref_logp[n] as number)));
}

/** In the order of the options, with verl's clamps. */
const ESTIMATORS: readonly ((delta: number) => number)[] = [
  (delta) => delta,
  Math.abs,
  (delta) => (delta * delta) / 2,
  (delta) => {
    const x = Math.min(Math.max(-delta, -20), 20);
    return Math.min(Math.exp(x) - x - 1, 10);
  },
];
