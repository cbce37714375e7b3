/** One compared item of a golden folder, and how errors are measured. */

export interface Item {
  name: string;
  /** Worst relative error; NaN counts as beyond tolerance. */
  error: number;
  tolerance: number;
  /** Why it was not compared. */
  skipped?: string;
}

/**
 * Worst |actual − expected| relative to the larger of |expected| and the root mean square of all expected values, so
 * that an element near zero is held to the scale of its neighbors. NaN when a length differs or anything is NaN.
 */
export function worstRelative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length || expected.length === 0) return Number.NaN;
  const e = Array.from(expected);
  const scale = Math.sqrt(e.reduce((sum, x) => sum + x * x, 0) / e.length);
  return e.reduce((worst, x, i) => {
    const difference = Math.abs((actual[i] as number) - x);
    const relative = difference === 0 ? 0 : difference / Math.max(Math.abs(x), scale);
    return relative <= worst ? worst : relative;
  }, 0);
}

/**
 * Relative error of one sum of terms of order 1. Below 1e-3 the terms have canceled, and what is left of an f32 sum is
 * rounding: the error is then relative to 1e-3.
 */
export function sumError(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-3);
}

/** ‖actual − expected‖ / ‖expected‖ */
export function relativeNorm(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] as number) - (expected[i] as number)) ** 2;
    size += (expected[i] as number) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

export const passes = (item: Item): boolean =>
  item.skipped !== undefined || item.error <= item.tolerance;
