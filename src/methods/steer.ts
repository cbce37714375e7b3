/**
 * STEER, as its authors' code has it (zz-haooo/STEER `core_algos.py` at b31df71): tokens whose update is estimated to
 * change entropy much count less. Differentiating the surrogate gives one factor π more than the code; both are here.
 */
import { STEER_MAP, weightsOfChanges } from '../core/entropy_change.ts';
import { defineMethod } from './method.ts';

const SEQUENCE =
  'The objective has one ratio per response, whose tokens cannot be weighed one by one.';

export default defineMethod({
  id: 'steer',
  label: 'STEER',
  stage: 'weight',
  summary:
    'Estimates how much each token’s update will change entropy, in either direction, and lets those that change it most count less.',
  pitfalls:
    'Weights are scaled by the largest change of the batch: one outlier makes all others nearly 1. The released form has one factor π fewer than the derivative.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): with least 0.5, entropy +0.0058 ± 0.028 nats. Expected: entropy falls more slowly; not to be told from chance here.',
  formula: String.raw`L_t \cdot \operatorname{clip}\bigl(e^{-k \Omega_t}, w_\text{min}, 1\bigr),\quad \Omega_t = \Bigl\lvert \frac{A_t}{\pi_\text{old}}\, \pi (1-\pi)(\log\pi + H_\text{old}) \Bigr\rvert,\quad k = \frac{-\ln w_\text{min}}{\max(\Omega_\text{max}, 0.02)}`,
  paper: {
    title: 'Rethinking Entropy Interventions in RLVR: An Entropy Change Perspective',
    authors: 'Hao et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2510.10150',
  },
  fidelity: 'released',
  params: {
    form: {
      kind: 'choice',
      label: 'change of entropy',
      default: 0,
      options: [
        { id: 'released', label: 'as the released code' },
        { id: 'derivative', label: 'derivative of the surrogate' },
      ],
      help: 'The derivative through the token’s own logit has one factor π more than the released code, so unlikely tokens count as changing entropy less.',
    },
    ...STEER_MAP,
  },
  neutral: { map: 0, least: 1 },
  needs: ['current'],
  excludes: { gspo: SEQUENCE, gmpo: SEQUENCE },

  /** Least and largest change are those of the minibatch. */
  weights(batch, values) {
    const of = (name: string): number => values[`steer.${name}`] as number;
    const clamp = (x: number, low: number, high: number): number =>
      Math.min(Math.max(x, low), high);
    const changes = Float64Array.from(batch.advantage, (a, n) => {
      const p = clamp(Math.exp(batch.logp[n] as number), 1e-8, 1 - 1e-8);
      const old = clamp(Math.exp(batch.old_logp[n] as number), 1e-8, 1);
      const change = (a / old) * p * (1 - p) * (Math.log(p) + (batch.old_entropy[n] as number));
      const factor = of('form') === 1 ? p : 1;
      return Number.isFinite(change) ? Math.abs(factor * change) : 0;
    });
    return weightsOfChanges(changes, { map: of('map'), least: of('least'), most: of('most') });
  },
});
