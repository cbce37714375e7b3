/** What the heat map says of distributions in numbers. */

/** nats; NaN for nothing. */
export function entropyOf(probabilities: ArrayLike<number>): number {
  if (probabilities.length === 0) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i] as number;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

/** The position of [positions, V] with the highest entropy; the first of several. */
export function mostUndecided(probabilities: Float32Array, positions: number): number {
  const V = probabilities.length / Math.max(1, positions);
  const entropies = Array.from({ length: positions }, (_, t) =>
    entropyOf(probabilities.subarray(t * V, (t + 1) * V)),
  );
  return Math.max(0, entropies.indexOf(Math.max(...entropies)));
}
