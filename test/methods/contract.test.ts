// What every file in src/methods must hold, whichever stand there.
import katex from 'katex';
import { describe, expect, test } from 'vitest';
import { TRAINER } from '../../src/core/catalog.ts';
import { defaultsOf, parseParam, type Values } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import { selectResponses, type TokenBatch, tokenBatch } from '../../src/core/token_batch.ts';
import { composeMethods, fieldsOf, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import { isTerm, type Method } from '../../src/methods/method.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { expectClose } from '../helpers/close.ts';
import { rowFunctional, termFunction } from '../helpers/term.ts';

const FILES = Object.keys(import.meta.glob('../../src/methods/*.ts'))
  .map((path) => path.replace(/^.*\/|\.ts$/g, ''))
  .filter((name) => !['index', 'method', 'compose', 'compose_rows'].includes(name));

const METHOD_LIST = [...METHODS.values()];

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
    if (!method.constants && !method.control) expect([...read].sort()).toEqual(declared.sort());
    expect(declared).toEqual(expect.arrayContaining([...read]));
    expect(/\bconstants\[/.test(method.wgsl)).toBe(false);
    expect(/\bref_logp\b/.test(method.wgsl)).toBe(method.needs?.includes('ref_logp') ?? false);
  });
});

/** What methods read of each row. */
const READ = [
  'attention_entropy',
  ...METHOD_LIST.filter((m) => m.needs?.includes('row')).map(({ id }) => id),
];

/** 3 prompts with 4 responses each of 1 to 5 tokens; nothing is equal to anything else. */
function aBatch(seed: number): TokenBatch {
  const random = new Random(seed);
  const lengths = Array.from({ length: 12 }, () => random.integer(1, 5));
  const N = lengths.reduce((a, b) => a + b, 0);
  const draw = (from: number, to: number) =>
    Float32Array.from({ length: N }, () => from + (to - from) * random.next());
  return tokenBatch(lengths, {
    group: Uint32Array.from(lengths, (_, i) => Math.floor(i / 4)),
    reward: Float64Array.from(lengths, () => random.next()),
    correct: Uint8Array.from(lengths, () => random.integer(0, 1)),
    answer: Int32Array.from(lengths, () => random.integer(-1, 2)),
    ...{ advantage: draw(-2, 2), old_logp: draw(-3, 0), old_entropy: draw(0, 2) },
    ...{ logp: draw(-3, 0), entropy: draw(0, 2), max_response: 6, progress: 0.5 },
    ...{ ref_logp: draw(-3, 0), value: draw(-1, 1) },
    rows: Object.fromEntries(READ.map((key) => [key, draw(0, 1)])),
    counter: [seed, 7, 3],
  });
}

/** Whole prompts in another order, and their responses in another order. */
function shuffled(seed: number): number[] {
  const random = new Random(seed);
  return [...random.permutation(3)].flatMap((p) =>
    [...random.permutation(4)].map((i) => 4 * p + i),
  );
}

type Numbers = (batch: TokenBatch, values: Values) => ArrayLike<number>;

/** What a method computes in TypeScript, by the name of the function. */
function stagesOf(method: Method): (readonly [string, Numbers])[] {
  if (method.stage === 'sampling') return [['keeps', method.keeps]];
  if ('tokenRewards' in method) return [['tokenRewards', method.tokenRewards]];
  if (method.stage === 'reward') return [['rewards', method.rewards]];
  if (method.stage === 'advantage') {
    const { advantages, critic } = method;
    return [['advantages', advantages], ...(critic ? [['targets', critic.targets] as const] : [])];
  }
  if (method.stage === 'shape') return [['shape', method.shape]];
  if (method.stage === 'weight') return [['weights', method.weights]];
  return method.constants ? [['constants', method.constants]] : [];
}

const beginOf = (method: Method, values: Values): Values => ({
  ...values,
  ...Object.fromEntries(
    Object.entries(method.state ?? {}).map(([name, begin]) => [
      `${method.id}.${name}`,
      begin(values),
    ]),
  ),
});

/** Defaults, every option of every choice, and the ends of every range. */
function settingsOf(method: Method): Values[] {
  const defaults = defaultsOf(method.id, method.params);
  const changed = Object.entries(method.params).flatMap(([name, param]) => {
    const values =
      param.kind === 'number'
        ? [param.min, param.max]
        : param.kind === 'switch'
          ? [0, 1]
          : [...param.options.keys()];
    return values.map((value) => ({ ...defaults, [`${method.id}.${name}`]: value }));
  });
  return [defaults, ...changed].map((values) => beginOf(method, values));
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

test('excluded methods exist, are not excluded by themselves, and the reason is a sentence', () => {
  for (const { id, excludes = {} } of METHOD_LIST) {
    for (const [other, reason] of Object.entries(excludes)) {
      expect(other).not.toBe(id);
      expect(METHODS.has(other), `${id} excludes ${other}`).toBe(true);
      expect(reason).toMatch(/^[A-Z].{15,}\.$/s);
    }
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
