/** A comparison in words. Nothing is called a difference that may well be chance. */
import { formatValue } from '../format.ts';
import { type Comparison, MOST_SEEDS } from './compare.ts';

export function signed(value: number): string {
  const text = formatValue(Math.abs(value));
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
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
export function range({ low, high, n }: Comparison): string {
  return n < 2 ? '' : `${formatValue(low)} to ${formatValue(high)}`;
}
