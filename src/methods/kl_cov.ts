/**
 * KL-Cov, as its authors and verl compute it (`compute_policy_loss_kl_cov`, core_algos.py at 1dda039b). What is called
 * KL is the size of the log-ratio: 0, with gradient 0, until the policy has moved from the one that sampled.
 */
import { covariances } from '../core/covariance.ts';
import { largest } from '../core/statistics.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'kl_cov',
  label: 'KL-Cov',
  stage: 'objective',
  summary:
    'No clip at all; the tokens that drive entropy down most pay for moving away from the policy that sampled them. On the first update of a batch it changes nothing.',
  pitfalls:
    'What it calls KL is the size of the log-ratio, with gradient 0 until the policy has moved: on the first update of a batch it is exactly the unclipped policy gradient.',
  seen: 'On 3 seeds, 32 steps of 8 × 8 in four updates each, against the same without it (95 % interval): entropy +0.014 ± 0.0096 nats. Expected: entropy stays above PPO’s; seen.',
  formula: String.raw`-A\rho + k\,\lvert\log\rho\rvert\cdot\mathbf{1}[t \in I],\quad I = \text{the largest } (A-\bar A)(\log\pi-\overline{\log\pi})`,
  paper: {
    title: 'The Entropy Mechanism of Reinforcement Learning for Reasoning Language Models',
    authors: 'Cui et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2505.22617',
  },
  fidelity: 'released',
  intervenes: true,
  needs_reuse:
    'With one epoch and one minibatch every log-ratio is 0 and so is its gradient: this is then the plain policy gradient.',
  params: {
    share: {
      kind: 'number',
      label: 'penalized share',
      default: 0.02,
      min: 0,
      max: 1,
      help: 'Share of a minibatch’s tokens that pay, at least one. The paper takes 0.002 of very large batches.',
      warns: [
        {
          to: 0.001,
          text: 'Of a minibatch of a few hundred tokens this is less than one, and one always pays: a smaller share changes nothing.',
        },
      ],
    },
    coefficient: {
      kind: 'number',
      label: 'k',
      default: 1,
      min: 0,
      max: 10,
      unit: '1/nat',
      help: 'Loss per nat of log-ratio. The authors take 1, verl’s configuration 0.1; at 0 it is the unclipped policy gradient.',
    },
  },
  needs: ['current'],

  /** 1 on tokens that pay. */
  constants(batch, values) {
    const cov = covariances(batch);
    const count = Math.max(1, Math.floor((values['kl_cov.share'] as number) * cov.length));
    const result = new Float32Array(cov.length);
    for (const n of largest(cov, count)) result[n] = 1;
    return result;
  },
  wgsl: /* wgsl */ `
    fn kl_cov(t: Token, pays: f32) -> Term {
      let log_ratio = t.logp - t.old_logp;
      let plain = -t.advantage * t.ratio;
      let k = params.kl_cov_coefficient * pays;
      return Term(plain + k * abs(log_ratio), plain + k * sign(log_ratio), 0.0, 0.0);
    }`,
});
