/**
 * Control for IB entropy: the advantage of another response. It keeps the distribution of the weights and takes away
 * what they know; whoever says that IB uses the advantage must beat it.
 */
import { drawPerResponse, perToken, responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'shuffled_entropy',
  label: 'shuffled entropy (control)',
  stage: 'regularizer',
  summary:
    'Pays for uncertainty in proportion to the advantage of a randomly chosen other response: IB entropy in which the advantage says nothing about the token.',
  pitfalls:
    'Its advantages are another response’s: any benefit it shows is not from knowing which tokens were good.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): entropy +0.015 ± 0.042 nats. Expected: as stable as IB, which knows more; no difference could be told.',
  formula: String.raw`-\alpha\, A_{\sigma(i)}\, H\bigl(\pi_\theta(\cdot \mid s_t)\bigr),\quad \sigma \text{ a random permutation of the minibatch's responses}`,
  paper: {
    title: 'Revisiting LLM Reasoning via Information Bottleneck',
    authors: 'Lei, Cheng, Jia, Tao',
    year: 2025,
    url: 'https://arxiv.org/abs/2507.18391',
  },
  fidelity: 'own',
  strength: 'alpha',
  params: {
    alpha: {
      kind: 'number',
      label: 'α',
      default: 0.5,
      min: 0,
      max: 1,
      scale: 'log',
      unit: '1/nat',
      help: 'Loss per nat of entropy and unit of advantage, as in IB entropy.',
    },
  },
  neutral: { alpha: 0 },

  /** The mean advantage of the response that took this one's place. */
  constants(batch) {
    const ranges = responses(batch);
    const means = ranges.map(({ from, to }) => {
      return batch.advantage.subarray(from, to).reduce((a, b) => a + b, 0) / (to - from);
    });
    // Two random orders, matched place by place, are a random permutation.
    const orderBy = (keys: Float64Array): number[] =>
      [...keys.keys()].sort((a, b) => (keys[a] as number) - (keys[b] as number));
    const [to, from] = [orderBy(drawPerResponse(batch, 0)), orderBy(drawPerResponse(batch, 1))];
    const shuffled = new Float64Array(ranges.length);
    to.forEach((i, k) => {
      shuffled[i] = means[from[k] as number] as number;
    });
    return perToken(batch, shuffled, 'shuffled_entropy');
  },
  wgsl: /* wgsl */ `
    fn shuffled_entropy(t: Token, advantage: f32) -> Term {
      let weight = params.shuffled_entropy_alpha * advantage;
      return Term(-weight * t.entropy, 0.0, -weight, 0.0);
    }`,
});
