/** Control for IB entropy: the plain bonus, but only where some response to the prompt did better than another. */
import { byPrompt, perToken } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'gated_entropy',
  label: 'gated entropy (control)',
  stage: 'regularizer',
  summary:
    'The plain entropy bonus, but only on prompts whose responses got different rewards. Like IB it is silent where there is nothing to learn; unlike IB it knows no sign.',
  pitfalls:
    'It knows no sign, so nothing cancels: expect it to break where the plain bonus breaks, only later.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): with alpha 0.2, entropy +0.95 ± 0.30 nats. Expected: explodes, if later than the naive bonus; seen.',
  formula: String.raw`-\alpha\, \mathbf{1}[\operatorname{std}(R_1 \ldots R_G) > 0]\, H\bigl(\pi_\theta(\cdot \mid s_t)\bigr)`,
  paper: {
    title: 'Revisiting LLM Reasoning via Information Bottleneck',
    authors: 'Lei, Cheng, Jia, Tao',
    year: 2025,
    url: 'https://arxiv.org/abs/2507.18391',
  },
  fidelity: 'own',
  group_of_one:
    'With one response per prompt no rewards of a prompt differ, so the gate never opens.',
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
      help: 'Loss per nat of entropy on tokens of prompts with a signal, as in the entropy bonus.',
    },
  },
  neutral: { alpha: 0 },

  /** 1 on prompts with a signal. */
  constants(batch) {
    const gates = new Float32Array(batch.reward.length);
    for (const own of byPrompt(batch)) {
      const rewards = own.map((i) => batch.reward[i]);
      if (rewards.every((reward) => reward === rewards[0])) continue;
      for (const i of own) gates[i] = 1;
    }
    return perToken(batch, gates, 'gated_entropy');
  },
  wgsl: /* wgsl */ `
    fn gated_entropy(t: Token, gate: f32) -> Term {
      let weight = params.gated_entropy_alpha * gate;
      return Term(-weight * t.entropy, 0.0, -weight, 0.0);
    }`,
});
