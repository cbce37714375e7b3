import { describe, expect, test } from 'vitest';
import { largest, mean, quantile, variance, whiten } from '../../src/core/statistics.ts';
import {
  byPrompt,
  drawPerResponse,
  drawPerToken,
  groups,
  perToken,
  responses,
  selectResponses,
  tokenBatch,
} from '../../src/core/token_batch.ts';
import { expectClose } from '../helpers/close.ts';

const batch = tokenBatch([2, 1, 3], {
  group: Uint32Array.of(4, 4, 9),
  reward: Float64Array.of(1, 0, 0.5),
  advantage: Float32Array.of(1, 2, 3, 4, 5, 6),
  counter: [7, 1],
});

describe('a ragged batch', () => {
  test('knows its responses and groups', () => {
    expect(responses(batch)).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 3 },
      { from: 3, to: 6 },
    ]);
    expect(groups(batch)).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 3 },
    ]);
  });

  test('knows the responses of a prompt also where others stand between them', () => {
    expect(byPrompt({ group: Uint32Array.of(4, 9, 4, 4, 7) })).toEqual([[0, 2, 3], [1], [4]]);
  });

  test('spreads a value per response over its tokens, and leaves values per token', () => {
    expect([...perToken(batch, [1, 2, 3], 'x')]).toEqual([1, 1, 2, 3, 3, 3]);
    expect([...perToken(batch, [1, 2, 3, 4, 5, 6], 'x')]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => perToken(batch, [1, 2], 'x')).toThrow(
      'x: needs a value per response (3) or per token (6), got 2',
    );
  });

  test('gives a part of itself, in any order', () => {
    const part = selectResponses(batch, [2, 0]);
    expect([...part.starts]).toEqual([0, 3, 5]);
    expect([...part.advantage]).toEqual([4, 5, 6, 1, 2]);
    expect([...part.reward]).toEqual([0.5, 1]);
    expect([...part.index]).toEqual([2, 0]);
    expect([...part.group]).toEqual([9, 4]);
  });

  test('draws by response, not by place', () => {
    const part = selectResponses(batch, [2, 0]);
    const [tokens, some] = [drawPerToken(batch, 3), drawPerToken(part, 3)];
    expect([...some]).toEqual([...tokens.slice(3), ...tokens.slice(0, 2)]);
    expect(new Set(tokens).size).toBe(6);
    const [all, few] = [drawPerResponse(batch, 3), drawPerResponse(part, 3)];
    expect([...few]).toEqual([all[2], all[0]]);
    expect(drawPerResponse(batch, 4)[0]).not.toBe(all[0]);
  });
});

describe('statistics', () => {
  test('quantiles interpolate, as torch', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([1, 2, 3, 4], 0.8)).toBeCloseTo(3.4, 12);
    expect(quantile([5], 0.3)).toBe(5);
    expect(quantile([], 0.3)).toBeNaN();
  });

  test('the largest, equal ones in their order', () => {
    expect(largest([1, 5, 3, 5], 3)).toEqual([1, 3, 2]);
    expect(largest([1, 5, 3, 5], 2, [0, 2])).toEqual([2, 0]);
    expect(largest([1], 5)).toEqual([0]);
  });

  test('whitening has mean 0 and unbiased variance 1', () => {
    const values = whiten([1, 2, 4, 9]);
    expectClose([mean(values), variance(values, 1)], [0, 1], { atol: 1e-6 });
    expect([...whiten([3])]).toEqual([0]);
    expect([...whiten([3, 3, 3])]).toEqual([0, 0, 0]);
  });
});
