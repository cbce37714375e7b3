// Numbers that were computed elsewhere, most of them by the authors' own functions.
import { describe, expect, test } from 'vitest';
import { covariances } from '../../src/core/covariance.ts';
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { mean } from '../../src/core/statistics.ts';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { isTerm } from '../../src/methods/method.ts';
import { expectClose } from '../helpers/close.ts';
import { termFunction } from '../helpers/term.ts';
import { A, advantage, BATCH, entropy, marked, method, numbers } from './fixture.ts';

describe('covariance of advantage and log-probability', () => {
  test('of every token', () => {
    const expected = [
      ...[0.7269, -0.2195, 0.3372, 0.2457, -0.41, 1.1736, -0.342, -0.0018],
      ...[-0.3729, 0.7715, -0.076, -0.3111, 0.0032, 0.3706],
    ];
    expectClose(covariances(BATCH), expected, { rtol: 0, atol: 6e-5 });
    expect(mean(covariances(BATCH))).toBeCloseTo(0.135383, 5);
  });

  test('KL-Cov takes the two largest of 14 at a share of 0.2', () => {
    expect(marked('kl_cov', { share: 0.2 })).toEqual([5, 9]);
  });

  test('Clip-Cov leaves alone what PPO clips', () => {
    const clip = { lower_by: 1, eps_high: 0.28, share: 0.0002 };
    expect(marked('clip_cov', { ...clip, lower: 1 })).toEqual([]);
    expect(marked('clip_cov', { ...clip, lower: 0.5 })).toEqual([0]);
  });
});

test('STEER weighs as the released code does', () => {
  const exponential = [
    ...[0.9969, 0.9383, 0.9824, 0.968, 0.9983, 0.8, 0.9685, 0.9704],
    ...[0.9896, 0.8762, 0.9701, 0.9932, 0.9008, 0.9845],
  ];
  expectClose(numbers('steer'), exponential, { rtol: 0, atol: 6e-5 });
  const linear = [
    ...[1.1976, 1.0881, 1.171, 1.1443, 1.2, 0.8, 1.1453, 1.1489],
    ...[1.1843, 0.9644, 1.1483, 1.1907, 1.0144, 1.1748],
  ];
  expectClose(numbers('steer', { map: 1 }), linear, { rtol: 0, atol: 6e-5 });
});

describe('forking tokens', () => {
  test('the three most uncertain of 14', () => {
    expect(marked('forking_tokens')).toEqual([1, 5, 9]);
    const rest = [...Array(14).keys()].filter((n) => ![1, 5, 9].includes(n));
    expect(marked('forking_tokens', { kept: 2 })).toEqual(rest);
  });

  test('one of each response of 2 to 5', () => {
    expect(marked('forking_tokens', { scope: 1 })).toEqual([1, 5, 9, 12]);
  });

  test('as many at random, others in another step', () => {
    const first = marked('forking_tokens', { kept: 1 });
    expect(first).toHaveLength(3);
    const steps = [1, 2, 3, 4].map((step) =>
      marked('forking_tokens', { kept: 1 }, { ...BATCH, counter: [0, step] }),
    );
    expect(new Set(steps.map(String)).size).toBeGreaterThan(1);
  });
});

test('EMPG with a token for a step', () => {
  const expected = [
    ...[1.4373, 0.8919, 1.1529, -0.4626, -1.0232, -0.2163, -0.6779, -0.5639],
    ...[-0.8598, -0.2878, -0.5738, -0.919, 0.916, 1.1861],
  ];
  expectClose(numbers('empg'), expected, { rtol: 0, atol: 6e-5 });
  // Mean over steps, also where a step is longer.
  const pairs = numbers('empg', { step: 2 });
  expect([pairs[0], pairs[3], pairs[8]]).toEqual([pairs[1], pairs[4], pairs[9]]);
  const steps = [0, 2, 3, 5, 7, 8, 10, 12].map((n) => pairs[n]);
  expect(mean(steps)).toBeCloseTo(0, 6);
});

test('the entropy-shaped advantage adds at most a part of the advantage', () => {
  const got = numbers('entropy_advantage');
  expect(got[0]).toBeCloseTo(A + 0.08, 6);
  expect(got[5]).toBeCloseTo(-A + A / 2, 6);
  for (const [n, x] of got.entries()) expect(Math.sign(x)).toBe(Math.sign(advantage[n]));
});

test('SPINE: thresholds 1.16 and 1.40 of the entropies 1.10, 1.40, 1.60', () => {
  const batch = tokenBatch([1, 1, 2], { entropy: Float32Array.of(1.1, 1.4, 1.6, 0.1) });
  // Three forks of four tokens: below the band rises, in it nothing, above falls, and no fork does nothing.
  expectClose(numbers('spine_band', {}, batch), [4 / 3, 0, -4 / 3, 0], { rtol: 1e-6 });
});

