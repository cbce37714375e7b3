/**
 * LEPO: the first L positions of a response are latent. Nothing is drawn there: a Gumbel-softmax mixture of all tokens is
 * made, and the mixture of their embeddings is the next input. The latent positions learn by cross entropy to the
 * mixture times the advantage, without ratio and clip, the tokens after them by the arm's objective, under one aggregate.
 * As in the code a response ends at a latent position where EOS is the likeliest token, whatever the noise mixes.
 *
 * Source: Zhou et al. 2026, arXiv:2604.17892, and its code (YuyanZhou/lepo at ba2eb11), where top_k is 30, top_p 0.95 and L
 * 32 or 64. Ours: mixtures are kept whole, not their 30 largest shares, since vocabularies are small; the verifier reads the
 * tokens after the latent positions alone, where the code also reads their likeliest ones; p is at the sampling
 * temperature (1 there); no KL at latent positions, where the code takes that of the likeliest token. Mixtures are constants
 * to the gradient, and embeddings get none through them; in the code they get none through tokens either, here they do,
 * so that L = 0 is the base algorithm.
 */
import { MOST_LATENT } from '../core/latent.ts';
import { defineMethod } from './method.ts';

const SEQUENCE =
  'Its ratio is of a whole response, and a latent position has no drawn token whose probability could enter it.';

export default defineMethod({
  id: 'lepo',
  label: 'LEPO (latent positions)',
  stage: 'sampling',
  summary:
    'Begins each response with a few positions at which no token is drawn: the model reads on from a mixture of all tokens, whose shares are its probabilities with random noise.',
  pitfalls:
    'The latent loss is a cross entropy to the mixture, not the likelihood of having mixed so: as a policy gradient it is biased. Where the advantage is negative it has no lower bound and no clip: keep the learning rate low. The base has never read mixtures, and what stands in them cannot be checked: the verifier reads the tokens after them, and a response whose likeliest next token is the end stops there without an answer.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): training accuracy −0.35 ± 0.71. Expected: the base has never read mixtures, so it learns more slowly; not to be told from chance here.',
  formula: String.raw`-A \sum_k y_k \log \pi_\theta(k \mid s_t),\quad y = \operatorname{softmax}\frac{\log\pi + g}{\tau},\quad g_k = -\log(-\log u_k),\quad x_{t+1} = \sum_k y_k E_k,\quad t < L`,
  paper: {
    title: 'LEPO: Latent Reasoning Policy Optimization for Large Language Models',
    authors: 'Zhou, Yu, Dong, Hao, Wang, Zhang, Lin',
    year: 2026,
    url: 'https://arxiv.org/abs/2604.17892',
  },
  fidelity: 'style',
  intervenes: true,
  params: {
    positions: {
      kind: 'number',
      label: 'latent positions L',
      default: 4,
      min: 0,
      max: MOST_LATENT,
      integer: true,
      restarts: true,
      help: 'Positions at the beginning of every response that are mixtures instead of tokens, in training and evaluation. They count in the response’s length, and must leave room for an answer. At 0 there are none.',
    },
    tau: {
      kind: 'number',
      label: 'τ',
      default: 0.5,
      min: 0.01,
      max: 5,
      scale: 'log',
      help: 'Near 0 a mixture is one token; at 1, without noise, it is the distribution itself; large values mix all tokens alike. The authors take 0.3 or 0.5.',
    },
    noise: {
      kind: 'switch',
      label: 'Gumbel noise',
      default: 1,
      help: 'On: the largest share falls on a token as often as sampling would draw it. Off: a mixture is a function of what stands before it, so all responses to a prompt begin with the same ones.',
    },
    top_k: {
      kind: 'number',
      label: 'mixed tokens, at most',
      default: 0,
      min: 0,
      max: 64,
      integer: true,
      help: 'Only so many of the likeliest tokens are mixed. 0 mixes all; the authors take 30 of their large vocabulary.',
    },
    top_p: {
      kind: 'number',
      label: 'mixed probability',
      default: 1,
      min: 0.05,
      max: 1,
      help: 'Of those, as many of the likeliest as it takes to reach this share of their probability. 1 mixes all; the authors take 0.95.',
    },
  },
  neutral: { positions: 0 },
  needs: ['latent'],
  excludes: { gspo: SEQUENCE, gmpo: SEQUENCE },

  keeps: (batch) => new Uint8Array(batch.reward.length).fill(1),
  rounds: () => 1,
  latent: (values) => ({
    positions: values['lepo.positions'] as number,
    tau: values['lepo.tau'] as number,
    top_k: values['lepo.top_k'] as number,
    top_p: values['lepo.top_p'] as number,
    noise: values['lepo.noise'] === 1,
  }),
});
