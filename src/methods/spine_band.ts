/**
 * The entropy band of SPINE, in its style: at each response's most uncertain tokens entropy is pushed back where it
 * leaves the middle of the batch. No code was seen; the coefficient is ours. Its reward (majority vote) and its mask
 * (forking tokens, ranked in each response) are methods of their own. The loss is the hinge up to a constant.
 */
import { largest, quantile } from '../core/statistics.ts';
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'spine_band',
  label: 'entropy band (SPINE)',
  stage: 'regularizer',
  summary:
    'At the tokens where a response is most undecided, raises entropy that is low for the batch and lowers entropy that is high. Half of these tokens are always above the upper edge, so entropy sinks slowly.',
  pitfalls:
    'The edges are quantiles of each batch, so half of the forks are above the upper edge however low entropy is, and it sinks slowly. It is the forks’ own mean under a token mean alone.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): entropy +0.0086 ± 0.069 nats. Expected: half of the forks lie above the band, entropy sinks; not to be told from chance here.',
  formula: String.raw`\lambda \operatorname*{mean}_{t \in F} \bigl[\max(0, H_t - Q_{50}) + \max(0, Q_{10} - H_t)\bigr],\quad F = \text{the } 20\,\% \text{ most uncertain tokens of each response}`,
  paper: {
    title:
      'SPINE: Token-Selective Test-Time Reinforcement Learning with Entropy-Band Regularization',
    authors: 'Wu et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2511.17938',
  },
  fidelity: 'style',
  strength: 'lambda',
  params: {
    lambda: {
      kind: 'number',
      label: 'λ',
      default: 0.1,
      min: 0,
      max: 1,
      scale: 'log',
      unit: '1/nat',
      help: 'Loss per nat outside the band. At 0 nothing happens; the paper does not say what it takes.',
    },
    share: {
      kind: 'number',
      label: 'share of tokens',
      default: 0.2,
      min: 0.01,
      max: 1,
      help: 'Share of each response’s tokens that count as forks, at least one.',
    },
    low: {
      kind: 'number',
      label: 'lower quantile',
      default: 0.1,
      min: 0,
      max: 1,
      help: 'Entropy below this quantile of the forks is raised.',
    },
    high: {
      kind: 'number',
      label: 'upper quantile',
      default: 0.5,
      min: 0,
      max: 1,
      help: 'Entropy above this quantile of the forks is lowered.',
    },
  },
  neutral: { lambda: 0 },
  needs: ['current'],

  /** +N/|F| where entropy is to rise, −N/|F| where it is to fall: with a token mean the forks' own mean. */
  constants(batch, values) {
    const of = (name: string): number => values[`spine_band.${name}`] as number;
    const { entropy } = batch;
    const forks = responses(batch).flatMap(({ from, to }) => {
      const tokens = Array.from({ length: to - from }, (_, i) => from + i);
      return largest(entropy, Math.ceil(of('share') * tokens.length), tokens);
    });
    const levels = forks.map((n) => entropy[n] as number);
    const [low, high] = [quantile(levels, of('low')), quantile(levels, of('high'))];
    const result = new Float32Array(entropy.length);
    for (const n of forks) {
      const side = Number((entropy[n] as number) < low) - Number((entropy[n] as number) > high);
      result[n] = (side * entropy.length) / forks.length;
    }
    return result;
  },
  wgsl: /* wgsl */ `
    fn spine_band(t: Token, side: f32) -> Term {
      let weight = params.spine_band_lambda * side;
      return Term(-weight * t.entropy, 0.0, -weight, 0.0);
    }`,
});
