/**
 * REINFORCE++ without its KL in the reward, as verl computes it (`compute_reinforce_plus_plus_outcome_advantage`,
 * core_algos.py at 1dda039b).
 */
import { whiten } from '../core/statistics.ts';
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'reinforce_plus_plus',
  label: 'REINFORCE++',
  stage: 'advantage',
  summary:
    'Judges every token against all tokens of the batch: the reward still to come, minus the batch’s mean, divided by its standard deviation. Prompts are not compared with themselves, so hard ones learn more slowly.',
  pitfalls:
    'The batch is whitened token by token, so long responses weigh more in mean and deviation; easy and hard prompts share one baseline.',
  formula: String.raw`A_{i,t} = \frac{g_{i,t} - \operatorname{mean}(g)}{\operatorname{std}(g)},\quad g_{i,t} = \gamma^{|o_i| - t} R_i`,
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
    responses(batch).forEach(({ from, to }, i) => {
      for (let n = from; n < to; n++) {
        returns[n] = (batch.reward[i] as number) * gamma ** (to - 1 - n);
      }
    });
    return whiten(returns);
  },
});
