/** OPO's baseline, as verl computes it (`compute_opo_outcome_advantage`, core_algos.py at 1dda039b). */
import { groups, responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'opo',
  label: 'OPO',
  stage: 'advantage',
  summary:
    'Judges each response against the mean reward of its prompt’s responses in which long ones count more: close to the baseline of least variance. No division by the spread.',
  pitfalls:
    'Nothing is divided by the deviation, so the size of the step follows the rewards’ scale.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against GRPO (95 % interval): training accuracy −0.086 ± 0.048. Expected: as GRPO where lengths are alike; a difference was seen.',
  formula: String.raw`A_i = R_i - \frac{\sum_j |o_j|\, R_j}{\sum_j |o_j|}`,
  paper: {
    title: 'On-Policy RL with Optimal Reward Baseline',
    authors: 'Hao et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2505.23585',
  },
  fidelity: 'released',
  group_of_one:
    'With one response per prompt there is nothing to compare with: the reward itself becomes the advantage.',
  params: {},

  /** A group of one keeps its reward; one whose rewards are all equal gets exactly 0. */
  advantages(batch) {
    const lengths = responses(batch).map(({ from, to }) => to - from);
    const result = new Float32Array(batch.reward.length);
    for (const { from, to } of groups(batch)) {
      let [tokens, sum] = [0, 0];
      for (let i = from; i < to; i++) {
        tokens += lengths[i] as number;
        sum += (lengths[i] as number) * (batch.reward[i] as number);
      }
      const baseline = to - from === 1 ? 0 : sum / tokens;
      const rewards = batch.reward.subarray(from, to);
      if (to - from > 1 && rewards.every((reward) => reward === rewards[0])) continue;
      rewards.forEach((reward, i) => {
        result[from + i] = reward - baseline;
      });
    }
    return result;
  },
});
