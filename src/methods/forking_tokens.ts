/**
 * 80/20: the policy loss of the most uncertain tokens alone, ranked over the minibatch and averaged over those that are
 * kept, as the authors' code does (Beyond-the-80-20-Rule-RLVR at 6f5dda6f); averaged over all tokens, as TRL does. The
 * two controls are part of it: random tokens, and all but the most uncertain.
 */
import { largest } from '../core/statistics.ts';
import { drawPerToken, responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

const SEQUENCE =
  'The objective has one ratio per response, of which single tokens cannot be left out.';

export default defineMethod({
  id: 'forking_tokens',
  label: 'forking tokens (80/20)',
  stage: 'weight',
  summary:
    'Learns only from the tokens at which the model is most undecided: the forks at which a response takes its way. Random tokens and the rest are there as controls.',
  pitfalls:
    'Three conventions give three curves: which tokens are ranked together, what happens to ties, and whether the mean counts all tokens or the kept ones, which alone makes the gradient five times larger. Always run the random share beside it.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): training accuracy −0.37 ± 0.33. Expected: nearly the same reward from a fifth of the tokens; a difference was seen. With kept rest, training accuracy −0.41 ± 0.11. Expected: the other four fifths alone fail; seen.',
  formula: String.raw`L_t \cdot \mathbf{1}\bigl[H_t \text{ among the } \lceil k N \rceil \text{ largest}\bigr]`,
  paper: {
    title:
      'Beyond the 80/20 Rule: High-Entropy Minority Tokens Drive Effective Reinforcement Learning for LLM Reasoning',
    authors: 'Wang et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2506.01939',
  },
  fidelity: 'released',
  params: {
    share: {
      kind: 'number',
      label: 'share k',
      default: 0.2,
      min: 0.01,
      max: 1,
      help: 'Share of tokens that counts as forks. At 1 all tokens learn.',
    },
    kept: {
      kind: 'choice',
      label: 'kept tokens',
      default: 0,
      options: [
        { id: 'top', label: 'the most uncertain' },
        { id: 'random', label: 'as many at random (control)' },
        { id: 'rest', label: 'all but the most uncertain (control)' },
      ],
      help: 'Which tokens learn. If random ones do as well, uncertainty is not what helped.',
    },
    scope: {
      kind: 'choice',
      label: 'ranked over',
      default: 0,
      options: [
        { id: 'minibatch', label: 'the minibatch, as the authors' },
        { id: 'response', label: 'each response' },
      ],
      help: 'Ranked over the minibatch, undecided responses give most of the tokens; ranked in each response, all give the same share.',
    },
    average: {
      kind: 'choice',
      label: 'averaged over',
      default: 0,
      options: [
        { id: 'kept', label: 'kept tokens, as the authors' },
        { id: 'all', label: 'all tokens, as TRL' },
      ],
      help: 'Over all tokens the gradient is smaller by about the share k, which is a lower learning rate in disguise.',
    },
  },
  neutral: { share: 1, kept: 0 },
  needs: ['current'],
  excludes: { gspo: SEQUENCE, gmpo: SEQUENCE },

  weights(batch, values) {
    const of = (name: string): number => values[`forking_tokens.${name}`] as number;
    const N = batch.entropy.length;
    const scores = of('kept') === 1 ? drawPerToken(batch, 0) : batch.entropy;
    const ranges = of('scope') === 0 ? [{ from: 0, to: N }] : responses(batch);
    const [inside, outside] = of('kept') === 2 ? [0, 1] : [1, 0];
    const result = new Float32Array(N).fill(outside);
    for (const { from, to } of ranges) {
      const tokens = Array.from({ length: to - from }, (_, i) => from + i);
      // The authors' rounding up.
      const count = Math.floor(of('share') * tokens.length + 0.9999);
      for (const n of largest(scores, count, tokens)) result[n] = inside;
    }
    return result;
  },
  dropsTokens: (values) => values['forking_tokens.average'] === 0,
});
