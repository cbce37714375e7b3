/**
 * EARL, in its style: the policy loss of each response's most uncertain tokens. The share, and averaging over kept
 * tokens, are ours; no code was seen. Its KL term, on all tokens, is kl_penalty.
 */
import { quantile } from '../core/statistics.ts';
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

const SEQUENCE =
  'The objective has one ratio per response, of which single tokens cannot be left out.';

export default defineMethod({
  id: 'earl',
  label: 'EARL-style token gate',
  stage: 'weight',
  summary:
    'Learns only from those tokens of each response at which the model was most undecided. Every response has such tokens, so confident responses teach as many as undecided ones; the paper adds a KL penalty on all tokens.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): training accuracy −0.20 ± 0.31. Expected: nearly the same reward from a fifth of the tokens; no difference could be told.',
  formula: String.raw`L_t \cdot \mathbf{1}[H_t \ge \tau_i],\quad \tau_i = Q_{1-k}(H \text{ of response } i)`,
  pitfalls:
    'The paper’s share is not known to us, so no number of the paper can be checked. A response of one token always keeps it.',
  paper: {
    title: 'EARL: Entropy-Aware RL Alignment of LLMs for Reliable RTL Code Generation',
    authors: 'Shi, Gao, Ko, Boning',
    year: 2025,
    url: 'https://arxiv.org/abs/2511.12033',
  },
  fidelity: 'style',
  params: {
    share: {
      kind: 'number',
      label: 'share k',
      default: 0.2,
      min: 0.01,
      max: 1,
      help: 'Share of each response’s tokens that learns, at least one. At 1 all tokens learn; the paper’s share is not known to us.',
    },
  },
  neutral: { share: 1 },
  needs: ['current'],
  excludes: {
    gspo: SEQUENCE,
    gmpo: SEQUENCE,
    forking_tokens:
      'Both choose the most uncertain tokens, so the second would choose among those of the first.',
  },

  weights(batch, values) {
    const result = new Float32Array(batch.entropy.length);
    for (const { from, to } of responses(batch)) {
      const entropy = batch.entropy.subarray(from, to);
      // Compared in the precision of the entropies, or a token at the threshold could fall below it.
      const threshold = Math.fround(quantile(entropy, 1 - (values['earl.share'] as number)));
      entropy.forEach((h, i) => {
        result[from + i] = Number(h >= threshold);
      });
    }
    return result;
  },
  dropsTokens: () => true,
});
