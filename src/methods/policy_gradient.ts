/**
 * The score-function loss: no ratio to the sampling policy and no bound, so it is right for one update per batch.
 * Its gradient is that of PPO's loss where the ratio is 1.
 */
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'policy_gradient',
  label: 'plain policy gradient',
  stage: 'objective',
  summary:
    'Makes tokens of good responses likelier and of bad ones less likely, without a limit and without correcting for the updates that were made since they were sampled.',
  formula: String.raw`-A \log \pi_\theta(a_t \mid s_t)`,
  pitfalls:
    'With several updates per batch nothing corrects for the policy having moved, and nothing stops it: use it with one epoch and one minibatch.',
  paper: {
    title:
      'Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning',
    authors: 'Williams',
    year: 1992,
    url: 'https://doi.org/10.1007/BF00992696',
  },
  fidelity: 'published',
  breaks_on_reuse:
    'After the first update of a batch the policy is no longer the one that sampled, and nothing here corrects or bounds that.',
  params: {},
  wgsl: /* wgsl */ `
    fn policy_gradient(t: Token) -> Term {
      return Term(-t.advantage * t.logp, -t.advantage, 0.0, 0.0);
    }`,
});
