import { describe, expect, test } from 'vitest';
import { pairsLikelyEnough, sampleSd, tCdf, tQuantile } from '../../src/core/stats.ts';
import { t95 } from '../../src/ui/interval.ts';

describe('tQuantile', () => {
  // Two-sided 95 % quantiles for 1 … 30 degrees of freedom, as printed in statistical tables.
  const printed = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16,
    2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052,
    2.048, 2.045, 2.042,
  ];
  test.each(printed.map((t, i) => [i + 1, t]))('0.975, %i degrees of freedom', (df, t) => {
    expect(Math.abs(tQuantile(0.975, df) - t)).toBeLessThanOrEqual(0.00051);
    expect(Math.abs(t95(df) - tQuantile(0.975, df))).toBeLessThanOrEqual(0.00006);
  });

  // One-sided 80 % quantiles from the same tables; 1.376 = tan(0.3 π) exactly.
  test.each([
    [1, Math.tan(0.3 * Math.PI)],
    [2, 1.0607],
    [5, 0.9195],
    [10, 0.8791],
    [30, 0.8538],
  ])('0.8, %i degrees of freedom', (df, t) => {
    expect(Math.abs(tQuantile(0.8, df) - t)).toBeLessThanOrEqual(0.00006);
  });

  test('the inverse of the distribution, and its symmetry', () => {
    for (const df of [1, 2, 7, 40]) {
      for (const p of [0.5, 0.6, 0.9, 0.999]) expect(tCdf(tQuantile(p, df), df)).toBeCloseTo(p, 10);
      expect(tCdf(-1.3, df)).toBeCloseTo(1 - tCdf(1.3, df), 12);
    }
    expect(tQuantile(0.975, 0)).toBeNaN();
  });
});

test('sampleSd divides by n − 1, and needs two values', () => {
  expect(sampleSd([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(sampleSd([3])).toBeNaN();
});

describe('pairsLikelyEnough', () => {
  test('an effect of one standard deviation: 10 pairs, as power tables have it', () => {
    expect(pairsLikelyEnough(1, 1, 50)).toBe(10);
    expect(pairsLikelyEnough(-0.5, 0.5, 50)).toBe(10);
  });

  test('an effect of half a standard deviation: 34 pairs', () => {
    expect(pairsLikelyEnough(0.5, 1, 50)).toBe(34);
  });

  test('no number beyond the cap, and none for no difference', () => {
    expect(pairsLikelyEnough(0.1, 1, 50)).toBeUndefined();
    expect(pairsLikelyEnough(0, 1, 50)).toBeUndefined();
    expect(pairsLikelyEnough(Number.NaN, 1, 50)).toBeUndefined();
  });
});
