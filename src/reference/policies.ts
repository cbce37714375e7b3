// Policy objectives as verl computes them (verl-project/verl, commit 1dda039b,
// verl/trainer/ppo/core_algos.py), in float64: each gives the aggregated loss and its derivative in
// every token's log-probability. What happens in the logits is in ./losses.ts.
//
// Advantages, old log-probabilities, weights and selections are constants.

import type { Numbers } from './ops.ts';

export interface PolicyInput {
  logp: Numbers; // [N] nats, current policy
  old_logp: Numbers; // [N] nats, policy that sampled
  advantage: Numbers; // [N]
  mask: Numbers; // [N] 1 on response tokens, else 0
  sequence: Numbers; // [N] id of the token's sequence
  weight: Numbers; // [N] of the aggregate; 0 where masked
}

export interface PolicySettings {
  eps_low: number;
  eps_high: number;
  /** Bound on the ratio where the advantage is negative; Infinity switches it off. */
  dual_clip?: number;
  /** kl_cov: share of tokens that are penalized, and how strongly. */
  kl_cov_ratio?: number;
  ppo_kl_coef?: number;
  /** clip_cov: share of tokens that are dropped, and the window of covariances. */
  clip_cov_ratio?: number;
  clip_cov_lb?: number;
  clip_cov_ub?: number;
}

export interface PolicyLoss {
  loss: number; // aggregated
  d_logp: Float64Array; // [N] derivative of `loss`, the aggregate's weight included
  clipped: boolean[]; // [N] what verl counts in pg_clipfrac
}

type Policy = (input: PolicyInput, settings: PolicySettings) => PolicyLoss;

export const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

/** PPO's clipped objective of one token with clip-higher and dual clip; derivative in logp. */
export function clippedToken(
  logRatio: number,
  advantage: number,
  { eps_low, eps_high, dual_clip = Number.POSITIVE_INFINITY }: PolicySettings,
): { ratio: number; loss: number; d_logp: number; clipped: boolean } {
  const bounded = clamp(logRatio, -20, 20);
  const ratio = Math.exp(bounded);
  const free = -advantage * ratio;
  const held = -advantage * clamp(ratio, 1 - eps_low, 1 + eps_high);
  const clipped = held > free;
  let loss = Math.max(free, held);
  let active = !clipped && bounded === logRatio;
  if (advantage < 0 && -advantage * dual_clip < loss) {
    loss = -advantage * dual_clip;
    active = false;
  }
  return { ratio, loss, d_logp: active ? -advantage * ratio : 0, clipped };
}

/** Tokens one by one: `term` gives loss, derivative in logp and whether the token is clipped. */
function sumOverTokens(
  { mask, weight }: PolicyInput,
  term: (n: number) => { loss: number; d_logp: number; clipped: boolean },
): PolicyLoss {
  const N = mask.length;
  const out = { loss: 0, d_logp: new Float64Array(N), clipped: new Array<boolean>(N).fill(false) };
  for (let n = 0; n < N; n++) {
    if (mask[n] === 0) continue;
    const { loss, d_logp, clipped } = term(n);
    out.loss += weight[n] * loss;
    out.d_logp[n] = weight[n] * d_logp;
    out.clipped[n] = clipped;
  }
  return out;
}

/** Response tokens of each sequence. */
function tokensBySequence({ mask, sequence }: PolicyInput): Map<number, number[]> {
  const tokens = new Map<number, number[]>();
  for (let n = 0; n < mask.length; n++) {
    if (mask[n] === 0) continue;
    const list = tokens.get(sequence[n]) ?? [];
    list.push(n);
    tokens.set(sequence[n], list);
  }
  return tokens;
}

/** PPO, GRPO, DAPO: ratio clipped token by token. */
const vanilla: Policy = (input, settings) =>
  sumOverTokens(input, (n) =>
    clippedToken(input.logp[n] - input.old_logp[n], input.advantage[n], settings),
  );

/** GSPO (arXiv:2507.18071): one ratio per sequence, the geometric mean of its tokens' ratios. */
const gspo: Policy = (input, { eps_low, eps_high }) => {
  const meanLogRatio = new Map<number, number>();
  for (const [sequence, tokens] of tokensBySequence(input)) {
    const sum = tokens.reduce((total, n) => total + input.logp[n] - input.old_logp[n], 0);
    meanLogRatio.set(sequence, sum / tokens.length);
  }
  return sumOverTokens(input, (n) => {
    // The ratio's value is the sequence's, its gradient the token's own: d ratio / d logp = ratio.
    const logRatio = meanLogRatio.get(input.sequence[n]) ?? Number.NaN;
    const ratio = Math.exp(Math.min(logRatio, 10));
    const free = -input.advantage[n] * ratio;
    const held = -input.advantage[n] * clamp(ratio, 1 - eps_low, 1 + eps_high);
    const clipped = held > free;
    return { loss: Math.max(free, held), d_logp: clipped || logRatio > 10 ? 0 : free, clipped };
  });
};

