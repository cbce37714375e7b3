// Row functionals against numbers that were computed elsewhere, against each other, and against differences.
import { describe, expect, test } from 'vitest';
import {
  expectedDiscriminator,
  likeliest,
  renyiEntropy,
  truncatedEntropy,
  tsallisEntropy,
} from '../../src/reference/functionals.ts';
import { softmaxRow } from '../../src/reference/losses.ts';
import { expectClose } from '../helpers/close.ts';
import { centralDifferences, randomArray, seededRandom } from './differences.ts';

const Z = Float64Array.of(2, 1, 0, -1);
/** The numbers have six decimals. */
const decimals = { rtol: 0, atol: 6e-7 };

describe('golden numbers of z = 2, 1, 0, −1', () => {
  test.each([
    [2, 0.520639, [-0.211916, 0.114878, 0.068359, 0.02868]],
    [0.5, 1.5268, [-0.333036, 0.068987, 0.141532, 0.122517]],
    [1.1, 0.877033, [-0.316181, 0.120971, 0.123489, 0.071721]],
    [1, 0.947537, [-0.326688, 0.116701, 0.130076, 0.079911]],
  ])('Tsallis entropy at q = %d', (q, value, gradient) => {
    const f = tsallisEntropy(Z, q);
    expectClose([f.value], [value], decimals);
    expectClose(f.gradient, gradient, decimals);
  });

  test('Rényi entropy of order 2', () => {
    const f = renyiEntropy(Z, 2);
    expectClose([f.value], [0.735301], decimals);
    expectClose(f.gradient, [-0.442081, 0.239648, 0.142604, 0.059829], decimals);
  });

  const { p } = softmaxRow(Z, 0, 4);
  test.each([
    ['nucleus 0.9', (b: number) => b < 0.9, [0, 1, 2], 0.832396, [-0.282587, 0.14077, 0.141817, 0]],
    [
      'crossing out, 0.9',
      (b: number, x: number) => b + x < 0.9,
      [0, 1],
      0.582203,
      [-0.196612, 0.196612, 0, 0],
    ],
    ['crossing out, 0.8', (b: number, x: number) => b + x < 0.8, [0], 0, [0, 0, 0, 0]],
  ])('truncated entropy, %s', (_, takes, set, value, gradient) => {
    expect(likeliest(p, takes)).toEqual(set);
    const f = truncatedEntropy(Z, set);
    expectClose([f.value], [value], { ...decimals, allowZero: true });
    expectClose(f.gradient, gradient, { ...decimals, allowZero: true });
  });

  test('the released convention where probabilities are equal', () => {
    const z = [1, 1, 0, 0];
    const equal = softmaxRow(z, 0, 4).p;
    const set = (most: number) => likeliest(equal, (before, own) => before + own < most);
    expectClose([truncatedEntropy(z, set(0.8)).value], [Math.LN2], decimals);
    expectClose([truncatedEntropy(z, set(0.9)).value], [1.017357], decimals);
  });

  test('expected discriminator', () => {
    expectClose([expectedDiscriminator(Z)], [0.168817], decimals);
  });
});

describe('on random rows', () => {
  const random = seededRandom(3);
  const rows = [2, 5, 9].map((V) => randomArray(V, random).map((x) => 3 * x));

  test.each([0.3, 0.999, 1, 1.001, 2, 3.5])('gradients are those of differences at %d', (q) => {
    for (const z of rows) {
      for (const f of [tsallisEntropy, renyiEntropy]) {
        const differences = centralDifferences(() => f(z, q).value, z);
        // Within 0.001 of 1 the value cancels to 1e-13, over a step of 1e-5.
        expectClose(f(z, q).gradient, differences, { rtol: 1e-6, atol: 2e-7 });
        expect(Math.abs(f(z, q).gradient.reduce((a, b) => a + b, 0))).toBeLessThan(1e-12);
      }
      const set = [0, z.length - 1];
      const differences = centralDifferences(() => truncatedEntropy(z, set).value, z);
      expectClose(truncatedEntropy(z, set).gradient, differences, { rtol: 1e-6, atol: 1e-9 });
    }
  });

  test('limits: q and a towards 1, and the whole vocabulary, give the entropy', () => {
    for (const z of rows) {
      const { entropy } = softmaxRow(z, 0, z.length);
      expect(tsallisEntropy(z, 1 + 1e-5).value).toBeCloseTo(entropy, 4);
      expect(renyiEntropy(z, 1 + 1e-5).value).toBeCloseTo(entropy, 4);
      const all = Array.from(z, (_, j) => j);
      expect(truncatedEntropy(z, all).value).toBeCloseTo(entropy, 12);
    }
  });
});
