import { describe, expect, test } from 'vitest';
import { interval, t95 } from '../../src/ui/interval.ts';

describe('t95', () => {
  // Two-sided 95 % quantiles as printed in statistical tables.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [5, 2.571],
    [30, 2.042],
    [40, 2.021],
    [60, 2.0],
    [120, 1.98],
  ])('%i degrees of freedom', (df, expected) => {
    expect(Math.abs(t95(df) - expected)).toBeLessThanOrEqual(0.0006);
  });

  test('nothing without a degree of freedom', () => {
    expect(t95(0)).toBeNaN();
  });
});

describe('interval', () => {
  test('three seeds: mean ± 4.303 · sd / √3', () => {
    const { n, mean, low, high } = interval([0.9, 1, 1.1]);
    expect(n).toBe(3);
    expect(mean).toBeCloseTo(1, 12);
    expect(high - mean).toBeCloseTo((4.3027 * 0.1) / Math.sqrt(3), 4);
    expect(mean - low).toBeCloseTo(high - mean, 12);
  });

  test('one seed says nothing of the spread', () => {
    expect(interval([2])).toEqual({ n: 1, mean: 2, low: Number.NaN, high: Number.NaN });
  });
});
