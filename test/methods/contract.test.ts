// What every file in src/methods must say of itself, whichever stand there.
import katex from 'katex';
import { describe, expect, test } from 'vitest';
import { TRAINER } from '../../src/core/catalog.ts';
import { defaultsOf, parseParam } from '../../src/core/param.ts';
import { fieldsOf, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import { isTerm } from '../../src/methods/method.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { expectClose } from '../helpers/close.ts';
import { termFunction } from '../helpers/term.ts';
import { METHOD_LIST } from './every.ts';

const FILES = Object.keys(import.meta.glob('../../src/methods/*.ts'))
  .map((path) => path.replace(/^.*\/|\.ts$/g, ''))
  .filter((name) => !['index', 'method', 'compose', 'compose_rows'].includes(name));

test('every file of the folder is in the registry under its name', () => {
  expect([...METHODS.keys()].sort()).toEqual(FILES.sort());
});

test('what is said of values lies in their range, is reachable, and names settings that are there', () => {
  for (const { id, params } of [TRAINER, ...METHOD_LIST, ...TASKS.values()]) {
    for (const [name, param] of Object.entries(params)) {
      for (const { from = -Infinity, to = Infinity, text } of param.warns ?? []) {
        expect(text, `${id}.${name}`).toMatch(/^[A-Z].{30,}\.$/s);
        expect(from <= to).toBe(true);
        const most =
          param.kind === 'number' ? param.max : 'options' in param ? param.options.length - 1 : 1;
        expect(from <= most && to >= (param.kind === 'number' ? param.min : 0)).toBe(true);
      }
      if (!param.applies) continue;
      const other = params[param.applies.setting];
      expect(other && other !== param && other.kind !== 'number', `${id}.${name}`).toBe(true);
    }
  }
  for (const { needs_reuse, breaks_on_reuse, group_of_one } of METHOD_LIST) {
    for (const text of [needs_reuse, breaks_on_reuse, group_of_one]) {
      if (text !== undefined) expect(text).toMatch(/^[A-Z].{30,}\.$/s);
    }
  }
});

test('no id is taken by something else that has settings', () => {
  const taken = new Set([
    TRAINER.id,
    SUPERVISED.id,
    'arm',
    'objective',
    'regularizers',
    'constants',
    ...TASKS.keys(),
  ]);
  expect(METHOD_LIST.filter((method) => taken.has(method.id))).toEqual([]);
});

describe.each([...METHOD_LIST, SUPERVISED].map((m) => [m.id, m] as const))('%s', (id, method) => {
  test('has a name that is a WGSL identifier, a label and a summary', () => {
    expect(id).toMatch(/^[a-z][a-z0-9_]*[a-z0-9]$/);
    expect(method.label.trim()).not.toBe('');
    expect(method.summary).toMatch(/^[A-Z].{20,}\.$/s);
  });

  test('tells what runs showed with seeds and spread, where there were some', () => {
    if (method.seen !== undefined)
      expect(method.seen).toMatch(/^On \d+ seeds, \d+ steps.+ ± .+\.$/s);
  });

  test('tells its pitfalls in whole sentences, where it has some', () => {
    if (method.pitfalls !== undefined) expect(method.pitfalls).toMatch(/^\p{L}.{30,}\.$/su);
  });

  test('loss and derivatives are proportional to its strength, where it has one', () => {
    if (!isTerm(method) || method.strength === undefined) return;
    expect(method.stage).toBe('regularizer');
    const key = `${id}.${method.strength}`;
    const { [method.strength]: param } = method.params;
    expect(param?.kind).toBe('number');
    const defaults = defaultsOf(id, method.params);
    const at = (strength: number) => termFunction(method, { ...defaults, [key]: strength });
    for (const sign of [-1, 1]) {
      const token = {
        logp: -1.2,
        old_logp: -1,
        ref_logp: -0.7,
        entropy: 0.8,
        advantage: 0.6 * sign,
      };
      const [one, three] = [at(1), at(3)].map((term) =>
        term({ ...token, constant: 0.3, row: 0.6 }),
      );
      expect(Math.abs(one.loss)).toBeGreaterThan(0);
      const numbers = ({ loss, d_logp, d_entropy, d_row = 0 }: typeof one) => [
        ...[loss, d_logp, d_entropy, d_row],
      ];
      const tripled = numbers(one).map((x) => 3 * x);
      expectClose(numbers(three), tripled, { atol: 1e-12, rtol: 1e-12 });
    }
  });

  test('cites a paper in full', () => {
    const { title, authors, year, url } = method.paper;
    expect(title.length).toBeGreaterThan(10);
    expect(authors.length).toBeGreaterThan(3);
    expect(year).toBeGreaterThan(1900);
    expect(new URL(url).protocol).toBe('https:');
    expect(url).not.toMatch(/\s/);
    expect(['released', 'published', 'style', 'own']).toContain(method.fidelity);
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
    if (!isTerm(method)) return;
    const constant = method.constants ? ', \\w+: f32' : '';
    const row = method.row ? ', row: f32\\) -> RowTerm' : '\\) -> Term';
    expect(method.wgsl).toMatch(new RegExp(`^\\s*fn ${id}\\(t: Token${constant}${row} \\{`));
    const wgsl = `${method.wgsl}\n${method.row?.wgsl ?? ''}`;
    // Other functions of a method must not collide with those of another one.
    for (const [, name] of wgsl.matchAll(/\bfn (\w+)/g)) {
      expect(name === id || name.startsWith(`${id}_`), name).toBe(true);
    }
    const read = new Set([...wgsl.matchAll(/\bparams\.(\w+)/g)].map(([, name]) => name));
    const declared = fieldsOf(method).map((name) => `${id}_${name}`);
    // What is not read in WGSL is read where the constants are made or values are steered.
    if (!method.constants && !method.control && !method.balance)
      expect([...read].sort()).toEqual(declared.sort());
    expect(declared).toEqual(expect.arrayContaining([...read]));
    expect(/\bconstants\[/.test(method.wgsl)).toBe(false);
    expect(/\bref_logp\b/.test(method.wgsl)).toBe(method.needs?.includes('ref_logp') ?? false);
  });
});

test('excluded methods exist, are not excluded by themselves, and the reason is a sentence', () => {
  for (const { id, excludes = {} } of METHOD_LIST) {
    for (const [other, reason] of Object.entries(excludes)) {
      expect(other).not.toBe(id);
      expect(METHODS.has(other), `${id} excludes ${other}`).toBe(true);
      expect(reason).toMatch(/^[A-Z].{15,}\.$/s);
    }
  }
});
