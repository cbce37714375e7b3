/**
 * GSPO, as verl computes it (`compute_policy_loss_gspo`, core_algos.py at 1dda039b): one ratio per response, the
 * geometric mean of its tokens' ratios, whose gradient goes to each token: log s_t = sg(log s − log π) + log π.
 */
import { responses } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'gspo',
  label: 'GSPO',
  stage: 'objective',
  summary:
    'Clips whole responses instead of tokens: all tokens of a response share one ratio, the geometric mean of theirs, and one clip.',
  pitfalls:
    'The published clip range assumes hundreds of tokens. With short responses the sequence’s ratio varies more, and such a range clips nearly everything.',
  seen: 'On 3 seeds, 32 steps of 8 × 8 in four updates each, against GRPO (95 % interval): entropy +0.015 ± 0.022 nats. Expected: entropy as with GRPO; no difference could be told.',
  formula: String.raw`\max\bigl(-A s,\; -A\operatorname{clip}(s, 1-\varepsilon_\text{low}, 1+\varepsilon_\text{high})\bigr),\quad s = \exp\Bigl(\tfrac{1}{|o|}\sum_t \log\rho_t\Bigr)`,
  paper: {
    title: 'Group Sequence Policy Optimization',
    authors: 'Zheng et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2507.18071',
  },
  fidelity: 'released',
  needs_reuse:
    'With one epoch and one minibatch the policy is the one that sampled: every ratio is 1, no bound can act, and the gradient is that of the plain policy gradient.',
  params: {
    eps_low: {
      kind: 'number',
      label: 'ε low',
      default: 0.03,
      min: 1e-4,
      max: 1,
      scale: 'log',
      help: 'A bad response is pushed down until its ratio has shrunk by this share. The paper’s 0.0003 is for responses of hundreds of tokens; short ones vary more.',
      warns: [
        {
          to: 0.005,
          text: 'The paper’s bounds suit responses of hundreds of tokens; here ratios of short responses leave them at once and little is learned. Try 0.02 to 0.05.',
        },
      ],
    },
    eps_high: {
      kind: 'number',
      label: 'ε high',
      default: 0.04,
      min: 1e-4,
      max: 10,
      scale: 'log',
      help: 'A good response is pushed up until its ratio has grown by this share. The paper takes 0.0004 for long responses.',
    },
  },
  needs: ['current'],
  aggregate: 'seq_mean_token_mean',

  /** log s − log π(a): with the token's own log π added back, its derivative is 1. */
  constants(batch) {
    const result = new Float32Array(batch.logp.length);
    for (const { from, to } of responses(batch)) {
      let sum = 0;
      for (let n = from; n < to; n++) {
        sum += (batch.logp[n] as number) - (batch.old_logp[n] as number);
      }
      for (let n = from; n < to; n++) result[n] = sum / (to - from) - (batch.logp[n] as number);
    }
    return result;
  },
  wgsl: /* wgsl */ `
    fn gspo(t: Token, shift: f32) -> Term {
      let a = t.advantage;
      let log_s = t.logp + shift;
      let s = exp(min(log_s, 10.0));
      let plain = -a * s;
      let clipped = -a * clamp(s, 1.0 - params.gspo_eps_low, 1.0 + params.gspo_eps_high);
      let is_clipped = clipped > plain;
      let d_logp = select(plain, 0.0, is_clipped || log_s > 10.0);
      return Term(max(plain, clipped), d_logp, 0.0, select(0.0, 1.0, is_clipped));
    }`,
});
