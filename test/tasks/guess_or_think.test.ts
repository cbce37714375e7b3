import { expect, test } from 'vitest';
import { defaultsOf } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import { metricsOf } from '../../src/metrics/index.ts';
import task, { choiceAt, GUESSED_ZERO, THINKING } from '../../src/tasks/guess_or_think.ts';
import { addMeasures, taskMeasures } from '../../src/train/task_measures.ts';

const DEFAULTS = defaultsOf('guess_or_think', task.params);
const encode = (text: string) => [...text].map((c) => task.vocabulary.indexOf(c));
const decode = (tokens: readonly number[]) => tokens.map((t) => task.vocabulary[t]).join('');
const digits = [3, 8, 4, 5];

test('prompts have one length, whatever the problem’s', () => {
  expect(task.vocabulary.join('')).toBe('0123456789#$_');
  expect(decode(task.prompt(digits))).toBe('3845____');
  expect(decode(task.prompt([1, 2, 3, 4, 5, 6, 7]))).toBe('1234567_');
});

test.each([0.1, 0.62, 0.9])('at temptation %s that share of the answers is 0', (temptation) => {
  const n = 6000;
  const answers = new Float64Array(10);
  const lengths = new Float64Array(8);
  const values = { ...DEFAULTS, 'guess_or_think.temptation': temptation };
  for (let seed = 0; seed < n; seed++) {
    const problem = task.generate(new Random(seed), values);
    answers[Number(task.solve(problem))]++;
    lengths[task.difficulty(problem)]++;
  }
  // Four standard deviations of a share.
  const near = (share: number) => 4 * Math.sqrt((share * (1 - share)) / n);
  expect(Math.abs(answers[0] / n - temptation)).toBeLessThan(near(temptation));
  const rest = (1 - temptation) / 9;
  for (const count of answers.subarray(1)) {
    expect(Math.abs(count / n - rest)).toBeLessThan(near(rest));
  }
  for (const count of lengths.subarray(4)) {
    expect(Math.abs(count / n - 0.25)).toBeLessThan(near(0.25));
  }
});

test.each([
  // A guess, with one running sum, with all: 3 + 8 + 4 + 5 ends in 0.
  ['#0$', true, 'right', 2, false],
  ['1#0$', true, 'right', 3, false],
  ['150#0$', true, 'right', 5, false],
  // The running sums are not checked, only the end is.
  ['999#0$', true, 'right', 5, false],
  ['150#5$', false, 'wrong answer: 5 instead of 0', 5, false],
  ['#7$', false, 'wrong answer: 7 instead of 0', 2, false],
  ['$', false, 'ended before the answer', 1, true],
  ['150$', false, 'ended before the answer', 4, true],
  ['#$', false, 'ended before the answer', 2, true],
  ['150', false, 'cut off before the answer', 3, false],
  ['', false, 'cut off before the answer', 0, false],
  ['#0', false, 'cut off right after the answer', 2, false],
  ['#0#', false, 'went on after the answer', 2, false],
  ['#00$', false, 'went on after the answer', 2, false],
  ['_#0$', true, 'right', 3, false],
])('judges %s', (response, correct, reason, answered_at, premature_end) => {
  expect(task.verify(digits, encode(response))).toEqual({
    ...{ reward: Number(correct), correct, reason, answered_at, premature_end },
    ...(/#\d\$$/.test(response) && { answer: response.slice(-2, -1) }),
  });
});

test('practice writes the right running sums', () => {
  for (let seed = 0; seed < 50; seed++) {
    expect(decode(task.demonstrate(digits, new Random(seed), DEFAULTS, 'practice'))).toBe('150#0$');
  }
});

test('mixed: thinks and guesses as often as it says', () => {
  const n = 40_000;
  const texts = Array.from({ length: n }, (_, seed) =>
    decode(task.demonstrate(digits, new Random(seed), DEFAULTS, 'mixed')),
  );
  const near = (share: number, of: number) => 4 * Math.sqrt((share * (1 - share)) / of);
  const guesses = texts.filter((text) => text[0] === '#');
  const thoughts = texts.filter((text) => text[0] !== '#');
  expect(Math.abs(thoughts.length / n - THINKING)).toBeLessThan(near(THINKING, n));
  const zeros = guesses.filter((text) => text === '#0$').length / guesses.length;
  expect(Math.abs(zeros - GUESSED_ZERO)).toBeLessThan(near(GUESSED_ZERO, guesses.length));
  // Every digit is guessed, and a thought writes the right sums and answers with the last.
  expect(new Set(guesses)).toEqual(new Set(Array.from({ length: 10 }, (_, d) => `#${d}$`)));
  expect(new Set(thoughts)).toEqual(new Set(['150#0$']));
});

test('the choice to think is imitated less and less, all else as it was', () => {
  const emphasis = (text: string, stage: 'practice' | 'mixed', progress: number) =>
    task.emphasis?.(encode(text), stage, progress);
  expect(emphasis('150#0$', 'practice', 1)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(emphasis('#0$', 'mixed', 1)).toEqual([1, 1, 1]);
  expect(emphasis('150#0$', 'mixed', 0.25)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(emphasis('150#0$', 'mixed', 1)).toEqual([1e-5, 1, 1, 1, 1, 1]);
  expect([0.25, 0.375, 0.5625, 0.75, 1].map(choiceAt)).toEqual([1, 2e-2, 2e-3, 2e-4, 1e-5]);
  expect([0.251, 0.376, 0.563, 0.751].map(choiceAt)).toEqual([2e-2, 2e-3, 2e-4, 1e-5]);
});

test('what the task measures, on known responses', () => {
  const judged = (problem: number[], text: string) => {
    const tokens = Uint32Array.from(encode(text));
    return { problem, tokens, verdict: task.verify(problem, [...tokens]) };
  };
  const hard = [3, 8, 4, 6];
  const means = taskMeasures(task, [
    // Guesses: right where the answer is 0, wrong where it is 1.
    judged(digits, '#0$'),
    judged(hard, '#0$'),
    // Thoughts: right, right by slips that cancel, decorative, without an answer.
    judged(digits, '150#0$'),
    judged(hard, '921#1$'),
    judged(hard, '151#0$'),
    judged(hard, '15$'),
  ]);
  expect(means).toEqual({
    think_share: 4 / 6,
    think_success: 2 / 4,
    eval_hard_accuracy: 1 / 4,
    decorative_thinking: 1 / 3,
  });
  // Nobody thinks, and nothing is hard: those means are of nothing, so they are not there.
  expect(taskMeasures(task, [judged(digits, '#0$')])).toEqual({ think_share: 0 });
});

test('a measure stands in its column of the rows of its time, and nowhere else', () => {
  const metrics = metricsOf('guess_or_think').map(({ id }) => id as string);
  const others = metricsOf('chain_sum').map(({ id }) => id as string);
  const own = metrics.filter((id) => !others.includes(id));
  expect(own.sort()).toEqual(Object.keys(task.measures ?? {}).sort());
  const written = (when: 'step' | 'eval') => {
    const row = new Float32Array(metrics.length).fill(Number.NaN);
    addMeasures(row, { think_share: 0.25, eval_hard_accuracy: 0.5 }, when);
    const cells = metrics.map((id, i): [string, number] => [id, row[i]]);
    return Object.fromEntries(cells.filter(([, value]) => !Number.isNaN(value)));
  };
  expect(written('step')).toEqual({ think_share: 0.25 });
  expect(written('eval')).toEqual({ eval_hard_accuracy: 0.5 });
});
