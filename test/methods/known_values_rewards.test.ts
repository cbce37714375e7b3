// Methods that change rewards, on small batches worked out by hand.
import { describe, expect, test } from 'vitest';
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { rewardsOfTokens, tokenBatch } from '../../src/core/token_batch.ts';
import type { Method } from '../../src/methods/method.ts';
import { credit, rewarded } from '../../src/train/stages.ts';
import { expectClose } from '../helpers/close.ts';
import { BATCH, entropy, method, numbers } from './fixture.ts';

describe('majority vote', () => {
  const batch = tokenBatch(Array(10).fill(1), {
    group: Uint32Array.of(0, 0, 0, 0, 1, 1, 1, 2, 2, 2),
    answer: Int32Array.of(2, 7, 7, -1, 1, 0, -1, -1, -1, -1),
    correct: Uint8Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0),
    reward: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0),
  });

  test('pays the most frequent answer, the first of equally frequent ones, and no absent one', () => {
    expect(numbers('majority_vote', {}, batch)).toEqual([0, 1, 1, 0, 1, 0, 0, 0, 0, 0]);
    const later = { ...batch, index: Uint32Array.of(0, 1, 2, 3, 9, 5, 6, 7, 8, 4) };
    expect(numbers('majority_vote', {}, later).slice(4, 7)).toEqual([0, 1, 0]);
  });

  test('comes before what changes the reward, wherever it is listed', () => {
    const soft = method('soft_overlong');
    const values = defaultsOf(soft.id, soft.params);
    // All are as long as may be, and pay 1.
    const full = { ...batch, max_response: 1 };
    for (const methods of [
      [method('majority_vote'), soft],
      [soft, method('majority_vote')],
    ]) {
      const { reward } = rewarded(methods, full, values);
      expectClose(reward, [-1, 0, 0, -1, 0, -1, -1, -1, -1, -1], { atol: 1e-9, allowZero: true });
    }
  });

  test('does not see which answer is right', () => {
    const other = { ...batch, correct: batch.correct.map((c) => 1 - c) };
    other.reward = batch.reward.map((r) => 5 - r);
    expect(numbers('majority_vote', {}, other)).toEqual(numbers('majority_vote', {}, batch));
  });
});

describe('KL in the reward', () => {
  // Δ = 1, −2, 0.5 in a response of two tokens and one of one.
  const batch = tokenBatch([2, 1], {
    ...{ group: new Uint32Array(2), reward: Float64Array.of(1, 0) },
    ...{ old_logp: Float32Array.of(-1, -3, -1), ref_logp: Float32Array.of(-2, -1, -1.5) },
  });
  const k3 = (d: number) => Math.exp(-d) - 1 + d;

  test.each([
    ['k1', 0, [1, -2, 0.5]],
    ['abs', 1, [1, 2, 0.5]],
    ['k2', 2, [0.5, 2, 0.125]],
    ['k3', 3, [k3(1), k3(-2), k3(0.5)]],
  ] as const)('%s', (_, estimator, estimates) => {
    const got = numbers('kl_reward', { beta: 0.1, estimator }, batch);
    const wanted = estimates.map((x) => -0.1 * x);
    expectClose(got, wanted, { rtol: 1e-6 });
  });

  test('k3 is clamped as in verl', () => {
    const far = { ...batch, ref_logp: batch.old_logp.map((x) => x + 30) };
    expect(numbers('kl_reward', { beta: 1, estimator: 3 }, far)).toEqual([-10, -10, -10]);
  });

  test('stands at its token for REINFORCE++, in the sum for the others', () => {
    const kl = method('kl_reward');
    const values: Values = {
      ...defaultsOf('kl_reward', kl.params),
      ...{ 'kl_reward.beta': 0.1, 'reinforce_plus_plus.gamma': 1, 'reinforce.baseline': 0 },
    };
    const paid = rewarded([kl], batch, values);
    expectClose(paid.reward, [1.1, -0.05], { rtol: 1e-6 });
    expectClose(rewardsOfTokens(paid), [-0.1, 1.2, -0.05], { rtol: 1e-6 });
    const sums = credit([kl, method('reinforce')], batch, values).advantage;
    expectClose(sums, [1.1, 1.1, -0.05], { rtol: 1e-6 });
    // To go: 1.1 at the first token, 1.2 at the second, then whitened: shifts and scales keep their order.
    const [first, second, other] = credit(
      [kl, method('reinforce_plus_plus')],
      batch,
      values,
    ).advantage;
    expect((second - other) / (first - other)).toBeCloseTo(1.25 / 1.15, 5);
    expect(second).toBeGreaterThan(first);
  });

  // k1 per response: (1 − 2)/2 and 0.5, their mean 0. |Δ|: 1.5 and 0.5, their mean 1.
  test.each([
    ['nearer than the target: β shrinks, at most by a fifth of the share', 0, 0.5, -0.2],
    ['farther: it grows, at most so', 1, 0.5, 0.2],
    ['a little farther', 1, 1 / 1.1, 0.1],
  ] as const)('%s', (_, estimator, target, error) => {
    const own = { estimator, target, horizon: 100, beta: 0.1, coefficient: 0.05 };
    const named = Object.entries(own).map(([name, x]) => [`kl_reward.${name}`, x]);
    const values = Object.fromEntries(named) as Values;
    const next = method('kl_reward').control?.({}, values, batch) ?? {};
    expectClose([next['kl_reward.coefficient']], [0.05 * (1 + (error * 2) / 100)], { rtol: 1e-6 });
    const kl = method('kl_reward');
    const paid = rewarded([kl], batch, values).token_reward[0];
    expectClose([paid], [-0.05], { rtol: 1e-6 });
    expect(kl.control?.({}, { ...values, 'kl_reward.target': 0 }, batch)).toEqual({
      'kl_reward.coefficient': 0.1,
    });
  });

  test('the controller keeps the sign of β, however many responses a step has', () => {
    const many = tokenBatch(Array(600).fill(1), {});
    const kl = method('kl_reward');
    const values = {
      ...{ ...defaultsOf('kl_reward', kl.params), 'kl_reward.coefficient': 0.05 },
      ...{ 'kl_reward.target': 0.1, 'kl_reward.horizon': 100 },
    };
    // A KL of 0 is far below the target: a fifth less.
    const next = kl.control?.({}, values, many) ?? {};
    expectClose([next['kl_reward.coefficient']], [0.04], { rtol: 1e-6 });
  });

  test('a later method of the stage sees what was paid', () => {
    const double: Method = {
      ...method('soft_overlong'),
      ...{ id: 'double', stage: 'reward', rewards: (b) => b.reward.map((r) => 2 * r) },
    };
    const values = { 'kl_reward.beta': 0.1, 'kl_reward.estimator': 0 };
    const paid = rewarded([method('kl_reward'), double], batch, values);
    expectClose(paid.reward, [2.2, -0.1], { rtol: 1e-6 });
  });
});

