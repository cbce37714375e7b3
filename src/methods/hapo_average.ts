/** HAPO's token-level group average, as its authors compute it (starriver030515/HAPO at 7671dde). */
import { mean } from '../core/statistics.ts';
import { groups } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

/** A group in which some advantage is this large is judged as GRPO does. */
const LARGEST = 5;
const EPS = 1e-6;

export default defineMethod({
  id: 'hapo_average',
  label: 'HAPO’s token-level average',
  stage: 'advantage',
  summary:
    'Judges each response against the others to the same prompt, where a long response counts for as many as it has tokens: then the advantages of all tokens of a prompt add up to zero.',
  formula: String.raw`A_i = \frac{R_i - \mu}{\sigma + 10^{-6}},\quad \mu = \frac{\sum_j |o_j| R_j}{\sum_j |o_j|},\; \sigma^2 = \frac{\sum_j |o_j| (R_j - \mu)^2}{\sum_j |o_j|}`,
  pitfalls:
    'The mean is zero over tokens, not over responses: one short right answer among long wrong ones gets a large advantage.',
  paper: {
    title: 'From Uniform to Heterogeneous: Tailoring Policy Optimization to Every Token’s Nature',
    authors: 'Liu, Liu, Wen, Cai, Cui, He, Zhang',
    year: 2025,
    url: 'https://arxiv.org/abs/2509.16591',
  },
  fidelity: 'released',
  group_of_one:
    'With one response per prompt there is nothing to compare with: the reward itself becomes the advantage.',
  params: {},

  /** A group whose rewards are all equal gets exactly 0; a group of one keeps its reward. */
  advantages(batch) {
    const result = new Float32Array(batch.reward.length);
    for (const { from, to } of groups(batch)) {
      const rewards = Array.from(batch.reward.subarray(from, to));
      if (rewards.length === 1) result[from] = rewards[0] as number;
      if (rewards.every((reward) => reward === rewards[0])) continue;
      const lengths = rewards.map((_, i) => {
        return (batch.starts[from + i + 1] as number) - (batch.starts[from + i] as number);
      });
      const weighted = standardized(rewards, lengths, 0);
      const isWild = weighted.some((a) => Math.abs(a) >= LARGEST);
      result.set(isWild ? standardized(rewards, lengths.fill(1), 1) : weighted, from);
    }
    return result;
  },
});

/** Differences to the weighted mean over the weighted deviation; `unbiased` as in core/statistics.ts. */
function standardized(rewards: number[], weights: number[], unbiased: 0 | 1): number[] {
  const total = mean(weights) * weights.length;
  const sum = (of: (reward: number) => number): number =>
    rewards.reduce((all, reward, i) => all + (weights[i] as number) * of(reward), 0);
  const center = sum((r) => r) / total;
  const scale = Math.sqrt(sum((r) => (r - center) ** 2) / (total - unbiased)) + EPS;
  return rewards.map((reward) => (reward - center) / scale);
}
