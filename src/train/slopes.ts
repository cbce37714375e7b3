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
