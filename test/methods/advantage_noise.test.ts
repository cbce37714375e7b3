import { expect, test } from 'vitest';
import { mean, variance } from '../../src/core/statistics.ts';
import { responses, tokenBatch } from '../../src/core/token_batch.ts';
import { numbers } from './fixture.ts';

const B = 4000;
const lengths = Array.from({ length: B }, (_, i) => 1 + (i % 3));
const A = lengths.map((_, i) => (i % 2 ? 1.5 : -0.5));
const advantage = Float32Array.from(lengths.flatMap((n, i) => Array<number>(n).fill(A[i])));
const batch = tokenBatch(lengths, { advantage, counter: [7, 1] });

test('noise is one number a response, centered, and as wide as σ says', () => {
  const noisy = numbers('advantage_noise', { sigma: 0.5 }, batch);
  const noise = responses(batch).map(({ from, to }, i) => {
    const own = noisy.slice(from, to).map((x) => x - A[i]);
    expect(new Set(own).size).toBe(1);
    return own[0];
  });
  // std(A) = 1 (n − 1: 1.0001); standard errors of 4000 draws: 0.008 of the mean, 0.0056 of the deviation.
  expect(Math.abs(mean(noise))).toBeLessThan(0.032);
  expect(Math.abs(Math.sqrt(variance(noise, 1)) - 0.5)).toBeLessThan(0.023);
  // A normal distribution: 4.6 % lie beyond two deviations.
  const beyond = noise.filter((x) => Math.abs(x) > 1).length / B;
  expect(beyond).toBeGreaterThan(0.032);
  expect(beyond).toBeLessThan(0.06);
});

test('another step draws other noise; a batch in which all did alike gets none', () => {
  const at = (counter: number[]) => numbers('advantage_noise', {}, { ...batch, counter });
  expect(at([7, 1])).toEqual(at([7, 1]));
  expect(at([7, 2])).not.toEqual(at([7, 1]));
  const alike = { ...batch, advantage: new Float32Array(advantage.length).fill(0.25) };
  expect(new Set(numbers('advantage_noise', {}, alike))).toEqual(new Set([0.25]));
});
