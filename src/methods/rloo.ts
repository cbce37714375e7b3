/** Leave-one-out baseline, as verl computes it (`compute_rloo_outcome_advantage`, core_algos.py at 1dda039b). */
import { mean } from '../core/statistics.ts';
import { groups } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'rloo',
  label: 'RLOO',
  stage: 'advantage',
  summary:
    'Judges each response against the mean reward of the others to the same prompt, itself left out. No division by the spread.',
  pitfalls:
    'Nothing is divided by the deviation, so the size of the step follows the rewards’ scale. A group of one has no baseline.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against GRPO (95 % interval): training accuracy −0.028 ± 0.15. Expected: as GRPO where groups are alike in spread; no difference could be told.',
  formula: String.raw`A_i = R_i - \frac{1}{G-1}\sum_{j \ne i} R_j`,
  paper: {
    title:
      'Back to Basics: Revisiting REINFORCE Style Optimization for Learning from Human Feedback in LLMs',
    authors: 'Ahmadian et al.',
    year: 2024,
    url: 'https://arxiv.org/abs/2402.14740',
  },
  fidelity: 'released',
  group_of_one:
    'With one response per prompt there is nothing to compare with: the reward itself becomes the advantage.',
  params: {},

  /** A group of one keeps its reward. */
  advantages(batch) {
    const result = new Float32Array(batch.reward.length);
    for (const { from, to } of groups(batch)) {
      const G = to - from;
      const rewards = batch.reward.subarray(from, to);
      const center = mean(rewards);
      rewards.forEach((reward, i) => {
        result[from + i] = G === 1 ? reward : (G / (G - 1)) * (reward - center);
      });
      if (G > 1 && rewards.every((reward) => reward === rewards[0])) result.fill(0, from, to);
    }
    return result;
  },
});