describe('window entropy', () => {
  const id = 'ares_windows';
  const found = method(id);
  const start = (own: Values = {}): Values => ({
    ...defaultsOf(id, found.params),
    ...Object.fromEntries(Object.keys(found.state ?? {}).map((name) => [`${id}.${name}`, 0])),
    ...Object.fromEntries(Object.entries(own).map(([name, x]) => [`${id}.${name}`, x])),
  });
  const rewards = (values: Values, batch = BATCH) => {
    if (found.stage !== 'reward' || !('rewards' in found)) throw new Error('must change rewards');
    return Array.from(found.rewards(batch, values));
  };
  // With windows of 2: .65 .825 .55 | .55 .875 1.1 .725 .85 | .875 1.075 .525 .3 | .775 .5.
  const known = { width: 2, lambda: 1, seen: 1, threshold: 0.8 };

  test('wrong responses pay by the difficulty of their prompt', () => {
    // 1, 3, 2 and 0 windows; 2 of 4 right is medium.
    const medium = start({ ...known, seen_medium: 1, medium: 2.5 });
    expectClose(rewards(medium), [1, -0.5 / 5, -0.5 / 4, 1], { rtol: 1e-6 });
    const none = { ...BATCH, correct: new Uint8Array(4), reward: new Float64Array(4) };
    const hard = start({ ...known, seen_hard: 1, hard: 2.5 });
    expectClose(rewards(hard, none), [-0.5, 0, -0.5 / 4, -0.5], { rtol: 1e-6, allowZero: true });
    const most = { ...BATCH, correct: Uint8Array.of(1, 0, 1, 1) };
    const easy = start({ ...known, seen_easy: 1, easy: 1 });
    expectClose(rewards(easy, most), [1, -2 / 5, 0, 1], { rtol: 1e-6, allowZero: true });
  });

  test('the windows of the second response', () => {
    // A threshold just below each of .55, .875, 1.1, .725 and .85 counts one more.
    const counts = [1.099, 0.874, 0.849, 0.724, 0.549].map((threshold) => {
      const hard = start({ ...known, threshold, seen_hard: 1, hard: 5 });
      const alone = tokenBatch([5], { old_entropy: entropy.slice(3, 8) });
      // 5 − N too few of 5 tokens; λ is small enough not to reach the cap.
      return 5 + 5 * 100 * rewards({ ...hard, [`${id}.lambda`]: 0.01 }, alone)[0];
    });
    expectClose(counts, [1, 2, 3, 4, 5], { rtol: 1e-6 });
  });

  test('how hard a prompt is does not depend on what stands in the place of its responses', () => {
    // Two right of three: easy, though the last stands alone.
    const parted = { ...BATCH, group: Uint32Array.of(0, 0, 5, 0) };
    const seen = found.control?.({}, start(), parted) ?? {};
    expect(seen[`${id}.seen_easy`]).toBe(1);
    expect(seen[`${id}.seen_hard`]).toBe(1);
    expect(seen[`${id}.seen_medium`]).toBeUndefined();
  });

  test('targets begin with what is seen first and then follow slowly', () => {
    const first = { ...start({ width: 2 }), ...found.control?.({}, start({ width: 2 }), BATCH) };
    expect(first[`${id}.seen`]).toBe(1);
    expect(first[`${id}.seen_easy`]).toBe(0);
    // Means over the responses of their quantile 0.95 of windows.
    const threshold = (0.8075 + 1.055 + 1.045 + 0.76125) / 4;
    expect(first[`${id}.threshold`]).toBeCloseTo(threshold, 5);
    const flat = { ...BATCH, old_entropy: new Float32Array(14) };
    const second = { ...first, ...found.control?.({}, first, flat) };
    expect(second[`${id}.threshold`]).toBeCloseTo(0.99 * threshold, 5);
    expect(second[`${id}.medium`]).toBeCloseTo(0.99 * (first[`${id}.medium`] as number), 6);
  });
});
