// Numbers that were computed elsewhere, of methods that choose or weigh tokens and advantages.

import { describe, expect, test } from 'vitest';
import { entropyStanding } from '../../src/core/entropy_standing.ts';
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { mean } from '../../src/core/statistics.ts';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { isTerm, type TermMethod } from '../../src/methods/method.ts';
import { expectClose } from '../helpers/close.ts';
import { termFunction } from '../helpers/term.ts';
import {
  advantage,
  BATCH,
  entropy,
  log_ratio,
  marked,
  method,
  numbers,
  old_logp,
} from './fixture.ts';

describe('HAPO', () => {
  const standing = [
    ...[-0.8522, 0.1104, -0.3323, -0.0514, -1, 1, -0.2876, -0.1086],
    ...[-0.5646, 0.683, -0.1729, -0.6438, 0, -0.3813],
  ];

  test('the standing of every token, with the intended sign and the released one', () => {
    expectClose(numbers('hapo'), standing, { rtol: 0, atol: 6e-5, allowZero: true });
    const released = standing.map(Math.abs);
    expectClose(numbers('hapo', { sign: 1 }), released, { rtol: 0, atol: 6e-5, allowZero: true });
  });

  test('samples on the scale of the step before, certain tokens colder or, as released, warmer', () => {
    const hapo = method('hapo');
    const defaults = defaultsOf('hapo', hapo.params);
    const begin = Object.entries(hapo.state ?? {}).map(([name, at]) => [`hapo.${name}`, at({})]);
    const before = { ...defaults, ...(Object.fromEntries(begin) as Values) };
    const standingOf = (values: Values) => {
      const scale = hapo.warmth?.(values);
      if (!scale) throw new Error('hapo: must warm');
      return entropyStanding(BATCH.old_entropy, scale);
    };
    expect(standingOf(before).every((x) => x === 0)).toBe(true);
    const after = { ...before, ...hapo.control?.({}, before, BATCH) };
    expect(hapo.warmth?.(after).spread).toBe(0.05);
    expectClose(standingOf(after), standing, { rtol: 0, atol: 6e-5, allowZero: true });
    const released = standing.map(Math.abs);
    const sign = { 'hapo.sign': 1 };
    expectClose(standingOf({ ...after, ...sign }), released, {
      rtol: 0,
      atol: 6e-5,
      allowZero: true,
    });
  });

  /** Loss of each token with its constant, ε 0.2 and 0.28, c = 10. */
  const terms = (own: Values = {}) => {
    const term = method('hapo');
    if (!isTerm(term)) throw new Error('hapo: must be a term');
    const given = Object.entries(own).map(([name, value]) => [`hapo.${name}`, value]);
    const values = { ...defaultsOf('hapo', term.params), ...Object.fromEntries(given) };
    const f = termFunction(term, values);
    const constants = term.constants?.(BATCH, values);
    return advantage.map((a, n) =>
      f({
        ...{ advantage: a, logp: old_logp[n] + log_ratio[n], old_logp: old_logp[n] },
        ...{ ref_logp: 0, entropy: 0, constant: constants?.[n] },
      }),
    );
  };

  test('token mean of the loss', () => {
    expect(mean(terms().map((term) => term.loss))).toBeCloseTo(0.21667, 5);
  });

  test('advantages as redistributed, where no bound holds the loss', () => {
    const redistributed = [
      ...[0.128, 0.9617, 0.5782, -0.866, 0, -1.732, -0.866, -0.772],
      ...[-0.3771, -1.4575, -0.7163, -0.3085, 0.866, 0.5358],
    ];
    const held = terms().map((term, n) => term.d_logp === 0 && redistributed[n] !== 0);
    // ρ of (0,1), (1,2), (2,1) and (3,0) has left its bound.
    expect(held.flatMap((is, n) => (is ? [n] : []))).toEqual([1, 5, 9, 12]);
    terms().forEach((term, n) => {
      const ratio = Math.exp(log_ratio[n]);
      const bound = redistributed[n] > 0 ? 1 + 0.28 * (1 + Math.max(standing[n], 0)) : 0.8;
      const expected = -redistributed[n] * (held[n] ? bound : ratio);
      expect(term.loss).toBeCloseTo(expected, 3);
    });
  });

  // Half of the adapted widths: 0.1 and 0.21 for an uncertain token, 0.15 and 0.14 for a certain one.
  test.each([
    [0.5, 0.89, 1.5],
    [0.5, 0.91, 1],
    [0.5, 1.2, 1],
    [0.5, 1.22, 1.5],
    [-0.5, 0.84, 1],
    [-0.5, 0.86, 0.5],
    [-0.5, 1.13, 0.5],
    [-0.5, 1.15, 1],
  ])('a token of standing %d at ratio %d has %d of its advantage', (constant, ratio, share) => {
    const term = method('hapo') as TermMethod;
    const f = termFunction(term, defaultsOf('hapo', term.params));
    const token = { ...{ logp: Math.log(ratio), old_logp: 0, ref_logp: 0, entropy: 0 }, constant };
    for (const advantage of [2, -2]) {
      expectClose([f({ ...token, advantage }).d_logp], [-advantage * share * ratio], {
        rtol: 1e-9,
      });
    }
  });

  test('without its parts it is the clip of PPO', () => {
    const ppo = termFunction(method('ppo_clip') as TermMethod, {
      ...{ 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 10 },
    });
    const plain = advantage.map((a, n) =>
      ppo({
        ...{ advantage: a, logp: old_logp[n] + log_ratio[n], old_logp: old_logp[n] },
        ...{ ref_logp: 0, entropy: 0 },
      }),
    );
    expect(terms({ adapt: 0, redistribute: 0 })).toEqual(plain);
  });

  test('token-level average, and GRPO where it runs wild', () => {
    const found = method('hapo_average');
    if (found.stage !== 'advantage') throw new Error('must be an advantage');
    const one = { ...BATCH, reward: Float64Array.of(1, 0, 0, 0) };
    const low = -0.522232;
    expectClose(found.advantages(one, {}), [1.91485, low, low, low], { atol: 6e-6 });
    // 60 tokens of reward 0, one of reward 1: 60 / √60 is more than 5.
    const wild = { ...tokenBatch([1, 60], {}), group: new Uint32Array(2) };
    wild.reward = Float64Array.of(1, 0);
    expectClose(found.advantages(wild, {}), [Math.SQRT1_2, -Math.SQRT1_2], { atol: 2e-6 });
  });
});

