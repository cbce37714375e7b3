import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenBatch } from '../../src/core/token_batch.ts';
import grpo from '../../src/methods/grpo.ts';
import { expectClose } from '../helpers/close.ts';

const GRPO = { 'grpo.scale_by_std': 1 };
const DR_GRPO = { 'grpo.scale_by_std': 0 };
const advantages = (rewards: number[], groupSize: number, values = GRPO) => {
  const group = Uint32Array.from(rewards, (_, i) => Math.floor(i / groupSize));
  const batch = tokenBatch(Array(rewards.length).fill(1), {
    ...{ group, reward: Float64Array.from(rewards) },
  });
  return [...grpo.advantages(batch, values)];
};

const golden = JSON.parse(readFileSync('test/goldens/advantages.json', 'utf8'));

test.each([
  ['grpo', GRPO],
  ['dr_grpo', DR_GRPO],
])('%s as verl computes it', (name, values) => {
  const expected = golden.advantages[name].map((row: number[]) => row[0]);
  const groupSize = golden.group.filter((g: number) => g === 0).length;
  // f32 result.
  expectClose(advantages(golden.score, groupSize, values), expected, { rtol: 1e-6, atol: 1e-7 });
});

test('known values', () => {
  expectClose(advantages([1, 0, 0, 1], 4), [0.866024, -0.866024, -0.866024, 0.866024]);
  expectClose(advantages([1, 0, 0, 0], 4), [1.499997, -0.499999, -0.499999, -0.499999]);
  expectClose(advantages([1, 0, 0, 1], 4, DR_GRPO), [0.5, -0.5, -0.5, 0.5]);
});

test('exactly 0 where all rewards agree, even when their mean rounds', () => {
  expect(advantages([0.1, 0.1, 0.1, 1, 0, 1], 3).slice(0, 3)).toEqual([0, 0, 0]);
  expect(advantages([0.1, 0.1, 0.1], 3, DR_GRPO)).toEqual([0, 0, 0]);
});

test('a group of one keeps its reward', () => {
  expect(advantages([1, 0, 0.5], 1)).toEqual([1, 0, 0.5]);
});

test('groups may differ in size', () => {
  const first = advantages([1, 0, 0], 3);
  const second = advantages([0, 1], 2);
  const batch = tokenBatch([2, 1, 3, 1, 1], {
    ...{ group: Uint32Array.of(0, 0, 0, 1, 1), reward: Float64Array.of(1, 0, 0, 0, 1) },
  });
  expect([...grpo.advantages(batch, GRPO)]).toEqual([...first, ...second]);
});

test('mean 0 in every group; a shift of its rewards changes nothing', () => {
  const group = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(group, group, fc.constantFrom(GRPO, DR_GRPO), (first, second, values) => {
      const a = advantages([...first, ...second], 4, values);
      expect(Math.abs(a.slice(0, 4).reduce((x, y) => x + y))).toBeLessThan(1e-5);
      const shifted = advantages([...first.map((r) => r + 3), ...second], 4, values);
      expectClose(shifted, a, { allowZero: true });
    }),
  );
});
