/** DAPO's soft overlong punishment (verl-recipe `dapo/` at 48ea0a79): a long answer costs before it is cut off. */
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'soft_overlong',
  label: 'soft overlong punishment',
  stage: 'reward',
  summary:
    'Takes reward away from responses that come close to the longest that is allowed, the more the closer, instead of only cutting them off. Accuracy is measured without it.',
  pitfalls:
    'Reward and accuracy part: a right answer may earn less than a short one. With rewards of 0 and 1 a wrong long answer falls below 0.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): response length −0.0082 ± 0.026 tokens. Expected: responses end sooner; not to be told from chance here.',
  formula: String.raw`R_i + \min\Bigl(-f\,\frac{|o_i| - (L - B)}{B},\; 0\Bigr)`,
  paper: {
    title: 'DAPO: An Open-Source LLM Reinforcement Learning System at Scale',
    authors: 'Yu et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2503.14476',
  },
  fidelity: 'released',
  params: {
    buffer: {
      kind: 'number',
      label: 'buffer B / L',
      default: 0.2,
      min: 0.02,
      max: 1,
      help: 'Share of the longest response in which the punishment grows from 0 to f. DAPO takes 4096 of 20480 tokens.',
    },
    factor: {
      kind: 'number',
      label: 'f',
      default: 1,
      min: 0,
      max: 5,
      help: 'Punishment of a response of full length. DAPO takes 1 where right answers earn 1 and wrong ones −1; at 0 nothing is taken away.',
    },
  },
  neutral: { factor: 0 },
  rewards(batch, values) {
    const factor = values['soft_overlong.factor'] as number;
    const buffer = (values['soft_overlong.buffer'] as number) * batch.max_response;
    return responses(batch).map(({ from, to }, i) => {
      const over = (to - from - (batch.max_response - buffer)) / buffer;
      return (batch.reward[i] as number) + Math.min(-factor * over, 0);
    });
  },
});
