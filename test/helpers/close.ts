// Comparison of arrays of numbers that cannot pass by accident: NaN fails, a different length
// fails, and so does an expectation that is zero everywhere (a buffer nobody wrote is zero too).

type Numbers = ArrayLike<number>;

export interface Tolerance {
  /** Allowed part of |expected|. */
  rtol?: number;
  /** Allowed whatever the size of expected. */
  atol?: number;
}

export interface CloseOptions extends Tolerance {
  /** Named in the message. */
  label?: string;
  /** Accept that every expected value is zero. */
  allowZero?: boolean;
}

export interface Worst {
  index: number;
  actual: number;
  expected: number;
  /** Difference over tolerance: at most 1 passes; NaN or Infinity fails. */
  ratio: number;
}

/** The element that comes nearest to failing, or fails by most; a NaN on either side wins. */
export function worstError(
  actual: Numbers,
  expected: Numbers,
  { rtol = 1e-5, atol = 1e-6 }: Tolerance = {},
): Worst {
  let worst: Worst = { index: -1, actual: 0, expected: 0, ratio: 0 };
  for (let index = 0; index < expected.length; index++) {
    const a = actual[index] ?? Number.NaN;
    const e = expected[index] ?? Number.NaN;
    const difference = Math.abs(a - e);
    const tolerance = atol + rtol * Math.abs(e);
    const ratio = difference === 0 ? 0 : difference / tolerance;
    if (!(ratio <= worst.ratio) || worst.index < 0)
      worst = { index, actual: a, expected: e, ratio };
    if (Number.isNaN(ratio)) break;
  }
  return worst;
}

/** Throws unless |actual − expected| ≤ atol + rtol · |expected| in every element. */
export function expectClose(
  actual: Numbers,
  expected: Numbers,
  { rtol = 1e-5, atol = 1e-6, label = 'values', allowZero = false }: CloseOptions = {},
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${label}: need ${expected.length} values, got ${actual.length}`);
  }
  if (!allowZero && !Array.from(expected).some((value) => value !== 0)) {
    throw new Error(`${label}: every expected value is zero, which tests nothing (allowZero?)`);
  }
  const worst = worstError(actual, expected, { rtol, atol });
  if (!(worst.ratio <= 1)) {
    throw new Error(
      `${label}: [${worst.index}] must be ${worst.expected}, got ${worst.actual}: ` +
        `${worst.ratio.toPrecision(3)} times the tolerance (rtol ${rtol}, atol ${atol})`,
    );
  }
}

/** ‖actual − expected‖ / ‖expected‖; NaN if anything is NaN or the lengths differ. */
export function relativeToNorm(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] ?? Number.NaN;
    const e = expected[i] ?? Number.NaN;
    difference += (a - e) ** 2;
    size += e ** 2;
  }
  return Math.sqrt(difference / size);
}
