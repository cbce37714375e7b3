/** One softmax distribution and its entropy calculus, in float64. */

/** [V] log-probabilities of logits / temperature. */
export function logSoftmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const z = Float64Array.from(logits, (x) => x / temperature);
  const top = z.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = z.reduce((sum, x) => sum + Math.exp(x - top), 0);
  const log = top + Math.log(total);
  return z.map((x) => x - log);
}

/** nats */
export function entropyOf(logp: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < logp.length; j++) sum -= Math.exp(logp[j] as number) * (logp[j] as number);
  return sum;
}

/** Σ min(p, q): what rejection sampling accepts, 1 − total variation. */
export function overlap(logp: ArrayLike<number>, logq: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < logp.length; j++) {
    sum += Math.exp(Math.min(logp[j] as number, logq[j] as number));
  }
  return sum;
}

/**
 * The entropy discriminator of a taken token, centred: S_a − Σ p_j S_j with S_j = p_j (log p_j + H). A step
 * Δz = η A (onehot_a − p) in the row's own logits changes its entropy by −η A times this, to first order (nats). Of a
 * mixture y, at a latent position, Σ_k y_k S_k − Σ p_j S_j: the shares add up to 1.
 */
export function centredDiscriminator(
  logp: ArrayLike<number>,
  taken: number | ArrayLike<number>,
): number {
  const H = entropyOf(logp);
  let mean = 0;
  for (let j = 0; j < logp.length; j++) {
    const p = Math.exp(logp[j] as number);
    mean += p * p * ((logp[j] as number) + H);
  }
  const own = (k: number): number => Math.exp(logp[k] as number) * ((logp[k] as number) + H);
  if (typeof taken === 'number') return own(taken) - mean;
  return Array.from(taken).reduce((sum, share, k) => sum + share * own(k), 0) - mean;
}
