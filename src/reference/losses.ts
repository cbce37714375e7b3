// The loss of a policy update and its gradient in the logits, in float64:
//
//   loss = pg − alpha · agg(H) or − alpha · agg(H · A) + beta · agg(kl)
//
// with the objectives of ./policies.ts and verl's aggregation modes and KL estimators
// (verl-project/verl, commit 1dda039b). Logits are divided by the temperature first, so
// log-probability, entropy and gradient are those of the distribution that sampled.
//
//   N rows, one per predicted token   V vocabulary

import type { Numbers } from './ops.ts';
import { clamp, type PolicyName, type PolicySettings, policies } from './policies.ts';

export type Aggregate =
  | 'token_mean'
  | 'seq_mean_token_sum'
  | 'seq_mean_token_mean'
  | 'seq_mean_token_sum_norm'
  | 'token_sum';

/** `k3+` has the value of k3 and the gradient of k2; so for the others with a plus. */
export type KlKind = 'none' | 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k2+' | 'k3+' | 'abs+';

export interface LossBatch {
  V: number;
  logits: Numbers; // [N, V] before the temperature
  action: Numbers; // [N] the token that the row predicts
  mask: Numbers; // [N] 1 on response tokens, else 0
  sequence: Numbers; // [N] id of the row's sequence
  old_logp: Numbers; // [N] nats
  advantage: Numbers; // [N]
  ref_logp?: Numbers; // [N] nats; needed by a KL term only
  /**
   * [N] shares of the vocabulary that the row predicts in place of a token, at LEPO's latent positions: their policy loss
   * is −A Σ_k y_k log p_k (./latent.ts) under the same aggregate, their ratio is 1, and no KL is estimated there.
   */
  mixture?: (Numbers | undefined)[];
}

export interface LossSettings extends PolicySettings {
  policy?: PolicyName;
  aggregate?: Aggregate;
  /** L of seq_mean_token_sum_norm; verl's default is the padded width. */
  norm_length?: number;
  temperature?: number;
  entropy?: 'none' | 'naive' | 'ib';
  alpha?: number;
  kl?: KlKind;
  beta?: number;
}

export interface Loss {
  loss: number;
  pg_loss: number;
  entropy_term: number; // agg(H) or agg(H · A), before alpha
  kl_term: number; // agg(kl), before beta
  clip_fraction: number; // of response tokens
  logp: Float64Array; // [N] nats, of every row, masked or not
  entropy: Float64Array; // [N] nats
  ratio: Float64Array; // [N]
  d_logp: Float64Array; // [N] derivative of `loss` in logp, entropy held
  d_entropy: Float64Array; // [N] derivative of `loss` in the entropy, logp held
  d_logits: Float64Array; // [N, V]
}

export interface Row {
  log_p: Float64Array; // [V] nats
  p: Float64Array; // [V]
  entropy: number; // nats
}

/** Log-softmax of one row at a temperature, and its entropy. */
export function softmaxRow(logits: Numbers, row: number, V: number, temperature = 1): Row {
  let max = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < V; v++) max = Math.max(max, logits[row * V + v] / temperature);
  let sum = 0;
  for (let v = 0; v < V; v++) sum += Math.exp(logits[row * V + v] / temperature - max);
  const lse = max + Math.log(sum);
  const log_p = new Float64Array(V);
  const p = new Float64Array(V);
  let entropy = 0;
  for (let v = 0; v < V; v++) {
    log_p[v] = logits[row * V + v] / temperature - lse;
    p[v] = Math.exp(log_p[v]);
    entropy -= p[v] === 0 ? 0 : p[v] * log_p[v];
  }
  return { log_p, p, entropy };
}

const oneHot = (action: number, V: number): Float64Array =>
  Float64Array.from({ length: V }, (_, v) => Number(v === action));

/** One-sample estimates of KL(policy ‖ reference), and their derivative in logp. */
export function klEstimate(
  logp: number,
  refLogp: number,
  kind: KlKind,
): { value: number; d_logp: number } {
  const delta = logp - refLogp;
  if (kind.endsWith('+')) {
    return { value: klEstimate(logp, refLogp, kind.slice(0, -1) as KlKind).value, d_logp: delta };
  }
  if (kind === 'k1') return { value: delta, d_logp: 1 };
  if (kind === 'abs') return { value: Math.abs(delta), d_logp: Math.sign(delta) };
  if (kind === 'k2') return { value: delta ** 2 / 2, d_logp: delta };
  if (kind === 'k3') {
    const bounded = clamp(-delta, -20, 20);
    const free = Math.exp(bounded) - 1 - bounded;
    const value = clamp(free, -10, 10);
    const active = value === free && bounded === -delta;
    return { value, d_logp: active ? 1 - Math.exp(-delta) : 0 };
  }
  return { value: 0, d_logp: 0 };
}

/**
 * Weight of each token, so that agg(x) = sum over n of weight[n] · x[n]; 0 where masked.
 * B counts the sequences with at least one response token.
 */
