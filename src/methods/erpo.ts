/**
 * ERPO, in its style: known are a gate by the token's entropy in its group and a token signal that is normalized within
 * windows of relative progress. That the signal is surprisal, and how it joins the advantage, is ours.
 */
import { mean, variance } from '../core/statistics.ts';
import { responses, type TokenBatch } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'erpo',
  label: 'ERPO-style credit',
  stage: 'shape',
  summary:
    'Gives uncertain tokens that were surprising for their place in the response a larger advantage, and unsurprising ones a smaller one. The outcome keeps the sign.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): response length −0.25 ± 1.0 tokens. Expected: shorter right answers are claimed; not to be told from chance here.',
  formula: String.raw`A_{i,t} = A_i \bigl(1 + \eta \tanh(W_{i,t}\, \tilde s_{i,t})\bigr),\quad W = \sigma\bigl(\gamma\, z(H)\bigr),\; \tilde s = z_\text{window}(-\log\pi_\text{old})`,
  pitfalls:
    'Only fragments of the method are public to us; read a result here as one of this formula, not of the paper.',
  paper: {
    title: 'ERPO: Token-Level Entropy-Regulated Policy Optimization for Large Reasoning Models',
    authors: 'Yu, Li',
    year: 2026,
    url: 'https://arxiv.org/abs/2603.28204',
  },
  fidelity: 'style',
  group_of_one:
    'With one response per prompt a token is compared with its neighbours alone, and in responses of no more tokens than windows with nothing.',
  excludes: {
    gmpo: 'GMPO takes one advantage for a whole response, and this gives every token its own.',
  },
  params: {
    eta: {
      kind: 'number',
      label: 'η',
      default: 0.3,
      min: 0,
      max: 1,
      help: 'By how much of itself the advantage of a token changes at most. At 0 nothing happens.',
    },
    gamma: {
      kind: 'number',
      label: 'γ',
      default: 1,
      min: 0,
      max: 10,
      help: 'How sharply the gate parts uncertain tokens from confident ones. At 0 all tokens pass it half.',
    },
    windows: {
      kind: 'number',
      label: 'windows',
      default: 10,
      min: 1,
      max: 20,
      integer: true,
      help: 'Parts into which each response is cut by progress; a token’s surprise is compared within its part, over the responses to one prompt.',
    },
  },
  neutral: { eta: 0 },

  shape(batch, values) {
    const of = (name: string): number => values[`erpo.${name}`] as number;
    const gates = standardized(batch.old_entropy, batch, () => 0);
    const signals = standardized(batch.old_logp, batch, (progress) => {
      return Math.floor(of('windows') * progress);
    });
    return batch.advantage.map((a, n) => {
      const gate = 1 / (1 + Math.exp(-of('gamma') * (gates[n] as number)));
      // Surprisal is −logp.
      return a * (1 + of('eta') * Math.tanh(-gate * (signals[n] as number)));
    });
  },
});

/** [N] z-scores among the tokens of one prompt whose window is the same; population deviation. */
function standardized(
  values: Float32Array,
  batch: TokenBatch,
  window: (progress: number) => number,
): Float64Array {
  const sets = new Map<string, number[]>();
  responses(batch).forEach(({ from, to }, i) => {
    for (let n = from; n < to; n++) {
      const key = `${batch.group[i]}/${window((n - from) / (to - from))}`;
      const set = sets.get(key);
      if (set) set.push(n);
      else sets.set(key, [n]);
    }
  });
  const result = new Float64Array(values.length);
  for (const tokens of sets.values()) {
    const own = tokens.map((n) => values[n] as number);
    const center = mean(own);
    const scale = Math.sqrt(variance(own, 0)) + 1e-6;
    for (const n of tokens) result[n] = ((values[n] as number) - center) / scale;
  }
  return result;
}
