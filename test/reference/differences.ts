// Tools of the reference's own tests: central differences and seeded numbers.

import type { Numbers } from '../../src/reference/ops.ts';

/** Derivative of f in every element of x, which is changed in place and put back. */
export function centralDifferences(
  f: () => number,
  x: Float64Array,
  step = 1e-5,
): Float64Array /* as long as x */ {
  return x.map((value, i) => {
    x[i] = value + step;
    const above = f();
    x[i] = value - step;
    const below = f();
    x[i] = value;
    return (above - below) / (2 * step);
  });
}

/** A stream of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `size` numbers in [−1, 1). */
export function randomArray(size: number, random: () => number): Float64Array {
  return Float64Array.from({ length: size }, () => 2 * random() - 1);
}

export function dot(a: Numbers, b: Numbers): number {
  if (a.length !== b.length) throw new RangeError(`dot: got ${a.length} and ${b.length} numbers`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
