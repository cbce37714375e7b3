/**
 * Holds the policy near the frozen base by an estimate of the KL divergence from sampled tokens,
 * with verl's clamps and straight-through variant (`kl_penalty`, core_algos.py at 1dda039b).
 *
 * Source of the estimators: Schulman 2020, http://joschu.net/blog/kl-approx.html;
 * of k3 inside the loss: GRPO, section 4.1.
 */
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'kl_penalty',
  label: 'KL penalty',
  stage: 'regularizer',
  summary:
    'Charges the policy for moving away from the base that it started from, token by token of its own responses.',
  pitfalls:
    'k1 in the loss does nothing on average; k3 in the loss descends the other direction of the divergence. At the base itself every estimator but k1 has gradient 0.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): with beta 0.1, KL from the base +0.043 ± 0.069 nats. Expected: stays nearer to the base; not to be told from chance here.',
  formula: String.raw`\beta\,\bigl(e^{-\Delta} - 1 + \Delta\bigr),\quad \Delta = \log\pi_\theta(a_t \mid s_t) - \log\pi_\text{base}(a_t \mid s_t)\quad (k_3)`,
  paper: {
    title: 'DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models',
    authors: 'Shao et al.',
    year: 2024,
    url: 'https://arxiv.org/abs/2402.03300',
  },
  fidelity: 'released',
  strength: 'beta',
  params: {
    beta: {
      kind: 'number',
      label: 'β',
      default: 0.01,
      min: 1e-4,
      max: 1,
      scale: 'log',
      unit: '1/nat',
      help: 'Loss per nat of estimated KL. A small value lets the policy go where reward leads; a large one keeps it at the base. verl takes 0.001.',
    },
    estimator: {
      kind: 'choice',
      label: 'estimator',
      default: 2,
      options: [
        { id: 'k1', label: 'k1: Δ' },
        { id: 'k2', label: 'k2: Δ²/2' },
        { id: 'k3', label: 'k3: exp(−Δ) − 1 + Δ' },
        { id: 'k3_plus', label: 'k3+: value of k3, gradient of k2' },
      ],
      help: 'How the divergence is estimated from one token. As a loss, k1 has no gradient on average; k2 has that of the reverse KL, which is meant; k3 is never negative and varies little, but its gradient is that of the forward KL, from the base to the policy. k3+ shows the value of k3 and follows k2.',
      warns: [
        {
          ...{ from: 0, to: 0, kind: 'no effect' },
          text: 'On average over sampled tokens the gradient of k1 as a loss is zero: it adds noise and holds nothing back. In the reward it is the right one.',
        },
      ],
    },
  },
  needs: ['ref_logp'],
  wgsl: /* wgsl */ `
    fn kl_penalty(t: Token) -> Term {
      let beta = params.kl_penalty_beta;
      let estimator = params.kl_penalty_estimator;
      let delta = t.logp - t.ref_logp;
      if (estimator < 0.5) { return Term(beta * delta, beta, 0.0, 0.0); }
      if (estimator < 1.5) { return Term(beta * 0.5 * delta * delta, beta * delta, 0.0, 0.0); }
      let x = clamp(-delta, -20.0, 20.0);
      let k3 = exp(x) - x - 1.0;
      let value = beta * min(k3, 10.0);
      if (estimator > 2.5) { return Term(value, beta * delta, 0.0, 0.0); }
      // A clamp that acts stops the gradient, as it does in verl.
      let is_held = abs(delta) > 20.0 || k3 > 10.0;
      return Term(value, select(beta * (1.0 - exp(x)), 0.0, is_held), 0.0, 0.0);
    }`,
});
