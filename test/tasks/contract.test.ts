// What every file in src/tasks must hold, whichever stand there.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultsOf, type Param, parseParam, type Values } from '../../src/core/param.ts';
import { Random, STREAM } from '../../src/core/random.ts';
import { METRICS, type Metric } from '../../src/metrics/index.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Stage, Task } from '../../src/tasks/task.ts';

const FILES = Object.keys(import.meta.glob('../../src/tasks/*.ts'))
  .map((path) => path.replace(/^.*\/|\.ts$/g, ''))
  .filter((name) => !['index', 'task', 'verdict'].includes(name));

test('every file of the folder is in the registry under its name', () => {
  expect([...TASKS.keys()].sort()).toEqual(FILES.sort());
});

/** Lowest, default and highest of a setting. */
function samplesOf(param: Param): number[] {
  if (param.kind === 'number') return [param.min, param.default, param.max];
  return param.kind === 'switch' ? [0, 1] : param.options.map((_, i) => i);
}

/** The defaults, and each setting at its ends, where the task allows it. */
function corners(task: Task): Values[] {
  const defaults = defaultsOf(task.id, task.params);
  const all = Object.entries(task.params).flatMap(([name, param]) =>
    samplesOf(param).map((value) => ({ ...defaults, [`${task.id}.${name}`]: value })),
  );
  return [defaults, ...all].filter((values) => {
    try {
      task.check?.(values);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return false;
    }
  });
}

