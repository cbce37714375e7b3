// What must not matter: a constant on the rewards of a group or of the batch, and room that responses do not use.
import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import type { TokenBatch } from '../../src/core/token_batch.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { credit } from '../../src/train/stages.ts';
import { expectClose } from '../helpers/close.ts';
import { beginOf, aBatch as everyBatch, METHOD_LIST, stagesOf } from './every.ts';

/** The rewards of a group differ, in sixteenths, so that a shift by one of them is exact. */
function aBatch(seed: number): TokenBatch {
  const random = new Random(seed);
  const reward = Float64Array.from(
    { length: 12 },
    (_, i) => (i % 4) / 4 + random.integer(0, 3) / 16,
  );
  return { ...everyBatch(seed), reward };
}

const valuesOf = (method: Method) => beginOf(method, defaultsOf(method.id, method.params));

function shifted(batch: TokenBatch, by: (group: number) => number): TokenBatch {
  return { ...batch, reward: batch.reward.map((r, i) => r + by(batch.group[i])) };
}

/** Estimators that compare with the whole batch, or with nothing: what a constant on one group changes, and why. */
const NOT_BY_GROUP: Readonly<Record<string, string>> = {
  reinforce: 'baseline of the batch',
  reinforce_plus_plus: 'statistics of the batch',
  gae: 'whitened over the batch',
};
/** Of the methods after the estimator: confidence is paid by the sign of the reward. */
const SEES_REWARDS: readonly string[] = ['iapo'];

describe('a constant on the rewards', () => {
  const estimators = METHOD_LIST.filter(({ stage }) => stage === 'advantage');
  const change = (method: Method, by: (group: number) => number) => {
    const values = valuesOf(method);
    let most = 0;
    for (let seed = 0; seed < 5; seed++) {
      const batch = aBatch(seed);
      const before = credit([method], batch, values).advantage;
      const after = credit([method], shifted(batch, by), values).advantage;
      most = Math.max(most, ...before.map((a, n) => Math.abs(a - after[n])));
    }
    return most;
  };

  test('every exception is an estimator', () => {
    const ids = estimators.map(({ id }) => id);
    for (const id of Object.keys(NOT_BY_GROUP)) expect(ids).toContain(id);
  });

  test.each(estimators.map((m) => [m.id, m] as const))('%s', (id, method) => {
    const oneGroup = change(method, (group) => (group === 1 ? -2 : 0));
    const allGroups = change(method, () => -2);
    // Whitening divides by a deviation that is the same up to rounding.
    if (id in NOT_BY_GROUP) expect(oneGroup, NOT_BY_GROUP[id]).toBeGreaterThan(0.05);
    else expect(oneGroup).toBeLessThan(1e-5);
    expect(allGroups).toBeLessThan(1e-5);
  });

  test.each(METHOD_LIST.filter((m) => m.stage === 'reward').map((m) => [m.id, m] as const))(
    '%s passes it on, or replaces the reward',
    (id, method) => {
      const values = valuesOf(method);
      const batch = aBatch(3);
      const rewardsOf = (b: TokenBatch) =>
        'rewards' in method ? Array.from(method.rewards(b, values)) : [...b.reward];
      const [before, after] = [rewardsOf(batch), rewardsOf(shifted(batch, () => 0.5))];
      const by = id === 'majority_vote' ? 0 : 0.5;
      expectClose(
        after,
        before.map((r) => r + by),
        { atol: 1e-9, allowZero: true },
      );
    },
  );
});

/** Only where the longest response that is allowed is a part of the method. */
const SEES_THE_LIMIT = ['soft_overlong'];

test('room that responses do not use changes nothing', () => {
  const batch = aBatch(1);
  expect(whatChanges(batch, { ...batch, max_response: 60 })).toEqual(SEES_THE_LIMIT);
});

test('after the estimator a constant on the rewards changes nothing', () => {
  const batch = aBatch(1);
  const later = ['shape', 'weight', 'objective', 'regularizer'];
  const changed = whatChanges(
    batch,
    shifted(batch, () => -2),
  );
  const found = changed.filter((id) => later.includes(METHODS.get(id)?.stage ?? ''));
  expect(found).toEqual(SEES_REWARDS);
});

test('targets of the value head move with the rewards', () => {
  const gae = METHODS.get('gae');
  if (gae?.stage !== 'advantage' || !gae.critic) throw new Error('gae: must have a critic');
  const batch = aBatch(2);
  const [before, after] = [batch, shifted(batch, () => -2)].map((b) =>
    gae.critic?.targets(b, valuesOf(gae)),
  );
  expectClose(
    after ?? [],
    Array.from(before ?? [], (x) => x - 2),
    { atol: 1e-6, rtol: 1e-6 },
  );
});

/** Ids of methods whose numbers are not the same of the two batches, at their defaults. */
function whatChanges(one: TokenBatch, other: TokenBatch): string[] {
  return METHOD_LIST.flatMap((method) => {
    const values = valuesOf(method);
    const numbers = (b: TokenBatch) => stagesOf(method).map(([, f]) => Array.from(f(b, values)));
    return String(numbers(one)) === String(numbers(other)) ? [] : [method.id];
  });
}
