/**
 * HAPO's loss (starriver030515/HAPO `core_algos.py` at 7671dde): clip bounds and advantages that depend on where a
 * token stands between the most certain and the most uncertain of its minibatch. The released code divides by a
 * negative number, so that certain tokens are treated as uncertain ones; the intended sign is the default.
 */
import { entropyStanding, scaleOf } from '../core/entropy_standing.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'hapo',
  label: 'HAPO',
  stage: 'objective',
  summary:
    'A clipped policy loss that gives uncertain tokens more room to grow and more of the advantage, lets certain tokens of bad responses be pushed down further, and samples uncertain tokens at a higher temperature. Each part can be switched off.',
  seen: 'On 3 seeds, 32 steps of 8 × 8 in four updates each, against DAPO (95 % interval): entropy +0.062 ± 0.068 nats. Expected: entropy slightly above DAPO’s; not to be told from chance here.',
  formula: String.raw`\text{PPO clip with } \varepsilon_\text{low}(1 - \alpha \hat h_t)\text{ where } \hat h_t \le 0,\; \varepsilon_\text{high}(1 + \alpha \hat h_t)\text{ where } \hat h_t > 0,\; A(1 + \beta \hat h_t)`,
  pitfalls:
    'Standing is scaled by the extremes of the minibatch: one token of nearly no entropy sets the scale for all certain ones. With one update per batch no bound can act, but the advantage of certain tokens is still shrunk. Sampling at a temperature of its own makes a token’s ratio no more than nearly right: it is taken against the trainer’s temperature, as in the released code.',
  paper: {
    title: 'From Uniform to Heterogeneous: Tailoring Policy Optimization to Every Token’s Nature',
    authors: 'Liu, Liu, Wen, Cai, Cui, He, Zhang',
    year: 2025,
    url: 'https://arxiv.org/abs/2509.16591',
  },
  fidelity: 'released',
  intervenes: true,
  params: {
    eps_low: {
      kind: 'number',
      label: 'ε low',
      default: 0.2,
      min: 0.01,
      max: 1,
      scale: 'log',
      help: 'Lower bound of the ratio for tokens of bad responses, before it is adapted.',
    },
    eps_high: {
      kind: 'number',
      label: 'ε high',
      default: 0.28,
      min: 0.01,
      max: 10,
      scale: 'log',
      help: 'Upper bound of the ratio for tokens of good responses, before it is adapted. The paper takes 0.28, its scripts 0.2.',
    },
    dual: {
      kind: 'number',
      label: 'dual clip c',
      default: 10,
      min: 1.01,
      max: 100,
      scale: 'log',
      help: 'A bad token whose probability has grown by more than this factor is left alone.',
    },
    adapt: {
      kind: 'switch',
      label: 'adaptive clip',
      default: 1,
      help: 'Widens the upper bound of uncertain tokens and the lower bound of certain ones, at most to twice its width.',
    },
    redistribute: {
      kind: 'switch',
      label: 'redistributed advantage',
      default: 1,
      help: 'Enlarges the advantage of uncertain tokens whose ratio has moved, and shrinks that of certain ones whose ratio has not; at most to twice its size, and to nothing. It also acts with one update per batch, on the certain ones.',
    },
    tau: {
      kind: 'number',
      label: 'warmth τ',
      default: 0.05,
      min: 0,
      max: 0.5,
      help: 'Share by which the sampling temperature of the most uncertain tokens is raised and that of the most certain lowered, on the scale of the step before. 0 samples all tokens alike; the released code takes 0.05, the paper 0.1.',
    },
    sign: {
      kind: 'choice',
      label: 'sign of certain tokens',
      default: 0,
      options: [
        { id: 'intended', label: 'as intended' },
        { id: 'released', label: 'as in the released code' },
      ],
      help: 'The released code divides by a negative number, so that the most certain tokens count as uncertain as well.',
    },
    pivot: {
      kind: 'number',
      label: 'pivot quantile',
      default: 0.8,
      min: 0,
      max: 1,
      help: 'Share of the minibatch’s tokens that count as certain; the rest counts as uncertain.',
    },
  },
  needs: ['current'],
  state: {
    /** ln of nats */
    scale_pivot: () => 0,
    scale_above: () => 0,
    scale_below: () => 0,
  },

  /** Before the first step the scale is 0: every token at the trainer's temperature. */
  warmth(values) {
    const of = (name: string): number => values[`hapo.${name}`] as number;
    const sign = of('sign') === 1 ? -1 : 1;
    const scale = { pivot: of('scale_pivot'), above: of('scale_above') };
    return { spread: of('tau'), ...scale, below: sign * of('scale_below') };
  },
  control(_, values, batch) {
    const scale = scaleOf(batch.old_entropy, values['hapo.pivot'] as number);
    return {
      'hapo.scale_pivot': scale.pivot,
      'hapo.scale_above': scale.above,
      'hapo.scale_below': scale.below,
    };
  },

  constants(batch, values) {
    const scale = scaleOf(batch.entropy, values['hapo.pivot'] as number);
    const standing = entropyStanding(batch.entropy, scale);
    return values['hapo.sign'] === 1 ? standing.map(Math.abs) : standing;
  },
  wgsl: /* wgsl */ `
    fn hapo(t: Token, standing: f32) -> Term {
      let spread = params.hapo_adapt * standing;
      let low_width = params.hapo_eps_low * (1.0 - min(spread, 0.0));
      let high_width = params.hapo_eps_high * (1.0 + max(spread, 0.0));
      let has_moved = t.ratio <= 1.0 - 0.5 * low_width || t.ratio >= 1.0 + 0.5 * high_width;
      let is_shifted = has_moved == (standing > 0.0);
      let a = t.advantage * select(1.0, 1.0 + params.hapo_redistribute * standing, is_shifted);
      // PPO's loss with these bounds and this advantage.
      let plain = -a * t.ratio;
      let clipped = -a * clamp(t.ratio, 1.0 - low_width, 1.0 + high_width);
      let most = -a * params.hapo_dual;
      let is_clipped = clipped > plain;
      let is_dual = a < 0.0 && plain > most;
      let loss = select(max(plain, clipped), most, is_dual);
      let d_logp = select(plain, 0.0, is_clipped || is_dual);
      return Term(loss, d_logp, 0.0, select(0.0, 1.0, is_clipped));
    }`,
});
