/**
 * Entrocraft, the rule of the paper's text: where entropy leaves a band, only rollouts that lead back are learned from.
 * The authors' code (lblaoke/entrocraft at 26165bd) switches the estimator there instead. Taking rejected rollouts out
 * of the average is ours; they can stay.
 */
import { mean } from '../core/statistics.ts';
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'entrocraft',
  label: 'Entrocraft',
  stage: 'weight',
  summary:
    'Keeps entropy on a schedule by choosing what to learn from: below the band only bad responses, which raises entropy; above it only good ones, which lowers it.',
  pitfalls:
    'It switches hard between two kinds of data, so entropy saws around the band. The authors’ text and their code differ outside of the band; this is the text’s rule.',
  formula: String.raw`L_i \cdot \mathbf{1}[m A_i \ge 0],\quad m = \mathbf{1}[\bar H > h_\text{high}] - \mathbf{1}[\bar H < h_\text{low}]`,
  paper: {
    title: 'Addressing Performance Saturation for LLM RL via Precise Entropy Curve Control',
    authors: 'Li, Wang, Ding, Lochab, Grama, Zhang',
    year: 2026,
    url: 'https://arxiv.org/abs/2604.26326',
  },
  fidelity: 'published',
  params: {
    low_begin: {
      kind: 'number',
      label: 'lower edge, first',
      default: 0.4,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Lower edge of the band at the first step; it moves in a straight line to the last. The paper takes 0.6 for large vocabularies.',
    },
    low_end: {
      kind: 'number',
      label: 'lower edge, last',
      default: 0.1,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Lower edge of the band at the last step. Equal to the first for a constant band; the paper takes 0.1.',
    },
    high_begin: {
      kind: 'number',
      label: 'upper edge, first',
      default: 0.5,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Upper edge of the band at the first step. The paper takes 0.7.',
    },
    high_end: {
      kind: 'number',
      label: 'upper edge, last',
      default: 0.2,
      min: 0,
      max: 10,
      unit: 'nats',
      help: 'Upper edge of the band at the last step. The paper takes 0.2.',
    },
    average: {
      kind: 'choice',
      label: 'averaged over',
      default: 0,
      options: [
        { id: 'kept', label: 'kept responses' },
        { id: 'all', label: 'all responses' },
      ],
      help: 'Over kept responses a step is as large as without rejection; over all, rejection also makes it smaller.',
    },
  },
  neutral: { low_begin: 0, low_end: 0, high_begin: 10, high_end: 10 },
  needs: ['current'],

  /** Mean entropy of the minibatch's tokens under the policy as it is. */
  weights(batch, values) {
    const edge = (name: string): number => {
      const begin = values[`entrocraft.${name}_begin`] as number;
      return begin + ((values[`entrocraft.${name}_end`] as number) - begin) * batch.progress;
    };
    const entropy = mean(batch.entropy);
    const side = Number(entropy > edge('high')) - Number(entropy < edge('low'));
    const result = new Float32Array(batch.entropy.length);
    for (const { from, to } of responses(batch)) {
      const advantage = mean(batch.advantage.subarray(from, to));
      result.fill(side * advantage >= 0 ? 1 : 0, from, to);
    }
    return result;
  },
  dropsTokens: (values) => values['entrocraft.average'] === 0,
});
