/**
 * Group-relative advantage: no critic, a response is compared with the other answers to its prompt.
 *
 * Source: Shao et al. 2024, arXiv:2402.03300, with verl's constants (unbiased standard deviation,
 * 1e-6). Without the division: Dr. GRPO, Liu et al. 2025, arXiv:2503.20783.
 */
import { groups } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

const EPS = 1e-6;

export default defineMethod({
  id: 'grpo',
  label: 'GRPO',
  stage: 'advantage',
  summary:
    'Judges each response against the others to the same prompt: its reward minus the group’s mean, divided by the group’s standard deviation.',
  pitfalls:
    'Prompts whose responses all got the same reward have no advantage but still count in the mean over tokens; dividing by the deviation makes almost solved and almost hopeless prompts loud.',
  formula: String.raw`A_i = \frac{R_i - \operatorname{mean}(R_1 \ldots R_G)}{\operatorname{std}(R_1 \ldots R_G) + 10^{-6}}`,
  paper: {
    title: 'DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models',
    authors: 'Shao et al.',
    year: 2024,
    url: 'https://arxiv.org/abs/2402.03300',
  },
  fidelity: 'released',
  group_of_one:
    'With one response per prompt there is nothing to compare with: the reward itself becomes the advantage.',
  params: {
    scale_by_std: {
      kind: 'switch',
      label: 'divide by the standard deviation',
      default: 1,
      help: 'On: GRPO; groups that nearly always or nearly never succeed weigh more. Off: Dr. GRPO, the difference to the mean alone.',
    },
  },

  /** A group whose rewards are all equal gets exactly 0; a group of one keeps its reward. */
  advantages(batch, values) {
    const result = new Float32Array(batch.reward.length);
    for (const { from, to } of groups(batch)) {
      const group = Array.from(batch.reward.subarray(from, to));
      if (group.length === 1) result[from] = group[0] as number;
      if (group.every((reward) => reward === group[0])) continue;
      const mean = group.reduce((a, b) => a + b) / group.length;
      const variance = group.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (group.length - 1);
      const scale = values['grpo.scale_by_std'] ? Math.sqrt(variance) + EPS : 1;
      group.forEach((reward, i) => {
        result[from + i] = (reward - mean) / scale;
      });
    }
    return result;
  },
});
