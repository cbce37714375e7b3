/**
 * CISPO, as verl computes it (`compute_policy_loss_cispo`, core_algos.py at 1dda039b): the clipped ratio is a constant
 * weight. MiniMax leaves the lower side open (ε low = 1) and TRL caps at an absolute 5 (ε high = 4).
 */
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'cispo',
  label: 'CISPO',
  stage: 'objective',
  summary:
    'Weighs each token’s log-probability by its clipped ratio, taken as a constant: a token that has moved far keeps learning, only its weight is capped.',
  pitfalls:
    'Its loss contains the log-probability itself and is no estimate of reward: do not compare its value with PPO’s. Sources differ in the cap: verl clips both sides at 1 ± ε, TRL only caps the ratio at a value such as 5.',
  seen: 'On 3 seeds, 32 steps of 8 × 8 in four updates each, against GRPO (95 % interval): entropy +0.021 ± 0.078 nats. Expected: entropy above PPO’s at the same reward; not to be told from chance here.',
  formula: String.raw`-\operatorname{sg}\bigl[\operatorname{clip}(\rho, 1-\varepsilon_\text{low}, 1+\varepsilon_\text{high})\bigr]\, A \log \pi_\theta(a_t \mid s_t)`,
  paper: {
    title: 'MiniMax-M1: Scaling Test-Time Compute Efficiently with Lightning Attention',
    authors: 'MiniMax',
    year: 2025,
    url: 'https://arxiv.org/abs/2506.13585',
  },
  fidelity: 'released',
  needs_reuse:
    'With one epoch and one minibatch the policy is the one that sampled: every ratio is 1, no bound can act, and the gradient is that of the plain policy gradient.',
  params: {
    eps_low: {
      kind: 'number',
      label: 'ε low',
      default: 1,
      min: 0.01,
      max: 1,
      scale: 'log',
      help: 'The weight is at least 1 minus this. 1 leaves the lower side open, as MiniMax does.',
    },
    eps_high: {
      kind: 'number',
      label: 'ε high',
      default: 0.28,
      min: 0.01,
      max: 10,
      scale: 'log',
      help: 'The weight is at most 1 plus this. TRL recommends 4, a cap of 5. The loss contains log π and is no measure of reward.',
    },
  },
  holds_ratio: true,
  wgsl: /* wgsl */ `
    fn cispo(t: Token) -> Term {
      let weight = clamp(t.ratio, 1.0 - params.cispo_eps_low, 1.0 + params.cispo_eps_high);
      let slope = -weight * t.advantage;
      return Term(slope * t.logp, slope, 0.0, select(0.0, 1.0, weight != t.ratio));
    }`,
});
