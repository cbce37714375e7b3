// GAE on ragged batches: known numbers, the padded float64 estimator, rewards at single tokens, one token alone.
import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import { responses, type TokenBatch, tokenBatch } from '../../src/core/token_batch.ts';
import gae from '../../src/methods/gae.ts';
import { expectClose } from '../helpers/close.ts';
import * as padded from '../reference/advantages.ts';

const valuesAt = (gamma: number, lambda: number) => ({
  ...defaultsOf('gae', gae.params),
  ...{ 'gae.gamma': gamma, 'gae.lambda': lambda },
});
const targets = (batch: TokenBatch, gamma: number, lambda: number) =>
  gae.critic?.targets(batch, valuesAt(gamma, lambda)) ?? [];
const f32 = { rtol: 1e-6, atol: 2e-7 };

describe('three tokens, reward 1 at the end, values .2 .5 .4', () => {
  const batch = tokenBatch([3], {
    reward: Float64Array.of(1),
    value: Float32Array.of(0.2, 0.5, 0.4),
  });

  test('returns', () => {
    expectClose(targets(batch, 1, 1), [1, 1, 1], f32);
    expectClose(targets(batch, 1, 0.95), [0.9465, 0.97, 1], f32);
  });

  test('advantages are whitened', () => {
    const wanted = [1.019286, -0.979527, -0.039759];
    expectClose(gae.advantages(batch, valuesAt(1, 0.95)), wanted, { atol: 1e-6 });
  });

  test('rewards at single tokens arrive where they were paid', () => {
    // What is paid is part of the reward: 1 at the end and −0.3 on the first token.
    const paid = {
      ...batch,
      reward: Float64Array.of(0.7),
      token_reward: Float32Array.of(-0.3, 0, 0),
    };
    expectClose(targets(paid, 1, 1), [0.7, 1, 1], f32);
    expectClose(targets(paid, 0.5, 1), [0.25 - 0.3, 0.5, 1], f32);
  });
});

test('one token alone', () => {
  const batch = tokenBatch([1], { reward: Float64Array.of(1), value: Float32Array.of(0.25) });
  expectClose(targets(batch, 0.9, 0.9), [1], f32);
  // A single number has no spread to be divided by.
  expect([...gae.advantages(batch, valuesAt(0.9, 0.9))]).toEqual([0]);
});

test('no response sees another one', () => {
  const facts = (value: number[], reward: number[]) => ({
    ...{ value: Float32Array.from(value), reward: Float64Array.from(reward) },
  });
  const both = tokenBatch([2, 1], facts([0.5, -1, 3], [1, -2]));
  const first = tokenBatch([2], facts([0.5, -1], [1]));
  const second = tokenBatch([1], facts([3], [-2]));
  const alone = [first, second].flatMap((batch) => [...targets(batch, 0.9, 0.8)]);
  expectClose(targets(both, 0.9, 0.8), alone, { rtol: 0, atol: 0 });
});

test.each([
  [1, 1],
  [0.97, 0.9],
  [0.9, 0],
])('γ %d, λ %d: as the padded estimator', (gamma, lambda) => {
  const random = new Random(4);
  const lengths = Array.from({ length: 9 }, () => random.integer(1, 6));
  const N = lengths.reduce((a, b) => a + b, 0);
  const batch = tokenBatch(lengths, {
    reward: Float64Array.from(lengths, () => random.integer(0, 1)),
    value: Float32Array.from({ length: N }, () => random.normal()),
  });
  const table = (of: (i: number, t: number) => number) =>
    lengths.map((length, i) => Array.from({ length: 6 }, (_, t) => (t < length ? of(i, t) : 0)));
  const ranges = responses(batch);
  const exact = padded.gae(
    { score: [...batch.reward], group: lengths.map((_, i) => i), mask: table(() => 1) },
    table((i, t) => batch.value[ranges[i].from + t]),
    ...([gamma, lambda] as const),
  );
  const ragged = (rows: number[][]) => rows.flatMap((row, i) => row.slice(0, lengths[i]));
  expectClose(gae.advantages(batch, valuesAt(gamma, lambda)), ragged(exact.advantages), f32);
  expectClose(targets(batch, gamma, lambda), ragged(exact.returns), f32);
});
