import { expect, test } from 'vitest';
import { fitLaw, LEAST_POINTS, rewardAt } from '../../src/core/entropy_law.ts';

const points = (entropies: readonly number[], reward: (H: number) => number) =>
  entropies.map((entropy, i) => ({ step: i + 1, entropy, reward: reward(entropy) }));
const ENTROPIES = [1, 0.8, 0.6, 0.4, 0.2, 0.1, 0.15, 0.3];

test('gives back the law that made the points, and forecasts by it', () => {
  const law = fitLaw(points(ENTROPIES, (H) => 0.9 - 0.2 * Math.exp(H)));
  expect(law?.a).toBeCloseTo(0.2, 10);
  expect(law?.b).toBeCloseTo(0.9, 10);
  expect(law?.ceiling).toBeCloseTo(0.7, 10);
  expect(law).toMatchObject({ count: 8, until: 8 });
  expect(law && rewardAt(law, 0)).toBeCloseTo(0.7, 10);
});

test('the least squares of points beside a line', () => {
  // Residuals orthogonal to 1 and e^H by construction would need solving; the normal equations are checked instead.
  const made = points(ENTROPIES, (H) => 0.9 - 0.2 * Math.exp(H) + 0.05 * Math.sin(40 * H));
  const law = fitLaw(made)!;
  const residuals = made.map(({ entropy, reward }) => reward - rewardAt(law, entropy));
  const sum = (of: (r: number, i: number) => number) =>
    residuals.reduce((total, r, i) => total + of(r, i), 0);
  expect(sum((r) => r)).toBeCloseTo(0, 10);
  expect(sum((r, i) => r * Math.exp(made[i]!.entropy))).toBeCloseTo(0, 10);
  expect(sum((r) => r * r)).toBeGreaterThan(1e-4);
});

test('no line through too few points or one entropy', () => {
  const few = ENTROPIES.slice(0, LEAST_POINTS - 1);
  expect(fitLaw(points(few, (H) => 1 - H))).toBeUndefined();
  expect(fitLaw(points(Array(20).fill(0.5), () => 0.5))).toBeUndefined();
});
