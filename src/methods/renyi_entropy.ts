/**
 * Rényi entropy instead of Shannon's. No paper of the field that we read uses it as a regularizer of a policy: it stands
 * beside Tsallis entropy, with which it shares the sum Σ p^a, because it is in nats and log V when undecided, for any a.
 */
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'renyi_entropy',
  label: 'Rényi entropy',
  stage: 'regularizer',
  summary:
    'Pays every response token for uncertainty, measured with a dial: above a = 1 the likeliest tokens decide, below it every token that is possible at all counts.',
  pitfalls:
    'The gradient does not fade as the policy becomes certain the way Tsallis entropy’s does, so an α that suits one of them does not suit the other.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): entropy +1.0 ± 0.37 nats. Expected: entropy stays higher; seen.',
  formula: String.raw`-\alpha\, \frac{\log \sum_j p_j^a}{1 - a}`,
  paper: {
    title: 'On Measures of Entropy and Information',
    authors: 'Rényi',
    year: 1961,
    url: 'https://projecteuclid.org/euclid.bsmsp/1200512181',
  },
  fidelity: 'own',
  strength: 'alpha',
  params: {
    alpha: {
      kind: 'number',
      label: 'α',
      default: 0.2,
      min: 0,
      max: 1,
      scale: 'log',
      unit: '1/nat',
      help: 'Loss per nat of Rényi entropy. At 0 nothing happens.',
    },
    order: {
      kind: 'number',
      label: 'order a',
      default: 2,
      min: 0.2,
      max: 4,
      help: 'At 1 it is the entropy bonus. Unlike Tsallis entropy its gradient stays large where the policy is nearly certain, since it is divided by Σ pᵃ.',
    },
  },
  neutral: { alpha: 0 },
  row: {
    wgsl: /* wgsl */ `
      // (Σ p^a − 1) / (a − 1), since Σ p = 1, and Σ p^a: which one is exact depends on how far the sum is from 1.
      fn renyi_entropy_sums(c: Choice) -> vec4f {
        let order = params.renyi_entropy_order;
        return vec4f(power_difference(c, order), exp(order * c.logp), 0.0, 0.0);
      }
      fn renyi_entropy_row(sums: vec4f) -> f32 {
        let order = params.renyi_entropy_order;
        let y = (order - 1.0) * sums.x;
        if (abs(y) > 0.1) { return log(sums.y) / (1.0 - order); }
        // −log(1 + y) / (a − 1), also where a is 1.
        let series = 1.0 - y * (1.0 / 2.0 - y * (1.0 / 3.0 - y * (1.0 / 4.0 - y * (1.0 / 5.0 - y * (1.0 / 6.0 - y / 7.0)))));
        return -sums.x * series;
      }
      // a / (1 − a) · (p^a / Σ p^a − p)
      fn renyi_entropy_slope(c: Choice, sums: vec4f) -> f32 {
        let order = params.renyi_entropy_order;
        if (abs((order - 1.0) * sums.x) > 0.1) {
          return order / (1.0 - order) * (exp(order * c.logp) / sums.y - c.p);
        }
        return -order * (power_difference(c, order) - c.p * sums.x) / sums.y;
      }`,
  },
  wgsl: /* wgsl */ `
    fn renyi_entropy(t: Token, row: f32) -> RowTerm {
      let alpha = params.renyi_entropy_alpha;
      return RowTerm(Term(-alpha * row, 0.0, 0.0, 0.0), -alpha);
    }`,
});
