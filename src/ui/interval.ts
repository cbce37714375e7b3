/** Mean over seeds and its 95 % t-interval. */

/** Two-sided 95 % quantiles of Student's t for 1 … 30 degrees of freedom (printed tables agree to 4 digits). */
const T_95 = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788,
  2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639,
  2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
] as const;

/** t with P(|T| ≤ t) = 0.95. Beyond the table: Cornish-Fisher expansion around the normal quantile. */
export function t95(df: number): number {
  if (df < 1) return Number.NaN;
  const listed = T_95[df - 1];
  if (listed !== undefined) return listed;
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * df) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * df ** 2);
}

export interface Interval {
  n: number;
  mean: number;
  /** NaN with fewer than two values: one value says nothing of the spread. */
  low: number;
  high: number;
}

export function interval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  if (n < 2) return { n, mean, low: Number.NaN, high: Number.NaN };
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const half = t95(n - 1) * Math.sqrt(variance / n);
  return { n, mean, low: mean - half, high: mean + half };
}
