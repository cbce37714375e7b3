/** How the policy stands: how undecided it is, how far it has moved. */
import type { Metric } from './metric.ts';

export const POLICY = {
  entropy: {
    id: 'entropy',
    label: 'entropy',
    unit: 'nats',
    when: 'step',
    size: 'large',
    formula: String.raw`\frac{1}{N}\sum_t H(\pi(\cdot\mid s_t)),\quad H=-\sum_j p_j\log p_j`,
    help: 'How undecided the model is, averaged over the response tokens it sampled. It falls as a task is learned and explodes when a bonus for it is too strong.',
  },
  kl_base: {
    id: 'kl_base',
    label: 'KL from base',
    unit: 'nats',
    when: 'eval',
    size: 'small',
    formula: String.raw`\frac{1}{N}\sum_t e^{-\Delta_t}-1+\Delta_t,\quad \Delta=\log\pi-\log\pi_{\text{base}}`,
    help: 'How far the policy has moved from the base, per token of its own responses (k3 estimate), in a step’s first minibatch before its update. It grows as the model learns; a KL penalty holds it.',
  },
  mixture_entropy: {
    id: 'mixture_entropy',
    label: 'entropy of mixtures',
    unit: 'nats',
    when: 'step',
    size: 'small',
    needs: 'latent',
    formula: String.raw`\frac{1}{M}\sum_m -\sum_k y_{m,k}\log y_{m,k}`,
    help: 'How widely the latent positions of the step’s responses spread over tokens. At 0 each of them is one token, and nothing is left of latent reasoning.',
  },
  advantage_entropy_cov: {
    id: 'advantage_entropy_cov',
    label: 'covariance of A and H',
    unit: 'nats',
    when: 'step',
    size: 'off',
    formula: String.raw`\frac{1}{N}\sum_t (A_t - \bar A)(H_t - \bar H)`,
    help: 'Whether uncertain tokens stand in good responses (above 0) or in bad ones (below), with the entropies of sampling. The net push of IB on entropy has its sign: near 0 its pushes cancel.',
  },
  lambda_advantage_corr: {
    id: 'lambda_advantage_corr',
    label: 'correlation of λ and −A',
    unit: '',
    when: 'step',
    size: 'small',
    range: [-1, 1],
    needs: 'hint_entropy',
    formula: String.raw`\operatorname{corr}_t(\lambda_t, -A_t),\quad \lambda_t = \beta\,\kappa_t - 1`,
    help: 'Pearson’s r over the tokens that a step learns from. IB regularization puts −A in the place of λ: 1 would say that the two rank tokens alike, 0 that the advantage says nothing of λ. A correlation near 1 would still allow another scale.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
