/**
 * The law that runs without intervention on entropy are said to follow: R = −a e^H + b (arXiv:2505.22617). Linear least
 * squares of reward on e^H. Pure.
 */
export interface LawPoint {
  step: number;
  /** H, nats */
  entropy: number;
  /** R, such as accuracy */
  reward: number;
}

export interface Law {
  a: number;
  b: number;
  /** Reward at entropy 0: what the law says can be reached, b − a. */
  ceiling: number;
  /** Points of the fit, and the last of their steps. */
  count: number;
  until: number;
}

/** Fewer points, or entropies that are all the same, give no line. */
export const LEAST_POINTS = 8;

/** @returns undefined where there are too few points, or no spread in entropy */
export function fitLaw(points: readonly LawPoint[]): Law | undefined {
  const count = points.length;
  if (count < LEAST_POINTS) return undefined;
  const xs = points.map(({ entropy }) => Math.exp(entropy));
  const mean = (of: readonly number[]) => of.reduce((sum, x) => sum + x, 0) / count;
  const [x, y] = [mean(xs), mean(points.map(({ reward }) => reward))];
  const spread = xs.reduce((sum, v) => sum + (v - x) ** 2, 0);
  if (!(spread > 1e-9)) return undefined;
  const together = points.reduce(
    (sum, { reward }, i) => sum + ((xs[i] as number) - x) * (reward - y),
    0,
  );
  const a = -together / spread;
  const b = y + a * x;
  return { a, b, ceiling: b - a, count, until: Math.max(...points.map(({ step }) => step)) };
}

export const rewardAt = ({ a, b }: Law, entropy: number): number => b - a * Math.exp(entropy);
