// What the WGSL of every method must hold, whichever there are: row functionals with their gradients, and the fused loss.
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { composeMethods, fieldsOf } from '../../src/methods/compose.ts';
import { isTerm } from '../../src/methods/method.ts';
import { expectClose } from '../helpers/close.ts';
import { rowFunctional } from '../helpers/term.ts';
import { METHOD_LIST, settingsOf } from './every.ts';

const rowed = METHOD_LIST.filter((method) => method.row).map((m) => [m.id, m] as const);

test('there are row functionals to test', () => {
  expect(rowed.length).toBeGreaterThan(1);
});

describe.each(rowed)('the row functional of %s', (_, method) => {
  const random = new Random(5);
  const rows = [2, 3, 7, 12].map((V) =>
    Float64Array.from({ length: V }, () => 3 * random.normal()),
  );

  test('is finite, and where all or nothing is certain, too', () => {
    const corners = [
      [0, 0, 0],
      [400, 0, -400],
      [0, 0, -1e4],
    ];
    for (const values of settingsOf(method)) {
      for (const z of [...rows, ...corners]) {
        const { value, gradient } = rowFunctional(method, values, z);
        expect(Number.isFinite(value), JSON.stringify(values)).toBe(true);
        if (isTerm(method)) expect(gradient.every(Number.isFinite)).toBe(true);
      }
    }
  });

  if (!isTerm(method)) return;

  test('has the gradient of its differences, which sums to zero over the vocabulary', () => {
    for (const values of settingsOf(method)) {
      for (const z of rows) {
        const { gradient, set } = rowFunctional(method, values, z);
        const h = 1e-4;
        const differences = z.map((logit, j) => {
          const [above, below] = [h, -h].map((by) =>
            rowFunctional(method, values, z.with(j, logit + by)),
          );
          // A set is held, so no step may change it.
          expect([above.set, below.set]).toEqual([set, set]);
          return (above.value - below.value) / (2 * h);
        });
        // Curvature: h² of values up to 10 to the power 1 of a derivative.
        const label = JSON.stringify(values);
        expectClose(gradient, differences, { rtol: 1e-5, atol: 1e-7, label, allowZero: true });
        expect(Math.abs(gradient.reduce((a, b) => a + b, 0))).toBeLessThan(1e-9);
      }
    }
  });
});

test('a method that reads its row functional has one, and the other way round', () => {
  for (const { id, row, needs, stage } of METHOD_LIST) {
    if (needs?.includes('row')) expect(row, id).toBeDefined();
    // Nobody else would use it.
    if (row && stage !== 'regularizer') expect(needs, id).toContain('row');
  }
});

const objectives = METHOD_LIST.filter((method) => method.stage === 'objective');
const regularizers = METHOD_LIST.filter((method) => method.stage === 'regularizer');
const recipes = objectives.flatMap((objective) => [
  [objective],
  [objective, ...regularizers],
  ...regularizers.map((regularizer) => [objective, regularizer]),
]);

test.each(recipes.map((r) => [r.map((m) => m.id).join(' + '), r] as const))('%s', (_, recipe) => {
  const { wgsl, fields } = composeMethods(recipe);
  for (const { id } of recipe) expect(wgsl.split(`fn ${id}(`)).toHaveLength(2);
  for (const field of fields) expect(wgsl).toContain(`  ${field.replace('.', '_')}: f32,\n`);
  expect(new Set(fields).size).toBe(recipe.flatMap(fieldsOf).length);
  const depth = [...wgsl].reduce((n, c) => n + (c === '{' ? 1 : 0) - (c === '}' ? 1 : 0), 0);
  expect(depth).toBe(0);
});