describe('Entrocraft', () => {
  const band = (low: number, high: number) => {
    return { low_begin: low, low_end: low, high_begin: high, high_end: high };
  };
  const kept = (low: number, high: number) => {
    const weights = numbers('entrocraft', band(low, high));
    return [0, 3, 8, 12].map((n) => weights[n]);
  };

  test('learns from bad responses below the band, from good ones above it, from all inside', () => {
    expect(mean(entropy)).toBeCloseTo(0.739286, 6);
    expect(kept(0.8, 0.9)).toEqual([0, 1, 1, 0]);
    expect(kept(0.1, 0.2)).toEqual([1, 0, 0, 1]);
    expect(kept(0.7, 0.8)).toEqual([1, 1, 1, 1]);
  });

  test('the band follows the drawn curve', () => {
    const drawn = { schedule: 1, width: 0.2, drawn_0: 2, drawn_1: 1.2, drawn_2: 0.6 };
    const at = (progress: number) => numbers('entrocraft', drawn, { ...BATCH, progress })[0];
    // 1.6 − 0.1, 0.9 − 0.1 and 0.7 − 0.1 are the lower edges; the entropy is 0.739.
    expect([0.125, 0.375, 0.46].map(at)).toEqual([0, 0, 1]);
    // 0.6 + 0.1 is below it: only good responses.
    expect(at(0.5)).toBe(1);
    expect(numbers('entrocraft', drawn, { ...BATCH, progress: 0.5 })[3]).toBe(0);
    expect(numbers('entrocraft', drawn, { ...BATCH, progress: 0.46 })[3]).toBe(1);
    expect(numbers('entrocraft', { ...drawn, drawn_4: 0.9 }, { ...BATCH, progress: 1 })[3]).toBe(1);
  });

  test('the band moves in a straight line', () => {
    // Half-way from 1.4 to 0.4 the lower edge is 0.9.
    const moving = { low_begin: 1.4, low_end: 0.4, high_begin: 5, high_end: 5 };
    expect(numbers('entrocraft', moving)[0]).toBe(0);
    const late = { ...BATCH, progress: 0.9 };
    expect(numbers('entrocraft', moving, late)[0]).toBe(1);
  });
});

test('soft overlong punishment with L = 20 and a buffer of 4', () => {
  const batch = tokenBatch([15, 16, 17, 18, 20], { max_response: 20 });
  expectClose(numbers('soft_overlong', {}, batch), [0, 0, -0.25, -0.5, -1], { atol: 1e-12 });
  const right = { ...batch, reward: Float64Array.of(1, 1, 1, 1, 1) };
  expect(numbers('soft_overlong', {}, right)[4]).toBe(0);
});

test('dynamic sampling keeps prompts with right and wrong responses, by rightness, not by reward', () => {
  const dynamic = method('dynamic_sampling');
  if (dynamic.stage !== 'sampling') throw new Error('must choose prompts');
  const batch = tokenBatch(Array(10).fill(1), {
    group: Uint32Array.of(0, 0, 1, 1, 2, 2, 2, 3, 4, 4),
    correct: Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 1, 1, 1),
    reward: Float64Array.of(1, 0.5, 1, 0, 0, -0.5, 0, 1, 1, 0.5),
  });
  expect([...dynamic.keeps(batch, {})]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0, 0]);
});

describe('controls of the entropy terms', () => {
  test('shuffled advantages are the same numbers in other places', () => {
    const one = { ...BATCH, advantage: BATCH.advantage.map((_, n) => [1, 2, 3, 4][responseOf(n)]) };
    const orders = [1, 2, 3, 4, 5, 6].map((step) => {
      const got = numbers('shuffled_entropy', {}, { ...one, counter: [0, step] });
      const perResponse = [0, 3, 8, 12].map((n) => got[n]);
      expect([...perResponse].sort()).toEqual([1, 2, 3, 4]);
      expect(got).toEqual(Array.from(got, (_, n) => perResponse[responseOf(n)]));
      return String(perResponse);
    });
    expect(new Set(orders).size).toBeGreaterThan(3);
  });

  test('the gate is open on prompts with different rewards', () => {
    expect(numbers('gated_entropy')).toEqual(Array(14).fill(1));
    const two = {
      ...BATCH,
      ...{ group: Uint32Array.of(0, 0, 1, 1), reward: Float64Array.of(1, 1, 0, 1) },
    };
    const expected = [...Array(8).fill(0), ...Array(6).fill(1)];
    expect(numbers('gated_entropy', {}, two)).toEqual(expected);
    // A response of another prompt in the place of the first one's third: the fourth keeps its own.
    const parted = { ...BATCH, group: Uint32Array.of(0, 0, 5, 0) };
    const open = [...Array(8).fill(1), ...Array(4).fill(0), 1, 1];
    expect(numbers('gated_entropy', {}, parted)).toEqual(open);
  });
});

