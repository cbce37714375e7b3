/**
 * Reads d_logp and d_entropy off a gradient in the logits. The kernel forms it as
 *
 *   g_j = d_logp · ([j = a] − p_j) − d_entropy · p_j (log p_j + H)
 *
 * so for every token j but the taken one, −g_j / p_j is a straight line in log p_j + H: its height is d_logp, its slope
 * d_entropy. The kernel computes each g_j to a few units in its last place, however small p_j is.
 */
export interface TokenGradient {
  /** [V] */
  probabilities: Float32Array;
  /** [V] in the logits after the temperature */
  gradient: Float32Array;
  /** Id of the taken token. */
  taken: number;
  /** nats */
  entropy: number;
}

/** Below, f32 holds too few digits. */
const SMALLEST = 1e-30;
/** Part of the larger of the two that is rounding. */
const NOISE = 1e-5;

/** NaN where fewer than two other tokens have a probability; slope 0 where all others have the same. */
export function slopes({ probabilities, gradient, taken, entropy }: TokenGradient): {
  d_logp: number;
  d_entropy: number;
} {
  const points: [x: number, y: number][] = [];
  probabilities.forEach((p, j) => {
    if (j === taken || !(p > SMALLEST)) return;
    points.push([Math.log(p) + entropy, -(gradient[j] as number) / p]);
  });
  if (points.length < 2) return { d_logp: Number.NaN, d_entropy: Number.NaN };
  const mean = (of: (point: [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const spread = mean((p) => (p[0] - x) ** 2);
  const slope = spread > 1e-6 ? mean((p) => (p[0] - x) * (p[1] - y)) / spread : 0;
  const height = y - slope * x;
  const noise = NOISE * Math.max(Math.abs(slope), Math.abs(height));
  const clean = (value: number): number => (Math.abs(value) <= noise ? 0 : value);
  return { d_logp: clean(height), d_entropy: clean(slope) };
}

/** Gradient at a latent position, where the kernel has y_j − p_j Σ_k y_k in place of [j = a] − p_j. */
export interface MixtureGradient extends Omit<TokenGradient, 'taken'> {
  /** [V] */
  mixture: ArrayLike<number>;
}

/** By least squares over all tokens; NaN where y is the distribution itself, or both parts have one direction. */
export function mixtureSlopes({ probabilities, gradient, mixture, entropy }: MixtureGradient): {
  d_logp: number;
  d_entropy: number;
} {
  const shares = Array.from(mixture).reduce((a, b) => a + b, 0);
  const sums = { yy: 0, aa: 0, ab: 0, bb: 0, ag: 0, bg: 0 };
  probabilities.forEach((p, j) => {
    const a = (mixture[j] as number) - p * shares;
    const b = p > SMALLEST ? -p * (Math.log(p) + entropy) : 0;
    const g = gradient[j] as number;
    sums.yy += (mixture[j] as number) ** 2;
    sums.aa += a * a;
    sums.ab += a * b;
    sums.bb += b * b;
    sums.ag += a * g;
    sums.bg += b * g;
  });
  const determinant = sums.aa * sums.bb - sums.ab * sums.ab;
  // What f32 leaves of y − p where the two are equal is 1e-7 of them.
  const isTold = sums.aa > 1e-10 * sums.yy && determinant > 1e-6 * sums.aa * sums.bb;
  if (!isTold) return { d_logp: Number.NaN, d_entropy: Number.NaN };
  const d_logp = (sums.ag * sums.bb - sums.bg * sums.ab) / determinant;
  const d_entropy = (sums.bg * sums.aa - sums.ag * sums.ab) / determinant;
  const noise = NOISE * Math.max(Math.abs(d_logp), Math.abs(d_entropy));
  const clean = (value: number): number => (Math.abs(value) <= noise ? 0 : value);
  return { d_logp: clean(d_logp), d_entropy: clean(d_entropy) };
}