test('STEER’s derivative has one factor π more than the released code', () => {
  // From the exponential map: −ln w is proportional to the change, by the same k where the largest is below 0.02.
  const small = { ...BATCH, advantage: BATCH.advantage.map((a) => a / 100) };
  const changes = (form: number) =>
    numbers('steer', { form, least: 0.5 }, small).map((w) => (-Math.log(w) * 0.02) / Math.LN2);
  const [released, derivative] = [changes(0), changes(1)];
  expect(released[5]).toBeCloseTo(0.004863, 5);
  const p = old_logp.map((x, n) => Math.exp(x + log_ratio[n]));
  expectClose(
    derivative,
    released.map((x, n) => x * p[n]),
    { rtol: 2e-4, atol: 2e-9 },
  );
});

test('EARL keeps one token of each response of 2 to 5', () => {
  expect(marked('earl')).toEqual([1, 5, 9, 12]);
});

describe('D³S', () => {
  test('the responses of the largest variance', () => {
    const batch = tokenBatch([1, 1, 1, 1], {
      ...{ advantage: Float32Array.of(1.5, -0.5, -0.5, -0.5), progress: 1e-9 },
      entropy: Float32Array.of(1, 1, 1, 1),
    });
    expect(marked('d3s', { responses: 0.5, tokens: 1 }, batch)).toEqual([0, 1]);
    const spread = { ...batch, advantage: Float32Array.of(-1, 3, 0.5, -2) };
    // Two smallest and the largest, not the largest three in size.
    expect(marked('d3s', { responses: 0.75, tokens: 1 }, spread)).toEqual([0, 1, 3]);
  });

  test('the tokens of the largest |A| · H, more of them later, all in the end', () => {
    const at = (progress: number) =>
      marked('d3s', { responses: 1, tokens: 0.2, relaxed: 0.5 }, { ...BATCH, progress });
    // |A| H: 0.9526, 1.3856, 1.2124 and 0.9093 are the largest; the quantile 0.8 of 14 lies between the 3rd and the 4th.
    expect(at(1e-9)).toEqual([1, 5, 9]);
    expect(at(0.25)).toHaveLength(8);
    expect(at(0.5)).toHaveLength(14);
    expect(at(1)).toHaveLength(14);
  });
});

test('ERPO-style credit: uncertain and surprising tokens gain, the outcome keeps the sign', () => {
  const one = numbers('erpo', { windows: 1 });
  const surprisal = old_logp.map((x) => -x);
  const z = (xs: ArrayLike<number>) => {
    const center = mean(xs);
    const scale = Math.sqrt(mean(Array.from(xs, (x) => (x - center) ** 2))) + 1e-6;
    return Array.from(xs, (x) => (x - center) / scale);
  };
  const [gate, signal] = [z(entropy).map((x) => 1 / (1 + Math.exp(-x))), z(surprisal)];
  const wanted = advantage.map((a, n) => a * (1 + 0.3 * Math.tanh(gate[n] * signal[n])));
  expectClose(one, wanted, { rtol: 1e-6 });
  // Token (1,2), the most surprising and the most uncertain, is pushed down hardest.
  expect(Math.min(...one)).toBe(one[5]);
  for (const [n, x] of numbers('erpo', { eta: 1 }).entries()) {
    expect(Math.sign(x)).toBe(Math.sign(advantage[n]));
  }
  // Alone in its window a token has nothing to be compared with.
  const alone = tokenBatch([2], {
    advantage: Float32Array.of(1, 2),
    old_logp: Float32Array.of(-1, -3),
  });
  expect(numbers('erpo', { windows: 2 }, alone)).toEqual([1, 2]);
});

test('REINFORCE takes rewards, or what they are above the mean of the batch', () => {
  const found = method('reinforce');
  if (found.stage !== 'advantage') throw new Error('must be an advantage');
  const at = (baseline: number) => [...found.advantages(BATCH, { 'reinforce.baseline': baseline })];
  expect(at(0)).toEqual([1, 0, 0, 1]);
  expect(at(1)).toEqual([0.5, -0.5, -0.5, 0.5]);
  const f = termFunction(method('policy_gradient') as TermMethod, {});
  const token = { logp: -2, old_logp: -1, ref_logp: -1, entropy: 1, advantage: 3 };
  expect(f(token)).toEqual({ loss: 6, d_logp: -3, d_entropy: 0, bound: 0 });
});
