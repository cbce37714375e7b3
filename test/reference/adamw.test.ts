// What the goldens (transformer.test.ts) cannot see: Adam's step does not depend on the scale of a
// gradient that keeps its size, so clipping shows only where the sizes of the steps differ.

import { describe, expect, it } from 'vitest';
import type { Params } from '../../src/reference/transformer.ts';
import { expectClose } from '../helpers/close.ts';
import { adamwInit, adamwStep, clipCoefficient, globalNorm } from './adamw.ts';

const tensors = (a: number[], b: number[]): Params =>
  new Map([
    ['a', Float64Array.from(a)],
    ['b', Float64Array.from(b)],
  ]);

describe('clipping by the global norm', () => {
  it('takes the norm over all tensors', () => {
    expect(globalNorm(tensors([3, 0], [4]))).toBe(5);
  });

  it('is torch’s: never scales up, and adds 1e-6 to the norm', () => {
    expect(clipCoefficient(0.5, 1)).toBe(1);
    expect(clipCoefficient(0, 1)).toBe(1);
    expect(clipCoefficient(5, 1)).toBe(1 / 5.000001);
    expect(clipCoefficient(5, Number.POSITIVE_INFINITY)).toBe(1);
  });
});

describe('adamwStep', () => {
  const settings = {
    lr: 0.1,
    beta1: 0.5,
    beta2: 0.75,
    eps: 0.01,
    weight_decay: 0.2,
    max_norm: 1,
  };

  it('clips the large gradient and leaves the small one', () => {
    const params = tensors([1], [2]);
    const state = adamwInit(params);
    expect(adamwStep(params, tensors([3], [4]), state, settings)).toBe(5);
    expect(adamwStep(params, tensors([0.3], [0.4]), state, settings)).toBe(0.5);

    // By hand, for one number: first gradient g1 = g / 5.000001, second g2 = g / 10.
    const expected = ([value, g]: [number, number]) => {
      const [g1, g2] = [g / 5.000001, g / 10];
      const first = value * 0.98 - (0.1 * g1) / (Math.abs(g1) + 0.01);
      const m = (0.25 * g1 + 0.5 * g2) / (1 - 0.25);
      const v = (0.75 * 0.25 * g1 ** 2 + 0.25 * g2 ** 2) / (1 - 0.5625);
      return first * 0.98 - (0.1 * m) / (Math.sqrt(v) + 0.01);
    };
    const actual = [...params.values()].flatMap((values) => [...values]);
    expectClose(actual, [expected([1, 3]), expected([2, 4])], { rtol: 1e-14, atol: 0 });
  });

  it('decays a parameter without gradient', () => {
    const params = tensors([1], [2]);
    adamwStep(params, tensors([0], [0]), adamwInit(params), settings);
    expect([...params.values()].map((values) => values[0])).toEqual([0.98, 1.96]);
  });

  it('refuses a missing gradient', () => {
    const params = tensors([1], [2]);
    expect(() => adamwStep(params, new Map(), adamwInit(params), settings)).toThrow('for a');
  });
});
