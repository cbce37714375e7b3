// Random numbers of methods: whatever stands together in an arm, no two of them draw the same.
import { expect, test, vi } from 'vitest';
import type { Values } from '../../src/core/param.ts';
import type { Method } from '../../src/methods/method.ts';
import { aBatch, METHOD_LIST, settingsOf, stagesOf } from './every.ts';

const drawn = vi.hoisted(() => new Set<string>());
vi.mock('../../src/core/random.ts', async (original) => {
  const random = await original<typeof import('../../src/core/random.ts')>();
  const uniform = (...counter: readonly number[]): number => {
    drawn.add(counter.join());
    return random.uniform(...counter);
  };
  return { ...random, uniform };
});

/** Counters of all draws of a method, at any settings. */
function drawsOf(method: Method): string[] {
  // Once a step, or at each update (train/run.ts).
  const isOfStep = ['sampling', 'reward', 'advantage', 'shape'].includes(method.stage);
  const batch = { ...aBatch(1), counter: isOfStep ? [1, 7, 3] : [1, 7, 3, 0] };
  const stages = stagesOf(method).map(([, numbers]) => numbers);
  if (method.stage === 'sampling' && method.replace) {
    const { replace } = method;
    stages.push((own, values: Values) => replace(own, aBatch(2), values).at);
  }
  drawn.clear();
  for (const values of settingsOf(method)) for (const numbers of stages) numbers(batch, values);
  return [...drawn];
}

test('no two methods draw the same', () => {
  const owners = new Map<string, string>();
  const drawing = METHOD_LIST.filter((method) => {
    const draws = drawsOf(method);
    for (const counter of draws) {
      expect(owners.get(counter), `${method.id} ${counter}`).toBeUndefined();
      owners.set(counter, method.id);
    }
    return draws.length > 0;
  });
  const ids = drawing.map(({ id }) => id);
  for (const id of ['advantage_noise', 'aepo', 'clip_cov', 'forking_tokens', 'shuffled_entropy'])
    expect(ids).toContain(id);
});
