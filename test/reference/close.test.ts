// The comparison that every numeric test rests on must itself refuse what is wrong.

import { describe, expect, it } from 'vitest';
import { expectClose, relativeToNorm, worstError } from '../helpers/close.ts';

describe('expectClose', () => {
  it('accepts what is within the tolerance, to the edge', () => {
    expectClose([1, 2.5], [1, 2], { rtol: 0, atol: 0.5 });
    expectClose([110], [100], { rtol: 0.1, atol: 0 });
  });

  it('refuses a NaN on either side, infinities, lengths and differences', () => {
    expect(() => expectClose([Number.NaN], [1])).toThrow('NaN');
    expect(() => expectClose([1], [Number.NaN])).toThrow('NaN');
    expect(() => expectClose([1, Number.NaN, 3], [1, 2, 3])).toThrow('[1]');
    expect(() => expectClose([Number.POSITIVE_INFINITY], [1])).toThrow('Infinity');
    expect(() => expectClose([1, 2], [1])).toThrow('need 1 values, got 2');
    expect(() => expectClose([1, 2.2], [1, 2], { label: 'x' })).toThrow(
      'x: [1] must be 2, got 2.2',
    );
    expect(() => expectClose([1e-9], [1], { rtol: 0, atol: 0 })).toThrow('Infinity times');
  });

  it('refuses an expectation of zeros and of nothing unless told', () => {
    expect(() => expectClose([0, 0], [0, 0])).toThrow('zero');
    expect(() => expectClose([], [])).toThrow('zero');
    expectClose([0, 0], [0, 0], { allowZero: true });
    expect(() => expectClose([0, 1], [0, 0], { allowZero: true })).toThrow('[1]');
  });

  it('names the worst element', () => {
    expect(worstError([1, 2, 3.5], [1, 2.1, 3], { rtol: 0, atol: 1 })).toEqual({
      index: 2,
      actual: 3.5,
      expected: 3,
      ratio: 0.5,
    });
  });

  it('measures against the norm', () => {
    expect(relativeToNorm([3, 4.5], [3, 4])).toBeCloseTo(0.1, 12);
    expect(relativeToNorm([1], [1, 2])).toBeNaN();
    expect(relativeToNorm([Number.NaN], [1])).toBeNaN();
  });
});