// What a regularizer pays for is −d_entropy; a flipped sign of value and derivative alike would show nowhere else.
test.each([
  ['entropy_bonus', { alpha: 0.5 }, -2, 0, 0.5],
  ['ib_entropy', { alpha: 0.5 }, -2, 0, -1],
  ['abs_entropy', { alpha: 0.5 }, -2, 0, 1],
  ['shuffled_entropy', { alpha: 0.5 }, -2, 3, 1.5],
  ['gated_entropy', { alpha: 0.5 }, -2, 1, 0.5],
  ['gated_entropy', { alpha: 0.5 }, -2, 0, 0],
  ['adaptive_entropy', { applied: 0.5 }, -2, 0, 0.5],
  ['adaptive_entropy', { applied: 0.5, weight: 1 }, -2, 0, -1],
  ['balanced_entropy', { coefficient: 0.5, weight: 0 }, -2, 0, -1],
  ['balanced_entropy', { coefficient: 0.5, weight: 1 }, -2, 0, 0.5],
  ['ibro', { c: 0.5 }, -2, -1, 0.5],
  ['ibro', { c: 0.5 }, -2, 0.5, -0.25],
  ['spine_band', { lambda: 0.5 }, -2, 4, 2],
  ['target_entropy', { applied: 0.5 }, -2, 0, 0.5],
] as const)('%s at %o, A = %d, constant %d pays %d a nat', (id, own, a, constant, pays) => {
  const term = method(id);
  if (!isTerm(term)) throw new Error(`${id}: must be a term`);
  const values = Object.entries(own).map(([name, value]) => [`${id}.${name}`, value]);
  const token = { logp: -1, old_logp: -1, ref_logp: -1, entropy: 0.7, advantage: a, constant };
  const { loss, d_logp, d_entropy } = termFunction(term, Object.fromEntries(values))(token);
  expectClose([loss, d_entropy], [-0.7 * pays, -pays], { atol: 1e-12, allowZero: true });
  expect(d_logp).toBe(0);
});

test('a set share: the coefficient makes the norms quotient what is asked, never beyond the largest', () => {
  const id = 'balanced_entropy';
  const found = method(id);
  if (!isTerm(found) || !found.balance) throw new Error(`${id}: must have a balance`);
  const { set } = found.balance;
  const values = { ...defaultsOf(id, found.params), [`${id}.share`]: 0.25, [`${id}.most`]: 2 };
  const key = `${id}.coefficient`;
  expect(set({ policy: 0.4, unit: 0.2 }, values)).toEqual({ [key]: 0.5 });
  expect(set({ policy: 4, unit: 0.2 }, values)).toEqual({ [key]: 2 });
  expect(set({ policy: 0, unit: 0.2 }, values)).toEqual({ [key]: 0 });
  expect(set({ policy: 0.4, unit: 0 }, values)).toEqual({});
});

test('the entropy schedule falls from the first entropy, and acts below the line alone', () => {
  const id = 'target_entropy';
  const found = method(id);
  let values: Values = {
    ...defaultsOf(id, found.params),
    ...{ [`${id}.coefficient`]: 0.1, [`${id}.applied`]: 0, [`${id}.origin`]: 0 },
  };
  // The line: 0.8 (1 − progress / 0.8).
  const seen = [
    [0.8, 0.1, 0.095, 0],
    [0.5, 0.2, 0.1, 0.1],
    [0.41, 0.4, 0.095, 0],
    [0.39, 0.4, 0.1, 0.1],
    [0.01, 0.8, 0.095, 0],
    [0.01, 1, 0.09, 0],
  ];
  for (const [entropy, progress, coefficient, applied] of seen) {
    values = { ...values, ...found.control?.({ entropy }, values, { ...BATCH, progress }) };
    const got = [values[`${id}.coefficient`], values[`${id}.applied`], values[`${id}.origin`]];
    expectClose(got, [coefficient, applied, 0.8], { atol: 1e-12, allowZero: true });
  }
});

test('the adaptive coefficient grows below the target, shrinks above it, and acts below it alone', () => {
  const adaptive = method('adaptive_entropy');
  let values: Values = {
    ...defaultsOf('adaptive_entropy', adaptive.params),
    ...{ 'adaptive_entropy.coefficient': 0, 'adaptive_entropy.applied': 0 },
    ...{ 'adaptive_entropy.target': 0.5, 'adaptive_entropy.delta': 0.01 },
  };
  const seen = [0.4, 0.5, 0.6, 0.7, 0.8, 0.3].map((measured) => {
    values = { ...values, ...adaptive.control?.({ entropy: measured }, values, BATCH) };
    const { 'adaptive_entropy.coefficient': c, 'adaptive_entropy.applied': a } = values;
    return [c, a];
  });
  const expected = [
    [0.01, 0.01],
    [0.02, 0.02],
    [0.01, 0],
    [0, 0],
    [0, 0],
    [0.01, 0.01],
  ];
  expectClose(seen.flat(), expected.flat(), { atol: 1e-12 });
});

const responseOf = (n: number) => (n < 3 ? 0 : n < 8 ? 1 : n < 12 ? 2 : 3);