export function aggregateWeights(
  mode: Aggregate,
  mask: Numbers, // [N]
  sequence: Numbers, // [N]
  normLength?: number,
): Float64Array /* [N] */ {
  const lengths = new Map<number, number>();
  let tokens = 0;
  for (let n = 0; n < mask.length; n++) {
    if (mask[n] === 0) continue;
    tokens += 1;
    lengths.set(sequence[n], (lengths.get(sequence[n]) ?? 0) + 1);
  }
  const B = lengths.size;
  const weightOf = (length: number): number => {
    if (mode === 'token_mean') return 1 / tokens;
    if (mode === 'seq_mean_token_sum') return 1 / B;
    if (mode === 'seq_mean_token_mean') return 1 / (B * length);
    if (mode === 'token_sum') return 1;
    if (!normLength) throw new RangeError(`aggregateWeights: ${mode} needs a normLength`);
    return 1 / (B * normLength);
  };
  return Float64Array.from(mask, (m, n) => (m === 0 ? 0 : weightOf(lengths.get(sequence[n]) ?? 0)));
}

/**
 * d loss / d logits of one row, from the derivatives in log-probability and entropy:
 * (d_logp · (y_v − p_v Σ_k y_k) − d_entropy · p_v · (log p_v + H)) / temperature, where y is 1 at the action.
 */
export function rowGradient(
  { log_p, p, entropy }: Row,
  taken: number | Numbers, // the action, or the mixture of a latent position
  dLogp: number,
  dEntropy: number,
  temperature = 1,
): Float64Array /* [V] */ {
  const y = typeof taken === 'number' ? oneHot(taken, p.length) : taken;
  const shares = Array.from(y).reduce((a, b) => a + b, 0);
  return Float64Array.from(p, (probability, v) => {
    const score = y[v] - probability * shares;
    const spread = probability === 0 ? 0 : -probability * (log_p[v] + entropy);
    return (dLogp * score + dEntropy * spread) / temperature;
  });
}

/** The whole batch: value, parts and gradients. */
export function policyLoss(batch: LossBatch, settings: LossSettings): Loss {
  const { V, logits, action, mask, sequence, old_logp, advantage } = batch;
  const { policy = 'vanilla', aggregate = 'token_mean', norm_length, temperature = 1 } = settings;
  const { entropy: bonus = 'none', alpha = 0, kl = 'none', beta = 0 } = settings;
  if (kl !== 'none' && !batch.ref_logp) throw new Error('policyLoss: a KL term needs ref_logp');
  const N = action.length;
  const rows = Array.from({ length: N }, (_, n) => softmaxRow(logits, n, V, temperature));
  const taken = Array.from({ length: N }, (_, n) => batch.mixture?.[n] ?? oneHot(action[n], V));
  const logp = Float64Array.from(rows, (row, n) => {
    if (!batch.mixture?.[n]) return row.log_p[action[n]];
    return row.log_p.reduce((sum, x, v) => sum + taken[n][v] * x, 0);
  });
  const entropy = Float64Array.from(rows, (row) => row.entropy);
  const ratio = Float64Array.from(logp, (value, n) =>
    batch.mixture?.[n] ? 1 : Math.exp(clamp(value - old_logp[n], -20, 20)),
  );
  const weight = aggregateWeights(aggregate, mask, sequence, norm_length);

  const drawn = Uint8Array.from(mask, (m, n) => (batch.mixture?.[n] ? 0 : m));
  const input = { logp, old_logp, advantage, mask: drawn, sequence, weight };
  const { loss: drawn_loss, d_logp, clipped } = policies[policy](input, settings);
  let pg_loss = drawn_loss;
  const d_entropy = new Float64Array(N);
  let entropy_term = 0;
  let kl_term = 0;
  let tokens = 0;
  for (let n = 0; n < N; n++) {
    if (mask[n] === 0) continue;
    tokens += 1;
    if (bonus !== 'none') {
      const factor = bonus === 'ib' ? advantage[n] : 1;
      entropy_term += weight[n] * entropy[n] * factor;
      d_entropy[n] = -alpha * weight[n] * factor;
    }
    if (batch.mixture?.[n]) {
      pg_loss -= weight[n] * advantage[n] * logp[n];
      d_logp[n] = -weight[n] * advantage[n];
    } else if (batch.ref_logp) {
      const estimate = klEstimate(logp[n], batch.ref_logp[n], kl);
      kl_term += weight[n] * estimate.value;
      d_logp[n] += beta * weight[n] * estimate.d_logp;
    }
  }
  const d_logits = new Float64Array(N * V);
  for (let n = 0; n < N; n++) {
    if (mask[n] === 0) continue;
    const gradient = rowGradient(rows[n], taken[n], d_logp[n], d_entropy[n], temperature);
    d_logits.set(gradient, n * V);
  }
  return {
    loss: pg_loss - alpha * entropy_term + beta * kl_term,
    pg_loss,
    entropy_term,
    kl_term,
    clip_fraction: clipped.filter(Boolean).length / tokens,
    logp,
    entropy,
    ratio,
    d_logp,
    d_entropy,
    d_logits,
  };
}
