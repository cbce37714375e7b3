/**
 * The clipped policy loss, as verl computes it (`compute_policy_loss_vanilla`, core_algos.py at
 * 1dda039b). `bound` is verl's pg_clipfrac: it counts the clip of the ratio, not the dual clip.
 *
 * Source: Schulman et al. 2017, arXiv:1707.06347; dual clip: Ye et al. 2019, arXiv:1912.09729;
 * two bounds ("clip higher"): DAPO, Yu et al. 2025, arXiv:2503.14476.
 */
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'ppo_clip',
  label: 'PPO clip',
  stage: 'objective',
  summary:
    'Makes tokens of good responses likelier and of bad ones less likely, but stops once the ratio to the policy that sampled them has left a window.',
  pitfalls:
    'With one epoch and one minibatch the ratio is 1 everywhere: no clip acts, whatever its bounds.',
  formula: String.raw`\max\bigl(-A\rho,\; -A\operatorname{clip}(\rho, 1-\varepsilon_\text{low}, 1+\varepsilon_\text{high})\bigr),\quad \text{at most } -A\,c \text{ where } A<0`,
  paper: {
    title: 'Proximal Policy Optimization Algorithms',
    authors: 'Schulman, Wolski, Dhariwal, Radford, Klimov',
    year: 2017,
    url: 'https://arxiv.org/abs/1707.06347',
  },
  fidelity: 'released',
  needs_reuse:
    'With one epoch and one minibatch the policy is the one that sampled: every ratio is 1, no bound can act, and the gradient is that of the plain policy gradient.',
  params: {
    eps_low: {
      kind: 'number',
      label: 'ε low',
      default: 0.2,
      min: 0.01,
      max: 1,
      scale: 'log',
      help: 'A bad token is pushed down until its probability has shrunk by this share. 1 removes the lower bound.',
    },
    eps_high: {
      kind: 'number',
      label: 'ε high',
      default: 0.2,
      min: 0.01,
      max: 10,
      scale: 'log',
      help: 'A good token is pushed up until its probability has grown by this share. DAPO takes 0.28 (“clip higher”).',
    },
    dual: {
      kind: 'number',
      label: 'dual clip c',
      default: 3,
      min: 1.01,
      max: 100,
      scale: 'log',
      help: 'A bad token whose probability has grown by more than this factor is left alone. Rarely acts; 100 is as good as off.',
    },
  },
  wgsl: /* wgsl */ `
    fn ppo_clip(t: Token) -> Term {
      let a = t.advantage;
      let low = 1.0 - params.ppo_clip_eps_low;
      let high = 1.0 + params.ppo_clip_eps_high;
      let plain = -a * t.ratio;
      let clipped = -a * clamp(t.ratio, low, high);
      let most = -a * params.ppo_clip_dual;
      let is_clipped = clipped > plain;
      let is_dual = a < 0.0 && plain > most;
      let loss = select(max(plain, clipped), most, is_dual);
      // d ratio / d logp = ratio, so the derivative of -a * ratio is itself; 0 where held.
      let d_logp = select(plain, 0.0, is_clipped || is_dual);
      return Term(loss, d_logp, 0.0, select(0.0, 1.0, is_clipped));
    }`,
});
