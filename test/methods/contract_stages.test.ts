// What every method that computes in TypeScript must hold, whichever there are: shape, order, neutral settings, control.
import { describe, expect, test } from 'vitest';
import { type LatentSampling, MOST_LATENT } from '../../src/core/latent.ts';
import { defaultsOf } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import { selectResponses, type TokenBatch, tokenBatch } from '../../src/core/token_batch.ts';
import { isTerm, type Method, type TermMethod } from '../../src/methods/method.ts';
import { expectClose } from '../helpers/close.ts';
import { termFunction } from '../helpers/term.ts';
import { aBatch, beginOf, METHOD_LIST, settingsOf, stagesOf } from './every.ts';

/** Whole prompts in another order, and their responses in another order. */
function shuffled(seed: number): number[] {
  const random = new Random(seed);
  return [...random.permutation(3)].flatMap((p) =>
    [...random.permutation(4)].map((i) => 4 * p + i),
  );
}

const computing = METHOD_LIST.flatMap((method) =>
  stagesOf(method).map(([name, numbers]) => [method.id, name, method, numbers] as const),
);

describe.each(computing)('%s.%s', (_, name, method, numbers) => {
  test('gives finite numbers, one for each, and leaves the batch alone', () => {
    for (let seed = 0; seed < 5; seed++) {
      const batch = aBatch(seed);
      const before = JSON.stringify(batch);
      for (const values of settingsOf(method)) {
        const result = Array.from(numbers(batch, values));
        const lengths = { keeps: [12], rewards: [12], advantages: [12, batch.logp.length] }[name];
        expect(lengths ?? [batch.logp.length]).toContain(result.length);
        expect(result.every(Number.isFinite), JSON.stringify(values)).toBe(true);
        if (name === 'weights') expect(Math.min(...result)).toBeGreaterThanOrEqual(0);
        expect(Array.from(numbers(batch, values))).toEqual(result);
      }
      expect(JSON.stringify(batch)).toBe(before);
    }
  });

  test('does not depend on the order of prompts and responses', () => {
    for (let seed = 0; seed < 5; seed++) {
      const batch = aBatch(seed);
      const order = shuffled(seed);
      const moved = selectResponses(batch, order);
      for (const values of settingsOf(method)) {
        const result = numbers(batch, values);
        const perResponse = result.length === 12 && batch.logp.length !== 12;
        const wanted = perResponse
          ? order.map((i) => result[i])
          : order.flatMap((i) => Array.from(result).slice(batch.starts[i], batch.starts[i + 1]));
        // Sums in another order.
        expectClose(numbers(moved, values), wanted, { rtol: 1e-5, atol: 1e-6, allowZero: true });
      }
    }
  });

  test('survives a batch in which nothing differs', () => {
    const zeros = tokenBatch([1, 1, 1, 1], { group: Uint32Array.of(0, 0, 0, 0) });
    for (const values of settingsOf(method)) {
      expect(Array.from(numbers(zeros, values)).every(Number.isFinite)).toBe(true);
    }
  });
});

/** What leaves everything as it is, by the name of the function. */
const NOTHING: Readonly<Record<string, (x: number, n: number, batch: TokenBatch) => boolean>> = {
  keeps: (x) => x === 1,
  rewards: (x, n, { reward }) => x === reward[n],
  tokenRewards: (x) => x === 0,
  advantages: (x) => x === 0,
  shape: (x, n, { advantage }) => x === advantage[n],
  weights: (x) => x === 1,
  constants: (x) => x === 0,
};

test.each(computing)(
  '%s.%s says so where one response per prompt leaves nothing of it',
  (_, name, method, numbers) => {
    const values = beginOf(method, defaultsOf(method.id, method.params));
    const doesNothing = (size: number) =>
      [1, 2, 3].every((seed) => {
        const group = Uint32Array.from({ length: 12 }, (_, i) => Math.floor(i / size));
        const batch = { ...aBatch(seed), group };
        const result = Array.from(numbers(batch, values));
        return result.every((x, n) => NOTHING[name]?.(x, n, batch));
      });
    if (doesNothing(1) && !doesNothing(4)) expect(method.group_of_one).toBeDefined();
  },
);

test('what looks at entropy before the regularizers says that it intervenes', () => {
  const plain = ['sampling', 'reward', 'advantage', 'objective'];
  const looking = computing.filter(([, , method, numbers]) => {
    const [batch, other] = [aBatch(4), aBatch(5)];
    const of = (x: Float32Array) => Float32Array.from(batch.logp, (_, n) => x[n % x.length]);
    const changed = { ...batch, entropy: of(other.entropy), old_entropy: of(other.old_entropy) };
    const values = beginOf(method, defaultsOf(method.id, method.params));
    return String(numbers(batch, values)) !== String(numbers(changed, values));
  });
  const ids = new Set(looking.filter(([, , m]) => plain.includes(m.stage)).map(([id]) => id));
  expect(ids.size).toBeGreaterThan(1);
  for (const id of ids) expect(METHOD_LIST.find((m) => m.id === id)?.intervenes, id).toBe(true);
});

