/** Statistics that several methods use, in float64, with the conventions of torch and verl. */

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Sum of squared differences to the mean over n − `unbiased`: torch's default divides by n − 1. */
export function variance(values: ArrayLike<number>, unbiased: 0 | 1): number {
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - center) ** 2;
  return sum / (values.length - unbiased);
}

/** Mean of the products of the differences to the means: over n. */
export function covariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - meanA) * ((b[i] as number) - meanB);
  return sum / a.length;
}

/** Pearson's, in [−1, 1]; NaN where one of the two does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const r = covariance(a, b) / Math.sqrt(variance(a, 0) * variance(b, 0));
  return Math.max(-1, Math.min(1, r));
}

/** Quantile with linear interpolation, as torch.quantile; NaN of nothing. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Indices of the `count` largest values among `candidates`; equal ones in their order. */
export function largest(
  values: ArrayLike<number>,
  count: number,
  candidates: readonly number[] = Array.from({ length: values.length }, (_, i) => i),
): number[] {
  return [...candidates]
    .sort((a, b) => (values[b] as number) - (values[a] as number))
    .slice(0, count);
}

/**
 * Mean 0 and variance 1 over all values, as verl's `masked_whiten`: unbiased variance, 1e-8 inside the root.
 * A single value, whose variance verl refuses, is 0; so are values that are all equal, where the difference to their mean
 * would be rounding.
 */
export function whiten(values: ArrayLike<number>): Float32Array {
  const all = Array.from(values);
  if (all.every((x) => x === all[0])) return new Float32Array(all.length);
  const center = mean(values);
  const scale = 1 / Math.sqrt(variance(values, 1) + 1e-8);
  return Float32Array.from(all, (x) => (x - center) * scale);
}
