/** REINFORCE: the reward itself, or its difference to the batch's mean. Prompts are not compared with themselves. */
import { mean } from '../core/statistics.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'reinforce',
  label: 'REINFORCE',
  stage: 'advantage',
  summary:
    'Takes the reward itself as the advantage, or what it is above the mean of the whole batch. With rewards of 0 and 1 and no baseline only right responses teach anything.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against GRPO (95 % interval): training accuracy −0.028 ± 0.080. Expected: noisier without a group to compare with, learns more slowly; not to be told from chance here.',
  formula: String.raw`A_i = R_i - b,\quad b = 0 \;\text{ or }\; \operatorname{mean}(R_1 \ldots R_B)`,
  pitfalls:
    'Prompts are not compared with themselves: an easy prompt’s right answers push as hard as a hard prompt’s. With rewards of 0 and 1 and no baseline, every update makes some sampled responses likelier and none less likely, so entropy falls fast.',
  paper: {
    title:
      'Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning',
    authors: 'Williams',
    year: 1992,
    url: 'https://doi.org/10.1007/BF00992696',
  },
  fidelity: 'published',
  params: {
    baseline: {
      kind: 'choice',
      label: 'baseline',
      default: 1,
      options: [
        { id: 'none', label: 'none' },
        { id: 'batch', label: 'mean reward of the batch' },
      ],
      help: 'A baseline changes the noise of the gradient, not its mean (but for the share that a response has in its own baseline). Without one and with rewards of 0 and 1, wrong responses are never pushed down.',
    },
  },

  /** Equal rewards over the whole batch give exactly 0 with the baseline. */
  advantages({ reward }, values) {
    const center = values['reinforce.baseline'] === 1 ? mean(reward) : 0;
    const isFlat = center !== 0 && reward.every((r) => r === reward[0]);
    return Float32Array.from(reward, (r) => (isFlat ? 0 : r - center));
  },
});
