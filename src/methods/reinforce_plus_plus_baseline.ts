/**
 * REINFORCE++ with the prompt's mean as baseline, as verl computes it
 * (`compute_reinforce_plus_plus_baseline_outcome_advantage`, core_algos.py at 1dda039b).
 */
import { mean, whiten } from '../core/statistics.ts';
import { groups, perToken } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'reinforce_plus_plus_baseline',
  label: 'REINFORCE++ with baseline',
  stage: 'advantage',
  summary:
    'Judges each response against the mean of its prompt, then divides by the standard deviation of the whole batch: a prompt that is nearly solved is not blown up.',
  pitfalls: 'Whitened token by token over the batch: long responses weigh more in the deviation.',
  formula: String.raw`A_{i,t} = \frac{x_{i} - \operatorname{mean}(x)}{\operatorname{std}(x)},\quad x_i = R_i - \operatorname{mean}(R_1 \ldots R_G)`,
  paper: {
    title: 'REINFORCE++: A Simple and Efficient Approach for Aligning Large Language Models',
    authors: 'Hu, Liu, Xu, Shen',
    year: 2025,
    url: 'https://arxiv.org/abs/2501.03262',
  },
  fidelity: 'released',
  group_of_one: 'With one response per prompt its baseline is gone: what is left is REINFORCE++.',
  params: {},

  /** Statistics over tokens. A group of one keeps its reward; one whose rewards are all equal stands at its baseline. */
  advantages(batch) {
    const centered = new Float64Array(batch.reward.length);
    for (const { from, to } of groups(batch)) {
      const rewards = batch.reward.subarray(from, to);
      const center = to - from === 1 ? 0 : mean(rewards);
      const isFlat = to - from > 1 && rewards.every((reward) => reward === rewards[0]);
      rewards.forEach((reward, i) => {
        centered[from + i] = isFlat ? 0 : reward - center;
      });
    }
    return whiten(perToken(batch, centered, 'reinforce_plus_plus_baseline'));
  },
});
