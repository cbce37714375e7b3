/** Means of what tokens tell about the answer, by kind and by place. */
import { expect, test } from 'vitest';
import { TASKS } from '../../src/tasks/index.ts';
import type { Task } from '../../src/tasks/task.ts';
import { gainsOf } from '../../src/ui/responses/gains.ts';
import { type Coefficients, TINTS } from '../../src/ui/responses/tint.ts';
import type { ResponseSample } from '../../src/worker/protocol.ts';

const task = TASKS.get('chain_sum') as Task;
const sample = (text: string) =>
  ({ tokens: [...text].map((c) => task.vocabulary.indexOf(c)) }) as ResponseSample;
const gain = TINTS.find(({ id }) => id === 'gain')!;
const loss = { entropy: [], taken: [] };
const known = (readings: [ResponseSample, number[]][]): Coefficients =>
  new Map(
    readings.map(([s, entropy]) => {
      const answers = {
        entropy: Float32Array.from(entropy),
        logp: new Float32Array(entropy.length),
      };
      return [s, { ...loss, answers }];
    }),
  );

test('by kind of token, up to the answer', () => {
  const [chain, direct] = [sample('3+4=7#7$'), sample('#7$')];
  // Nothing is told before the last partial result, everything by it.
  const coefficients = known([
    [chain, [2, 2, 2, 2, 2, 0]],
    [direct, [2]],
  ]);
  const { kinds, parts } = gainsOf([chain, direct], gain, coefficients, task);
  expect(kinds).toEqual([
    { kind: 'operand', mean: 0, tokens: 2 },
    { kind: 'sign', mean: 0, tokens: 2 },
    { kind: 'partial result', mean: 2, tokens: 1 },
  ]);
  expect(parts).toEqual([0, 0, 0, 0, 2]);
});

test('parts are shares of each response’s own reasoning', () => {
  const [long, short] = [sample('1+2=3+4=7#7$'), sample('5#5$')];
  const coefficients = known([
    [long, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    [short, [4, 1]],
  ]);
  const { parts } = gainsOf([long, short], gain, coefficients, task);
  expect(parts[0]).toBeCloseTo((1 + 1 + 3) / 3, 12);
  expect(parts.slice(1)).toEqual([1, 1, 1, 1]);
});

test('nothing known, nothing said', () => {
  expect(gainsOf([sample('#7$')], gain, new Map(), task).kinds).toEqual([]);
});
