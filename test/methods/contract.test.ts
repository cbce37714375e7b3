// What every file in src/methods must hold, whichever stand there.
import katex from 'katex';
import { describe, expect, test } from 'vitest';
import { TRAINER } from '../../src/core/catalog.ts';
import { parseParam } from '../../src/core/param.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import { TASKS } from '../../src/tasks/index.ts';

const FILES = Object.keys(import.meta.glob('../../src/methods/*.ts'))
  .map((path) => path.replace(/^.*\/|\.ts$/g, ''))
  .filter((name) => !['index', 'method', 'compose'].includes(name));

const METHOD_LIST = [...METHODS.values()];

test('every file of the folder is in the registry under its name', () => {
  expect([...METHODS.keys()].sort()).toEqual(FILES.sort());
});

test('no id is taken by something else that has settings', () => {
  const taken = new Set([TRAINER.id, SUPERVISED.id, 'arm', ...TASKS.keys()]);
  expect(METHOD_LIST.filter((method) => taken.has(method.id))).toEqual([]);
});

describe.each([...METHOD_LIST, SUPERVISED].map((m) => [m.id, m] as const))('%s', (id, method) => {
  test('has a name that is a WGSL identifier, a label and a summary', () => {
    expect(id).toMatch(/^[a-z][a-z0-9_]*[a-z0-9]$/);
    expect(method.label.trim()).not.toBe('');
    expect(method.summary).toMatch(/^[A-Z].{20,}\.$/s);
  });

  test('cites a paper in full', () => {
    const { title, authors, year, url } = method.paper;
    expect(title.length).toBeGreaterThan(10);
    expect(authors.length).toBeGreaterThan(3);
    expect(year).toBeGreaterThan(1900);
    expect(new URL(url).protocol).toBe('https:');
    expect(url).not.toMatch(/\s/);
  });

  test('has a formula that renders', () => {
    expect(method.formula.trim()).not.toBe('');
    const html = katex.renderToString(method.formula, { throwOnError: true, strict: 'error' });
    expect(html).toContain('katex');
  });

  test('has settings with labels, help and sound ranges', () => {
    for (const [name, param] of Object.entries(method.params)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(param.label.trim()).not.toBe('');
      expect(param.help).toMatch(/^.{15,}\.$/s);
      expect(parseParam(name, param, param.default)).toBe(param.default);
      if (param.kind === 'number') {
        expect(param.min).toBeLessThan(param.max);
        if (param.scale === 'log') expect(param.min).toBeGreaterThanOrEqual(0);
      }
      if (param.kind === 'choice') {
        const ids = param.options.map((option) => option.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const option of ids) expect(option).toMatch(/^[a-z0-9_]+$/);
      }
    }
  });

  test('does what its stage says', () => {
    if (method.stage === 'advantage') {
      const values = Object.fromEntries(
        Object.entries(method.params).map(([name, p]) => [`${id}.${name}`, p.default]),
      );
      const result = method.advantages(Float32Array.of(1, 0, 0, 1, 1, 1, 1, 1), 4, values);
      expect(result).toHaveLength(8);
      expect(result.every(Number.isFinite)).toBe(true);
      expect(result[0]).toBeGreaterThan(result[1]);
      return;
    }
    expect(method.wgsl).toMatch(new RegExp(`^\\s*fn ${id}\\(t: Token\\) -> Term \\{`));
    // Other functions of a method must not collide with those of another one.
    for (const [, name] of method.wgsl.matchAll(/\bfn (\w+)/g)) {
      expect(name === id || name.startsWith(`${id}_`), name).toBe(true);
    }
    const read = new Set([...method.wgsl.matchAll(/\bparams\.(\w+)/g)].map(([, name]) => name));
    const declared = Object.keys(method.params).map((name) => `${id}_${name}`);
    expect([...read].sort(), 'settings read in WGSL').toEqual(declared.sort());
    expect(/\bref_logp\b/.test(method.wgsl)).toBe(method.needs?.includes('ref_logp') ?? false);
  });
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
  expect(new Set(fields).size).toBe(recipe.flatMap((m) => Object.keys(m.params)).length);
  const depth = [...wgsl].reduce((n, c) => n + (c === '{' ? 1 : 0) - (c === '}' ? 1 : 0), 0);
  expect(depth).toBe(0);
});
