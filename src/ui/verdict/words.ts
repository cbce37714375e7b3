/** A comparison in words. Nothing is called a difference that may well be chance. */
import { decimalsOf, formatFixed, formatValue } from '../format.ts';
import { type Comparison, MOST_SEEDS } from './compare.ts';

/** More decimals than this are hard to read. */
const MOST_DECIMALS = 6;

/**
 * How the numbers of a comparison are written, all alike: as the values that are compared, or with more decimals where the
 * interval is so narrow that it would read as one number. Undefined: each by itself, with an exponent where that is shorter.
 */
function decimalsIn({ outcome, low, high, mean, size }: Comparison): number | undefined {
  if (!(Math.max(size, Math.abs(mean)) < 10_000)) return undefined;
  const usual = decimalsOf(size);
  const isTold = outcome === 'higher' || outcome === 'lower';
  // Where all seeds differ by the same there is no width to go by, but for rounding.
  const hasWidth = isTold || outcome === 'open';
  const half = (high - low) / 2;
  // Where it is told that the interval leaves zero out, its end must not read as zero.
  const least = isTold ? Math.min(half, Math.abs(low), Math.abs(high)) : half;
  const decimals = hasWidth ? Math.max(usual, Math.ceil(-Math.log10(least))) : usual;
  return decimals <= MOST_DECIMALS ? decimals : undefined;
}

const written = (value: number, decimals: number | undefined): string =>
  decimals === undefined ? formatValue(value) : formatFixed(value, decimals);

/** The difference with its sign, `+0.103`. */
export function difference(comparison: Comparison): string {
  const text = written(comparison.mean, decimalsIn(comparison));
  return comparison.mean > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** The verdict itself. */
export function verdict(comparison: Comparison): string {
  switch (comparison.outcome) {
    case 'none':
      return '';
    case 'one':
      return 'one seed: nothing can be said about chance';
    case 'same':
      return 'equal in every seed: no spread to judge by';
    case 'open':
      return 'not yet distinguishable';
    default:
      return comparison.outcome;
  }
}

/** What holds for the whole strip, said once. */
export function preface(seeds: number): string {
  return seeds === 1
    ? 'One seed: how far the runs are apart stands here, and nothing can be said about chance. Choose more seeds in the setup.'
    : 'Runs of one seed are compared in pairs. Where an interval contains zero, chance alone may have made the difference.';
}

/** How many seeds would likely be enough, where that is the question. */
export function seedsAdvice({ outcome, enough }: Comparison): string {
  if (outcome !== 'open') return '';
  return `likely enough: ${enough ?? `over ${MOST_SEEDS}`} seeds`;
}

/** The interval, `−0.12 to 0.34`. */
export function range(comparison: Comparison): string {
  const { low, high, n } = comparison;
  const decimals = decimalsIn(comparison);
  return n < 2 ? '' : `${written(low, decimals)} to ${written(high, decimals)}`;
}
