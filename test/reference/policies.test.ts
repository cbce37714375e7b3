// Objectives and aggregates on one small batch: one prompt, four responses of 3, 5, 4 and 2 tokens.
// The expected numbers are what verl's functions gave for it (commit 1dda039b), to six digits.

import { describe, expect, it } from 'vitest';
import { aggregateWeights } from '../../src/reference/losses.ts';
import {
  clippedToken,
  type PolicyName,
  type PolicySettings,
  policies,
} from '../../src/reference/policies.ts';
import { expectClose } from '../helpers/close.ts';

const oldLogp = [
  [-0.1, -1.2, -0.3],
  [-0.9, -0.05, -2.1, -0.4, -0.7],
  [-0.2, -1.6, -0.6, -0.15],
  [-1.1, -0.35],
];
const logRatio = [
  [0.05, 0.3, -0.1],
  [-0.2, 0.01, -0.5, 0.25, 0],
  [0.1, -0.35, 0.02, -0.05],
  [0.4, -0.02],
].flat();
const sequence = oldLogp.flatMap((row, b) => row.map(() => b));
const advantage = sequence.map((b) => [0.866024, -0.866024, -0.866024, 0.866024][b]);
const mask = sequence.map(() => 1);
const clip = { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 };
const digits = { rtol: 0, atol: 1e-6 };

describe('aggregateWeights', () => {
  const losses = logRatio.map((x, n) => clippedToken(x, advantage[n], clip).loss);

  it('starts from the token losses of clipped GRPO', () => {
    const expected = [
      [-0.910426, -1.108511, -0.783611],
      [0.70904, 0.874728, 0.692819, 1.111997, 0.866024],
      [0.957104, 0.692819, 0.883519, 0.823787],
      [-1.108511, -0.848875],
    ];
    expectClose(losses, expected.flat(), digits);
  });

  it.each([
    ['token_mean', 0.2037074],
    ['seq_mean_token_sum', 0.712976],
    ['seq_mean_token_mean', -0.0556616],
    ['seq_mean_token_sum_norm', 0.1425952],
    ['token_sum', 14 * 0.2037074],
  ] as const)('%s', (mode, expected) => {
    const weight = aggregateWeights(mode, mask, sequence, 5);
    const total = losses.reduce((sum, loss, n) => sum + weight[n] * loss, 0);
    expectClose([total], [expected], digits);
  });

  it('gives masked tokens and empty sequences no weight and no part in the count', () => {
    const weight = aggregateWeights('seq_mean_token_mean', [0, 1, 1, 0, 1], [0, 0, 0, 1, 2]);
    expect([...weight]).toEqual([0, 0.25, 0.25, 0, 0.5]);
  });

  it('needs a length for the normalized sum', () => {
    expect(() => aggregateWeights('seq_mean_token_sum_norm', [1], [0])).toThrow('normLength');
  });
});

describe('objectives', () => {
  const loss = (name: PolicyName, settings: Partial<PolicySettings> = {}) => {
    const mode = name === 'gspo' ? 'seq_mean_token_mean' : 'token_mean';
    const weight = aggregateWeights(mode, mask, sequence);
    const old_logp = oldLogp.flat();
    const logp = old_logp.map((value, n) => value + logRatio[n]);
    const input = { logp, old_logp, advantage, mask, sequence, weight };
    return policies[name](input, { ...clip, ...settings }).loss;
  };

  it.each<[PolicyName, Partial<PolicySettings>, number]>([
    ['vanilla', {}, 0.2037074],
    ['gspo', {}, -0.0969944],
    ['gspo', { eps_low: 3e-4, eps_high: 4e-4 }, -0.0003031],
    ['cispo', {}, -0.2189997],
    ['kl_cov', { kl_cov_ratio: 0.2, ppo_kl_coef: 1 }, 0.2291334],
    // Of the covariances above 0.5, all but 0.7269 belong to tokens that PPO clips.
    ['clip_cov', {}, 0.2037074],
    ['clip_cov', { clip_cov_lb: 0.5 }, 0.2687379],
    ['clip_cov', { clip_cov_lb: 0.5, clip_cov_ub: 0.7 }, 0.2037074],
  ])('%s with %o', (name, settings, expected) => {
    expectClose([loss(name, settings)], [expected], digits);
  });
});