describe.each([...TASKS])('%s', (id, task) => {
  const defaults = defaultsOf(id, task.params);
  const text = (tokens: readonly number[]) => tokens.map((t) => task.vocabulary[t]).join('');
  const problem = (seed: number, values = defaults) =>
    task.generate(new Random(seed, STREAM.prompt), values);
  const demonstration = (seed: number, stage: Stage = 'mixed', values = defaults) =>
    task.demonstrate(problem(seed, values), new Random(seed, STREAM.demonstration), values, stage);

  test('describes itself', () => {
    expect(id).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(task.label.trim()).not.toBe('');
    expect(task.summary).toMatch(/^[A-Z].{20,}\.$/s);
    expect(task.difficulty_label.trim()).not.toBe('');
  });

  test.each(['practice', 'mixed'] as const)('%s: imitates every token by a share', (stage) => {
    for (const progress of [0.01, 0.5, 1]) {
      const response = demonstration(1, stage);
      const emphasis = task.emphasis?.(response, stage, progress) ?? response.map(() => 1);
      expect(emphasis).toHaveLength(response.length);
      expect(emphasis.every((share) => share >= 0 && share <= 1)).toBe(true);
      expect(emphasis.some((share) => share > 0)).toBe(true);
    }
  });

  test('has distinct tokens and an end among them', () => {
    expect(new Set(task.vocabulary).size).toBe(task.vocabulary.length);
    expect(task.vocabulary.every((token) => token.length > 0)).toBe(true);
    expect(task.vocabulary[task.eos]).toBeDefined();
  });

  test('has settings with labels, help and defaults in range', () => {
    for (const [name, param] of Object.entries(task.params)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(param.label.trim()).not.toBe('');
      expect(param.help).toMatch(/^.{15,}\.$/s);
      expect(parseParam(name, param, param.default)).toBe(param.default);
    }
    expect(() => task.check?.(defaults)).not.toThrow();
  });

  test('the same seed gives the same problem, prompt and demonstration', () => {
    const prompts = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      expect(problem(seed)).toEqual(problem(seed));
      expect(task.prompt(problem(seed))).toEqual(task.prompt(problem(seed)));
      expect(demonstration(seed)).toEqual(demonstration(seed));
      prompts.add(text(task.prompt(problem(seed))));
    }
    expect(prompts.size).toBeGreaterThan(25);
  });

  test('keeps to its limits at the ends of every setting', () => {
    for (const values of corners(task)) {
      const limits = task.limits(values);
      for (let seed = 0; seed < 200; seed++) {
        const prompt = task.prompt(problem(seed, values));
        const response = demonstration(seed, seed % 2 ? 'mixed' : 'practice', values);
        expect(prompt.length).toBeGreaterThan(0);
        expect(prompt.length).toBeLessThanOrEqual(limits.prompt);
        expect(response.length).toBeLessThanOrEqual(limits.response);
        for (const token of [...prompt, ...response]) {
          if (!task.vocabulary[token]) throw new Error(`token ${token} is not in the vocabulary`);
        }
        expect(prompt).not.toContain(task.eos);
        expect(response.indexOf(task.eos), text(response)).toBe(response.length - 1);
      }
    }
  });

  test('writes hints exactly where it has a switch for them: the prompt and the answer, within its limits', () => {
    expect(task.hint !== undefined).toBe(task.params.hints !== undefined);
    if (!task.hint) return;
    expect(task.params.hints).toMatchObject({ kind: 'switch', default: 0, restarts: true });
    for (const values of corners(task).map((v) => ({ ...v, [`${id}.hints`]: 1 }))) {
      for (let seed = 0; seed < 100; seed++) {
        const asked = problem(seed, values);
        const [plain, told] = [text(task.prompt(asked)), text(task.hint(asked))];
        expect(told).toContain(plain);
        expect(told.replace(plain, '')).toContain(task.solve(asked));
        expect(task.hint(asked).length).toBeLessThanOrEqual(task.limits(values).prompt);
        expect(told).not.toContain(task.vocabulary[task.eos]);
      }
    }
    const off = { ...defaults, [`${id}.hints`]: 0 };
    expect(task.limits(off).prompt).toBeLessThan(
      task.limits({ ...off, [`${id}.hints`]: 1 }).prompt,
    );
  });

  test('holds out a fixed share of problems, by what the prompt says', () => {
    const seen = new Map<string, boolean>();
    for (let seed = 0; seed < 4000; seed++) {
      const prompt = text(task.prompt(problem(seed)));
      const isHeldOut = task.heldOut(problem(seed));
      expect(seen.get(prompt) ?? isHeldOut).toBe(isHeldOut);
      seen.set(prompt, isHeldOut);
    }
    const share = [...seen.values()].filter(Boolean).length / seen.size;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.25);
  });

  // Practice teaches the skill; the mixture leaves something to find.
  test.each([
    ['practice', 900, 1000],
    ['mixed', 200, 950],
  ] as const)(
    'demonstrations in stage %s are right as often as they should',
    (stage, least, most) => {
      let right = 0;
      for (let seed = 0; seed < 1000; seed++) {
        const response = demonstration(seed, stage);
        const verdict = task.verify(problem(seed), response);
        const answer = task.solve(problem(seed)).replace(/\s/g, '');
        const instead = /instead of (.+)$/.exec(verdict.reason)?.[1];
        if (instead !== undefined) expect(instead.replace(/\s/g, '')).toBe(answer);
        if (!verdict.correct) continue;
        right++;
        expect(verdict.reward).toBe(1);
        expect(text(response)).toContain(answer);
        expect(verdict.answer?.replace(/\s/g, '')).toBe(answer);
        expect(verdict.answered_at).toBeLessThan(response.length);
      }
      expect(right).toBeGreaterThanOrEqual(least);
      expect(right).toBeLessThanOrEqual(most);
    },
  );

  test('the verifier judges any tokens without failing', () => {
    const anyToken = fc.integer({ min: 0, max: task.vocabulary.length - 1 });
    const notEnd = anyToken.map((t) => (t === task.eos ? (t + 1) % task.vocabulary.length : t));
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(notEnd, { maxLength: 60 }),
        fc.boolean(),
        (seed, body, ends) => {
          const response = ends ? [...body, task.eos] : body;
          const verdict = task.verify(problem(seed), response);
          expect(verdict.reward >= 0 && verdict.reward <= 1).toBe(true);
          expect(verdict.reason.trim()).not.toBe('');
          expect(Number.isInteger(verdict.answered_at)).toBe(true);
          expect(verdict.answered_at >= 0 && verdict.answered_at <= response.length).toBe(true);
          if (verdict.correct) expect(verdict.reward).toBe(1);
          if (verdict.correct) expect(verdict.answer).toBeDefined();
          // What was read does not depend on what would be right.
          expect(task.verify(problem(seed + 1), response).answer).toBe(verdict.answer);
          if (!verdict.premature_end) return;
          expect(verdict.answer).toBeUndefined();
          expect(ends && !verdict.correct).toBe(true);
          expect(verdict.answered_at).toBe(response.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('ending at once is premature; being cut off is not', () => {
    expect(task.verify(problem(1), [task.eos])).toMatchObject({
      reward: 0,
      correct: false,
      premature_end: true,
      answered_at: 1,
    });
    expect(task.verify(problem(1), [])).toMatchObject({ correct: false, premature_end: false });
  });

  test('measures what the metrics of this task say, and nothing else', () => {
    const declared = METRICS.filter((metric: Metric) => metric.task === id).map((m) => m.id);
    expect(Object.keys(task.measures ?? {}).sort()).toEqual(declared.sort());
    for (let seed = 0; seed < 200; seed++) {
      const response = demonstration(seed);
      const verdict = task.verify(problem(seed), response);
      for (const measure of Object.values(task.measures ?? {})) {
        const value = measure(problem(seed), response, verdict);
        if (value !== undefined) expect(Number.isFinite(value)).toBe(true);
      }
    }
  });

  test('changes only its own settings for the warm start', () => {
    const { values = {} } = task.warmStart ?? {};
    for (const [key, value] of Object.entries(values)) {
      const param = task.params[key.slice(id.length + 1)];
      expect(key.startsWith(`${id}.`) && param !== undefined, key).toBe(true);
      expect(parseParam(key, param, value)).toBe(value);
    }
    expect(() => task.check?.({ ...defaults, ...values })).not.toThrow();
  });

  test('difficulty is a whole number that varies', () => {
    const found = new Set(Array.from({ length: 200 }, (_, seed) => task.difficulty(problem(seed))));
    expect([...found].every((d) => Number.isInteger(d) && d > 0)).toBe(true);
    expect(found.size).toBeGreaterThan(1);
  });
});
