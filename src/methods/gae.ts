/**
 * Generalized advantage estimation over a value head, and PPO's clipped value loss, both as verl computes them
 * (`compute_gae_advantage_return`, `compute_value_loss`, core_algos.py at 1dda039b). verl trains a second network for
 * the values; here they are one linear layer on the policy's own last hidden state, with one optimizer for both.
 */
import type { Values } from '../core/param.ts';
import { whiten } from '../core/statistics.ts';
import { responses, rewardsOfTokens, type TokenBatch } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

/** [N] before the whitening. Beyond the last token, where the reward arrives, nothing is expected. */
function estimates(batch: TokenBatch, values: Values): Float64Array {
  const [gamma, lambda] = [values['gae.gamma'] as number, values['gae.lambda'] as number];
  const result = new Float64Array(batch.value.length);
  const rewards = rewardsOfTokens(batch);
  for (const { from, to } of responses(batch)) {
    let next = { value: 0, advantage: 0 };
    for (let n = to - 1; n >= from; n--) {
      const value = batch.value[n] as number;
      const delta = (rewards[n] as number) + gamma * next.value - value;
      next = { value, advantage: delta + gamma * lambda * next.advantage };
      result[n] = next.advantage;
    }
  }
  return result;
}

export default defineMethod({
  id: 'gae',
  label: 'GAE with a value head (PPO)',
  stage: 'advantage',
  summary:
    'The model also learns to say, before each token, how much reward it expects; a token is good if the outlook improves after it. So PPO judges single tokens and compares no responses with each other. While the head knows nothing, this is REINFORCE++.',
  pitfalls:
    'Watch explained variance: while it is not above 0 the head only adds noise. So it was on chain sums in our runs (3 seeds, 23 steps, one update each), which learned like GRPO all the same. Advantages are whitened however small they are, so in a batch without any reward the head’s noise alone makes a gradient of the usual size. The shared model is this page’s choice; verl trains a second network with a learning rate of its own.',
  formula: String.raw`\begin{gathered} \hat A_t = \operatorname{whiten}\Bigl(\sum_{k \ge 0} (\gamma\lambda)^k \delta_{t+k}\Bigr) \\ \delta_t = r_t + \gamma V(s_{t+1}) - V(s_t) \end{gathered}`,
  paper: {
    title: 'High-Dimensional Continuous Control Using Generalized Advantage Estimation',
    authors: 'Schulman, Moritz, Levine, Jordan, Abbeel',
    year: 2015,
    url: 'https://arxiv.org/abs/1506.02438',
  },
  fidelity: 'released',
  params: {
    gamma: {
      kind: 'number',
      label: 'γ',
      default: 1,
      min: 0.5,
      max: 1,
      help: 'Discount per token. At 1 a reward is worth the same however late it comes; below, answers that come sooner are worth more.',
    },
    lambda: {
      kind: 'number',
      label: 'λ',
      default: 1,
      min: 0,
      max: 1,
      help: 'How far ahead a token is judged. At 1 by the final reward: noisy, but right on average. At 0 by the next value alone: calm, but wrong where the value head is wrong. verl takes 1.',
    },
    coefficient: {
      kind: 'number',
      label: 'value coefficient',
      default: 0.5,
      min: 0,
      max: 10,
      scale: 'log',
      help: 'Weight of the value loss beside the policy loss. The value head shares the model with the policy, so a large weight pulls the policy’s own features along; verl trains a second network instead and needs none. At 0 the head stays at 0.',
      warns: [
        {
          ...{ to: 0, kind: 'no effect' },
          text: 'At 0 the value head learns nothing: what is left is REINFORCE++ with γλ for its discount.',
        },
      ],
    },
    clip: {
      kind: 'number',
      label: 'value clip',
      default: 0.5,
      min: 0.01,
      max: 10,
      scale: 'log',
      help: 'How far a value may move from where it was when its response was sampled; beyond, it learns nothing more from this batch.',
      warns: [
        {
          ...{ reused: false, kind: 'no effect' },
          text: 'With one update per batch every value is where it was when sampled. Set two epochs or more, or minibatches.',
        },
      ],
    },
  },
  needs: ['value'],
  excludes: {
    gmpo: 'GMPO takes one advantage for a whole response, and GAE gives every token its own.',
    dynamic_sampling:
      'Dynamic sampling leaves out prompts whose responses all got the same reward, because a group mean learns nothing there; the value head does, and without them it would expect the wrong rewards.',
  },

  /** One whitening over all tokens of the batch. */
  advantages: (batch, values) => whiten(estimates(batch, values)),
  critic: {
    /** Returns, from the advantages before the whitening. */
    targets: (batch, values) =>
      Float32Array.from(estimates(batch, values), (a, n) => a + (batch.value[n] as number)),
    settings: (values) => ({
      coefficient: values['gae.coefficient'] as number,
      clip: values['gae.clip'] as number,
    }),
  },
});