const neutral = METHOD_LIST.filter((method) => method.neutral).map((m) => [m.id, m] as const);

test.each(neutral)('%s changes nothing at its neutral settings', (id, method) => {
  const set = Object.entries(method.neutral ?? {}).map(([key, x]) => [`${id}.${key}`, x]);
  const values = beginOf(method, {
    ...defaultsOf(id, method.params),
    ...Object.fromEntries(set),
  });
  for (let seed = 0; seed < 5; seed++) {
    const batch = aBatch(seed);
    if (isTerm(method)) {
      expect(method.stage).toBe('regularizer');
      const constants = method.constants?.(batch, values);
      const f = termFunction(method, values);
      batch.logp.forEach((logp, n) => {
        const [old_logp, entropy] = [batch.old_logp[n], batch.entropy[n]];
        const token = { logp, old_logp, ref_logp: old_logp, entropy, row: entropy / 2 };
        const term = f({ ...token, advantage: batch.advantage[n], constant: constants?.[n] });
        // Minus zero is zero, too.
        expect(Object.values(term).every((x) => x === 0)).toBe(true);
      });
      continue;
    }
    for (const [name, numbers] of stagesOf(method)) {
      const same = { rewards: batch.reward, shape: batch.advantage }[name];
      const result = Array.from(numbers(batch, values));
      if (name === 'tokenRewards') expect(result.every((x) => x === 0)).toBe(true);
      else expect(result).toEqual(same ? [...same] : result.map(() => 1));
    }
  }
});

test('a controlled value begins and stays finite, and nothing else is changed', () => {
  for (const method of METHOD_LIST.filter((m) => m.control || m.state)) {
    const own = Object.keys(method.state ?? {}).map((name) => `${method.id}.${name}`);
    expect(own.length).toBeGreaterThan(0);
    for (const start of settingsOf(method)) {
      let values = { ...start, 'trainer.steps': 10 };
      const seen = method.observe?.(aBatch(1), values) ?? {};
      for (const [key, value] of Object.entries(seen)) {
        expect(own).toContain(key);
        expect(Number.isFinite(value), key).toBe(true);
      }
      values = { ...values, ...seen };
      for (const entropy of [2, 0.01, 0, 5, 1, 0.2]) {
        const changes = method.control?.({ entropy, accuracy: 0.5 }, values, aBatch(7)) ?? {};
        for (const [key, value] of Object.entries(changes)) {
          expect(own).toContain(key);
          expect(Number.isFinite(value), `${key} ${JSON.stringify(values)}`).toBe(true);
        }
        values = { ...values, ...changes };
      }
    }
  }
});

test('a balance is a regularizer’s that has no strength of its own, and sets its state to finite numbers', () => {
  for (const { id, state = {}, ...method } of METHOD_LIST) {
    const balance = isTerm(method as Method) ? (method as TermMethod).balance : undefined;
    if (!balance) continue;
    expect(method.stage).toBe('regularizer');
    expect((method as TermMethod).strength).toBeUndefined();
    expect(Object.keys(state)).toContain(balance.coefficient);
    for (const values of settingsOf({ id, state, ...method } as Method)) {
      expect(balance.every(values)).toBeGreaterThanOrEqual(1);
      for (const norms of [
        { policy: 0.3, unit: 0.1 },
        { policy: 0, unit: 0.1 },
        { policy: 0.3, unit: 0 },
        { policy: 0, unit: 0 },
      ]) {
        for (const [key, value] of Object.entries(balance.set(norms, values))) {
          expect(Object.keys(state)).toContain(key.slice(id.length + 1));
          expect(Number.isFinite(value)).toBe(true);
        }
      }
    }
  }
});

test('latent positions are asked for exactly by who says how they are sampled', () => {
  for (const method of METHOD_LIST) {
    const latent = method.stage === 'sampling' ? method.latent : undefined;
    expect(method.needs?.includes('latent') ?? false, method.id).toBe(latent !== undefined);
    const settings: LatentSampling[] = latent ? settingsOf(method).map((v) => latent(v)) : [];
    for (const { positions, tau, top_k, top_p } of settings) {
      for (const count of [positions, top_k]) expect(Number.isInteger(count)).toBe(true);
      expect(positions >= 0 && positions <= MOST_LATENT && top_k >= 0).toBe(true);
      expect(tau > 0 && top_p > 0 && top_p <= 1).toBe(true);
    }
  }
});

test('a value head is asked for exactly by who trains it, and only an advantage does', () => {
  for (const method of METHOD_LIST) {
    const critic = method.stage === 'advantage' ? method.critic : undefined;
    expect(method.needs?.includes('value') ?? false, method.id).toBe(critic !== undefined);
    for (const values of critic ? settingsOf(method) : []) {
      const { coefficient, clip } = critic?.settings(values) ?? {};
      expect(coefficient).toBeGreaterThanOrEqual(0);
      expect(clip).toBeGreaterThan(0);
    }
  }
});