/** CISPO (arXiv:2506.13585): the clipped ratio is a constant weight, the gradient never stops. */
const cispo: Policy = (input, { eps_low, eps_high }) =>
  sumOverTokens(input, (n) => {
    const ratio = Math.exp(clamp(input.logp[n] - input.old_logp[n], -20, 20));
    const held = clamp(ratio, 1 - eps_low, 1 + eps_high);
    const slope = -held * input.advantage[n];
    return { loss: slope * input.logp[n], d_logp: slope, clipped: held !== ratio };
  });

/**
 * GMPO (arXiv:2507.20673): log-ratios are clipped token by token (the bounds are in nats), the
 * sequence's ratio is their geometric mean; the loss is the mean over sequences, whatever the
 * aggregate.
 */
const geo_mean: Policy = (input, { eps_low, eps_high }) => {
  const { logp, old_logp, advantage, mask } = input;
  const out = sumOverTokens(input, () => ({ loss: 0, d_logp: 0, clipped: false }));
  const bySequence = tokensBySequence(input);
  for (const tokens of bySequence.values()) {
    let meanLogRatio = 0;
    let meanAdvantage = 0;
    for (const n of tokens) {
      const logRatio = logp[n] - old_logp[n];
      const held = clamp(logRatio, -eps_low, eps_high);
      const sign = Math.sign(advantage[n]);
      meanLogRatio += (sign * Math.min(sign * logRatio, sign * held)) / tokens.length;
      meanAdvantage += advantage[n] / tokens.length;
      out.clipped[n] = held !== logRatio && advantage[n] > 0;
    }
    const loss = (-meanAdvantage * Math.exp(meanLogRatio)) / bySequence.size;
    out.loss += loss;
    for (const n of tokens) {
      const logRatio = logp[n] - old_logp[n];
      const sign = Math.sign(advantage[n]);
      const active = sign * logRatio <= sign * clamp(logRatio, -eps_low, eps_high);
      if (mask[n] !== 0 && sign !== 0 && active) out.d_logp[n] = loss / tokens.length;
    }
  }
  return out;
};

/** (A − mean A) · (logp − mean logp) of each response token, the means over response tokens. */
function covariances({ logp, advantage, mask }: PolicyInput): Float64Array {
  let count = 0;
  let meanAdvantage = 0;
  let meanLogp = 0;
  for (let n = 0; n < mask.length; n++) {
    count += mask[n];
    meanAdvantage += mask[n] * advantage[n];
    meanLogp += mask[n] * logp[n];
  }
  meanAdvantage /= count;
  meanLogp /= count;
  return Float64Array.from(mask, (_, n) => (advantage[n] - meanAdvantage) * (logp[n] - meanLogp));
}

const responseTokens = (mask: Numbers) =>
  Array.from(mask, (_, n) => n).filter((n) => mask[n] !== 0);

/** KL-Cov (arXiv:2505.22617): no clipping; the tokens of largest covariance pay |log ratio|. */
const kl_cov: Policy = (input, { kl_cov_ratio = 0.0002, ppo_kl_coef = 1 }) => {
  const cov = covariances(input);
  const tokens = responseTokens(input.mask);
  const count = Math.max(1, Math.floor(kl_cov_ratio * tokens.length));
  const selected = new Set(tokens.sort((a, b) => cov[b] - cov[a]).slice(0, count));
  return sumOverTokens(input, (n) => {
    const logRatio = input.logp[n] - input.old_logp[n];
    const free = -input.advantage[n] * Math.exp(logRatio);
    const coefficient = selected.has(n) ? ppo_kl_coef : 0;
    return {
      loss: free + coefficient * Math.abs(logRatio),
      d_logp: free + coefficient * Math.sign(logRatio),
      clipped: false,
    };
  });
};

/**
 * Clip-Cov (arXiv:2505.22617): tokens inside a window of covariances that PPO leaves alone lose
 * their loss. Where there are more candidates than may be dropped, verl draws; here the first ones.
 */
const clip_cov: Policy = (input, settings) => {
  const { clip_cov_ratio = 0.0002, clip_cov_lb = 1, clip_cov_ub = 5 } = settings;
  const plain = (n: number) =>
    clippedToken(input.logp[n] - input.old_logp[n], input.advantage[n], {
      eps_low: settings.eps_low,
      eps_high: settings.eps_high,
    });
  const cov = covariances(input);
  const tokens = responseTokens(input.mask);
  const candidates = tokens.filter(
    (n) => cov[n] > clip_cov_lb && cov[n] < clip_cov_ub && !plain(n).clipped,
  );
  const count = Math.max(1, Math.floor(clip_cov_ratio * tokens.length));
  const dropped = new Set(candidates.slice(0, count));
  return sumOverTokens(input, (n) =>
    dropped.has(n) ? { loss: 0, d_logp: 0, clipped: true } : { ...plain(n), clipped: false },
  );
};

export const policies = { vanilla, gspo, cispo, geo_mean, kl_cov, clip_cov };
export type PolicyName = keyof typeof policies;
