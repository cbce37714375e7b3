/**
 * AEPO, after its authors' code (597358816/AEPO at b353a05): some right answers, sampled hotter or colder than the policy
 * as entropy is below or above its target, replace responses of the batch and are learned from with advantage 1. Whose
 * place they take and how many there are is ours: the code overwrites the first 60 of 2560 rows.
 */

import type { Values } from '../core/param.ts';
import { mean } from '../core/statistics.ts';
import { drawPerResponse, groups, responses, type TokenBatch } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

const surprise = (batch: TokenBatch): number => -mean(batch.old_logp);

/** Of the step before; the first step takes its own. */
const isLow = (batch: TokenBatch, values: Values): boolean => {
  const before = values['aepo.surprise'] as number;
  return (before < 0 ? surprise(batch) : before) <= (values['aepo.target'] as number);
};

export default defineMethod({
  id: 'aepo',
  label: 'AEPO (arbitrary entropy)',
  stage: 'sampling',
  summary:
    'Holds entropy at a target without a bonus: where it is low, it also learns from right answers that were sampled hotter; where it is high, from colder ones.',
  pitfalls:
    'It costs further rollouts for a quarter of the prompts every step and throws most of them away: watch the share of unused responses. A group that loses a response keeps the advantages it had. Without right answers nothing acts.',
  group_of_one:
    'With one response per prompt no answer is better than its group, so nothing is ever replaced.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): entropy +0.006 ± 0.017 nats. Expected: entropy locks to its target; not to be told from chance here.',
  formula: String.raw`\nabla J + \alpha\, \mathbb{E}_{o \sim \pi^{T}} \bigl[R(o)\, \nabla \log \pi(o)\bigr],\quad T = \begin{cases} T_\text{high} & -\overline{\log \pi} \le H_\text{target} \\ T_\text{low} & \text{else} \end{cases}`,
  paper: {
    title:
      'Arbitrary Entropy Policy Optimization Breaks The Exploration Bottleneck of Reinforcement Learning',
    authors: 'Wang, Li, Bai, Zhang, Cui, Zhao, Wang',
    year: 2025,
    url: 'https://arxiv.org/abs/2510.08141',
  },
  fidelity: 'style',
  intervenes: true,
  params: {
    target: {
      kind: 'number',
      label: 'target',
      default: 0.3,
      min: 0,
      max: 4,
      unit: 'nats',
      help: 'Where entropy is held, as the mean of −log π of the sampled tokens. The authors take 0.25 to 1 with a large vocabulary.',
    },
    high: {
      kind: 'number',
      label: 'T high',
      default: 1.2,
      min: 1,
      max: 3,
      help: 'Temperature of the further responses while entropy is at most the target.',
    },
    low: {
      kind: 'number',
      label: 'T low',
      default: 0.8,
      min: 0.1,
      max: 1,
      help: 'Temperature of the further responses while entropy is above the target; half as many are taken then.',
    },
    share: {
      kind: 'number',
      label: 'replaced share',
      default: 0.025,
      min: 0,
      max: 0.5,
      help: 'At most this share of the batch is replaced, one response at least. At 0 none is; the authors take about 0.023.',
    },
  },
  neutral: { share: 0 },
  state: {
    /** nats; below 0 before the first step */
    surprise: () => -1,
  },

  keeps: (batch) => new Uint8Array(batch.reward.length).fill(1),
  rounds: () => 1,

  extra(batch, values) {
    if (values['aepo.share'] === 0) return { prompts: 0, temperature: 1 };
    const temperature = values[isLow(batch, values) ? 'aepo.high' : 'aepo.low'] as number;
    return { prompts: Math.ceil(groups(batch).length / 4), temperature };
  },

  /** Right answers that are better than their group, in the place of responses without an advantage before others. */
  replace(batch, extra, values) {
    const advantageOf = (of: TokenBatch): number[] =>
      responses(of).map(({ from, to }) => mean(of.advantage.subarray(from, to)));
    const better = advantageOf(extra).flatMap((a, i) => (a > 0.05 ? [i] : []));
    const most = Math.max(1, Math.round((values['aepo.share'] as number) * batch.reward.length));
    const count = Math.min(most, better.length);
    const by = better.slice(0, isLow(batch, values) ? count : Math.floor(count / 2));
    const [given, draws] = [advantageOf(batch), drawPerResponse(batch, 2)];
    const order = given.map((_, i) => i);
    order.sort((a, b) => {
      return Number(given[a] !== 0) - Number(given[b] !== 0) || (draws[a] ?? 0) - (draws[b] ?? 0);
    });
    return { at: order.slice(0, by.length), by, advantage: 1 };
  },

  control: (_, __, batch) => ({ 'aepo.surprise': surprise(batch) }),
});
