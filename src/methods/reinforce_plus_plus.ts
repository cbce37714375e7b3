/**
 * REINFORCE++, its KL in the reward apart (kl_reward), as verl computes it (`compute_reinforce_plus_plus_outcome_advantage`,
 * core_algos.py at 1dda039b).
 */
import { whiten } from '../core/statistics.ts';
import { responses, rewardsOfTokens } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'reinforce_plus_plus',
  label: 'REINFORCE++',
  stage: 'advantage',
  summary:
    'Judges every token against all tokens of the batch: the reward still to come, minus the batch’s mean, divided by its standard deviation. Prompts are not compared with themselves, so hard ones learn more slowly.',
  pitfalls:
    'The batch is whitened token by token, so long responses weigh more in mean and deviation; easy and hard prompts share one baseline.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against GRPO (95 % interval): training accuracy −0.024 ± 0.054. Expected: learns more slowly on hard prompts; not to be told from chance here.',
  formula: String.raw`A_{i,t} = \frac{g_{i,t} - \operatorname{mean}(g)}{\operatorname{std}(g)},\quad g_{i,t} = \sum_{k \ge t} \gamma^{k - t}\, r_{i,k}`,
  paper: {
    title: 'REINFORCE++: A Simple and Efficient Approach for Aligning Large Language Models',
    authors: 'Hu, Liu, Xu, Shen',
    year: 2025,
    url: 'https://arxiv.org/abs/2501.03262',
  },
  fidelity: 'released',
  params: {
    gamma: {
      kind: 'number',
      label: 'γ',
      default: 1,
      min: 0.5,
      max: 1,
      help: 'Discount per token. At 1 all tokens of a response share one advantage; below, late tokens earn more of the reward than early ones.',
    },
  },

  /** Long responses weigh more in the statistics, since every token counts. */
  advantages(batch, values) {
    const gamma = values['reinforce_plus_plus.gamma'] as number;
    const returns = new Float64Array(batch.logp.length);
    const rewards = rewardsOfTokens(batch);
    for (const { from, to } of responses(batch)) {
      let later = 0;
      for (let n = to - 1; n >= from; n--) {
        later = (rewards[n] as number) + gamma * later;
        returns[n] = later;
      }
    }
    return whiten(returns);
  },
});
