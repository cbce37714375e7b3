/**
 * EMPG: confident steps learn more, and a step that leads to a confident one is paid for it. A step is a run of tokens
 * here (ours; an agent's turn in the paper). Formula: the paper's text; no code of the authors was seen.
 */
import { mean } from '../core/statistics.ts';
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'empg',
  label: 'EMPG',
  stage: 'shape',
  summary:
    'Makes confident tokens learn faster than uncertain ones, and pays a token for being followed by a confident one, also in wrong responses. Expect entropy to fall faster.',
  pitfalls:
    'The bonus for a clear next step ignores the outcome, so it rewards confidence in wrong responses, too. Nothing is scaled to variance 1 afterwards.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): entropy −0.0021 ± 0.014 nats. Expected: entropy falls faster; not to be told from chance here.',
  formula: String.raw`A'_s = A\, \frac{e^{-k \tilde H_s}}{\operatorname{mean}(e^{-k \tilde H})} + \zeta\, e^{-k' \tilde H_{s+1}} - \operatorname{mean}(A'),\quad \tilde H \in [0, 1]`,
  paper: {
    title: 'Harnessing Uncertainty: Entropy-Modulated Policy Gradients for Long-Horizon LLM Agents',
    authors: 'Wang et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2509.09265',
  },
  fidelity: 'published',
  excludes: {
    gmpo: 'GMPO takes one advantage for a whole response, and this gives every token its own.',
  },
  params: {
    k: {
      kind: 'number',
      label: 'k',
      default: 1,
      min: 0,
      max: 5,
      help: 'How much more confident steps learn. At 0 all learn alike.',
    },
    zeta: {
      kind: 'number',
      label: 'ζ',
      default: 0.05,
      min: 0,
      max: 0.5,
      help: 'Advantage paid for a confident next step, whatever the outcome.',
    },
    k_next: {
      kind: 'number',
      label: 'k′',
      default: 1,
      min: 0,
      max: 5,
      help: 'How much that payment falls with the next step’s uncertainty.',
    },
    step: {
      kind: 'number',
      label: 'tokens of a step',
      default: 1,
      min: 1,
      max: 16,
      integer: true,
      help: 'Tokens that are taken together. The paper’s steps are the turns of an agent, which single answers do not have.',
    },
  },

  /** Statistics over the steps of the whole batch, entropies as sampled. */
  shape(batch, values) {
    const of = (name: string): number => values[`empg.${name}`] as number;
    const steps = responses(batch).flatMap(({ from, to }) => {
      const count = Math.ceil((to - from) / of('step'));
      return Array.from({ length: count }, (_, s) => {
        const [first, end] = [from + s * of('step'), Math.min(to, from + (s + 1) * of('step'))];
        const entropy = mean(batch.old_entropy.subarray(first, end));
        const advantage = mean(batch.advantage.subarray(first, end));
        return { first, end, entropy, advantage, isLast: s === count - 1 };
      });
    });
    const entropies = steps.map((s) => s.entropy);
    const least = entropies.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const most = entropies.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const scaled = entropies.map((entropy) => (entropy - least) / (most - least + 1e-8));
    const weights = scaled.map((x) => Math.exp(-of('k') * x));
    const average = mean(weights);
    const shaped = steps.map(({ advantage, isLast }, s) => {
      const next = isLast ? 0 : of('zeta') * Math.exp(-of('k_next') * (scaled[s + 1] as number));
      return (advantage * (weights[s] as number)) / average + next;
    });
    const center = mean(shaped);
    const result = new Float32Array(batch.advantage.length);
    steps.forEach(({ first, end }, s) => {
      result.fill((shaped[s] as number) - center, first, end);
    });
    return result;
  },
});
