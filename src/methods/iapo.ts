/**
 * IAPO: a token is paid for what it tells about the answer. After every prefix the reasoning is closed and the answer's
 * entropy E_t is read; a token that lowers it is credited, and uncertain tokens of right responses are charged.
 * Formula: the paper and the released trainer; normalized over response tokens only, which is ours.
 */
import { entropyGains, logpGains } from '../core/gains.ts';
import { responses, type TokenBatch } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

/** The released smoothing, s_t = (E_t + E_{t−1}) / 2 − E_{t+1}, with 0 for what was not read. */
function smoothed({ answer_entropy: E }: TokenBatch, from: number, to: number): number[] {
  const at = (n: number): number => (n < from || n >= to ? 0 : Math.max(0, E[n] as number));
  return Array.from({ length: to - from }, (_, t) => {
    const n = from + t;
    // Where the reasoning is over, tokens tell nothing more.
    return (E[n] as number) < 0 ? 0 : (at(n) + at(n - 1)) / 2 - at(n + 1);
  });
}

/** To mean 0 and deviation 1 (n − 1), then to length 1. `slip`: as released, where only the mean is divided. */
export function normalized(values: readonly number[], slip: boolean): number[] {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const spread = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const std = Math.sqrt(spread / Math.max(1, n - 1)) + 1e-8;
  const scored = values.map((x) => (slip ? x - mean / std : (x - mean) / std));
  const norm = Math.sqrt(scored.reduce((sum, x) => sum + x * x, 0)) + 1e-8;
  return scored.map((x) => x / norm);
}

export default defineMethod({
  id: 'iapo',
  label: 'IAPO',
  stage: 'shape',
  summary:
    'Adds to a token’s advantage what it tells about the answer: how much surer the model would be of an answer given right after it. Expect shorter responses where filler tokens lose.',
  pitfalls:
    'At the released weights of 10⁻⁶ it is GRPO to the last digit. The released code divides only the mean by the deviation (a missing bracket), which the choice “as released” keeps. A gain says that the model grew surer, not that it grew right; the third choice of gain counts the right answer only.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): response length +0.031 ± 0.028 tokens. Expected: shorter responses at the same accuracy; the opposite was seen.',
  formula: String.raw`A'_t = A + w_s\, \hat s_t - \operatorname{sign}(R)\, w_c\, \hat H_t,\quad s_t = E_t - E_{t+1},\quad E_t = H(a \mid q, o_{<t})`,
  paper: {
    title: 'IAPO: Information-Aware Policy Optimization for Token-Efficient Reasoning',
    authors: 'He et al.',
    year: 2026,
    url: 'https://arxiv.org/abs/2602.19049',
  },
  fidelity: 'style',
  needs: ['answers'],
  excludes: {
    gmpo: 'GMPO takes one advantage for a whole response, and this gives every token its own.',
  },
  params: {
    gain: {
      kind: 'choice',
      label: 'gain',
      default: 0,
      options: [
        { id: 'entropy', label: 'entropy lost' },
        { id: 'smoothed', label: 'smoothed, as released' },
        { id: 'right', label: 'right answer’s log-probability' },
      ],
      help: 'What a token is credited for: nats it takes off the answer’s entropy, the released average over two tokens, or nats it adds to the right answer. The last looks at the right answer, so beside a reward without labels it gives them away.',
    },
    w_gain: {
      kind: 'number',
      label: 'weight of the gain',
      default: 0.5,
      min: 0,
      max: 2,
      help: 'Advantage that goes to telling tokens. The gains of a response are scaled to length 1, so each token gets less in a long one.',
    },
    w_confidence: {
      kind: 'number',
      label: 'weight of confidence',
      default: 0.5,
      min: 0,
      max: 2,
      help: 'Advantage taken from tokens that were uncertain, in responses with a reward above 0; with a reward below 0 they are paid.',
    },
    norm: {
      kind: 'choice',
      label: 'scaling',
      default: 0,
      options: [
        { id: 'meant', label: 'as meant' },
        { id: 'released', label: 'as released' },
      ],
      help: 'Gains and entropies of a response to mean 0 and deviation 1, or as the released code does it, without the bracket.',
    },
  },
  neutral: { w_gain: 0, w_confidence: 0 },

  shape(batch, values) {
    const of = (name: string): number => values[`iapo.${name}`] as number;
    const slip = of('norm') === 1;
    const gains = of('gain') === 2 ? logpGains(batch) : entropyGains(batch);
    const result = batch.advantage.slice();
    responses(batch).forEach(({ from, to }, i) => {
      const own = of('gain') === 1 ? smoothed(batch, from, to) : [...gains.subarray(from, to)];
      const gain = normalized(own, slip);
      const confidence = normalized([...batch.old_entropy.subarray(from, to)], slip);
      const sign = Math.sign(batch.reward[i] as number);
      for (let n = from; n < to; n++) {
        const t = n - from;
        const pay = of('w_gain') * (gain[t] as number);
        result[n] =
          (result[n] as number) + pay - sign * of('w_confidence') * (confidence[t] as number);
      }
    });
    return result;
  },
});
