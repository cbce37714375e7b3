/**
 * Where a token's entropy stands in its batch, from −1 (the most certain) to 1 (the most uncertain), by HAPO's
 * measure (arXiv:2509.16591): log-entropy against a pivot, each side scaled by its own extreme.
 */

export interface StandingScale {
  /** ln of an entropy in nats */
  pivot: number;
  /** 1 / (largest log-entropy − pivot); 0 where no token is above */
  above: number;
  /** 1 / (pivot − smallest log-entropy); 0 where no token is below */
  below: number;
}

/** Tokens without any entropy do not stretch the scale to infinity. */
const logEntropy = (h: number): number => Math.log(Math.max(h, 1e-8));

/** @param pivot quantile whose nearest rank is the pivot */
export function scaleOf(entropies: ArrayLike<number>, pivot: number): StandingScale {
  const logs = Float64Array.from(entropies, logEntropy).sort();
  const at = logs[Math.round(pivot * (logs.length - 1))] ?? 0;
  const above = (logs[logs.length - 1] ?? 0) - at;
  const below = at - (logs[0] ?? 0);
  return { pivot: at, above: above > 0 ? 1 / above : 0, below: below > 0 ? 1 / below : 0 };
}

/** In [−1, 1]; outside of what the scale was made from it is cut off there. */
function standingOf(entropy: number, scale: StandingScale): number {
  const over = logEntropy(entropy) - scale.pivot;
  return Math.min(Math.max(over * (over > 0 ? scale.above : scale.below), -1), 1);
}

/** [N] */
export function entropyStanding(entropies: ArrayLike<number>, scale: StandingScale): Float32Array {
  return Float32Array.from(entropies, (h) => standingOf(h, scale));
}
