/** Means of what tokens tell, by kind and by place. */
import { expect, test } from 'vitest';
import { meansOfGains } from '../../src/core/gain_profile.ts';

const told = (values: number[], kinds: string) => ({ values, kindOf: (t: number) => kinds[t] });

test('each response is cut by its own length, and kinds come as they first occur', () => {
  const { kinds, parts } = meansOfGains(
    [told([1, 2, 3, 4], 'abab'), told([10, 20], 'bc'), told([], '')],
    2,
  );
  expect(kinds).toEqual([
    { kind: 'a', mean: 2, tokens: 2 },
    { kind: 'b', mean: (2 + 4 + 10) / 3, tokens: 3 },
    { kind: 'c', mean: 20, tokens: 1 },
  ]);
  expect(parts).toEqual([(1 + 2 + 10) / 3, (3 + 4 + 20) / 3]);
});

test('a part in which no token stands says so instead of 0', () => {
  expect(meansOfGains([told([5], 'a')], 3).parts).toEqual([5, null, null]);
  expect(meansOfGains([], 2)).toEqual({ kinds: [], parts: [null, null] });
});
