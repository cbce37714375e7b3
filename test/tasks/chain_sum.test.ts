import { expect, test } from 'vitest';
import { defaultsOf } from '../../src/core/param.ts';
import { Random } from '../../src/core/random.ts';
import task, { MIXTURES, PROMPT_PADDING } from '../../src/tasks/chain_sum.ts';
import type { Stage } from '../../src/tasks/task.ts';

const DEFAULTS = defaultsOf('chain_sum', task.params);
const encode = (text: string) => [...text].map((c) => task.vocabulary.indexOf(c));
const decode = (tokens: readonly number[]) => tokens.map((t) => task.vocabulary[t]).join('');
const problem = (...operands: number[]) => ({ operands, width: 16 });
const demonstrate = (operands: number[], seed: number, values = DEFAULTS) =>
  decode(task.demonstrate(problem(...operands), new Random(seed), values, 'mixed'));

test('writes the sum as a prompt', () => {
  expect(task.vocabulary.join('')).toBe('0123456789+=#$_');
  const prompt = decode(task.prompt(problem(3, 5, 8)));
  expect(prompt).toBe(PROMPT_PADDING === 'none' ? '3+5+8=' : '3+5+8=__________');
});

test('lengths and digits are uniform', () => {
  const lengths = new Map<number, number>();
  const digits = new Float64Array(10);
  for (let seed = 0; seed < 12_000; seed++) {
    const generated = task.generate(new Random(seed), DEFAULTS);
    const prompt = decode(task.prompt(generated)).replaceAll('_', '');
    const k = task.difficulty(generated);
    expect(prompt.length).toBe(2 * k);
    lengths.set(k, (lengths.get(k) ?? 0) + 1);
    digits[Number(prompt[0])]++;
  }
  expect([...lengths.keys()].sort()).toEqual([3, 4, 5, 6, 7, 8]);
  // Four standard deviations of the counts.
  for (const count of lengths.values()) expect(Math.abs(count - 2000)).toBeLessThan(165);
  for (const count of digits) expect(Math.abs(count - 1200)).toBeLessThan(132);
});

test('an eighth of the problems of each length is held out', () => {
  for (const k of [3, 8]) {
    const keys = Array.from({ length: 1000 }, (_, i) => {
      const digits = [...String(i).padStart(3, '0')].map(Number);
      return task.heldOut(problem(...Array(k - 3).fill(4), ...digits));
    });
    expect(Math.abs(keys.filter(Boolean).length - 125)).toBeLessThan(42);
  }
  // The settings that a problem was made with do not matter.
  const held = Array.from({ length: 100 }, (_, i) => [i % 10, Math.floor(i / 10), 1]);
  for (const operands of held) {
    expect(task.heldOut({ operands, width: 6 })).toBe(task.heldOut({ operands, width: 20 }));
  }
});

test.each([
  ['#7$', true, 'right', 2, false],
  ['8+3=1+1=2+5=7#7$', true, 'right', 15, false],
  // The chain is not checked, only the end is.
  ['8+8=8#7$', true, 'right', 7, false],
  ['#3#7$', true, 'right', 2, false],
  ['8+3=1#4$', false, 'wrong answer: 4 instead of 7', 7, false],
  ['$', false, 'ended before the answer', 1, true],
  ['8+3=1$', false, 'ended before the answer', 6, true],
  ['#$', false, 'ended before the answer', 2, true],
  ['8+3=1', false, 'cut off before the answer', 5, false],
  ['', false, 'cut off before the answer', 0, false],
  ['#7', false, 'cut off right after the answer', 2, false],
  ['#7+', false, 'went on after the answer', 2, false],
  ['#7+$', false, 'went on after the answer', 2, false],
  ['#77$', false, 'went on after the answer', 2, false],
])('judges %s', (response, correct, reason, answered_at, premature_end) => {
  const reward = correct ? 1 : 0;
  expect(task.verify(problem(8, 3, 1, 5), encode(response))).toEqual({
    ...{ reward, correct, reason, answered_at, premature_end },
    // Where it closes the response, right or wrong.
    ...(/#\d\$$/.test(response) && { answer: response.slice(-2, -1) }),
  });
});

test('solves', () => {
  expect(task.solve(problem(8, 3, 1, 5))).toBe('7');
  expect(task.solve(problem(9, 9, 9))).toBe('7');
});

test('demonstrations keep to the grammar, and carry on from what they wrote', () => {
  const operands = [8, 3, 1, 5, 9, 2];
  for (let seed = 0; seed < 3000; seed++) {
    const text = demonstrate(operands, seed);
    const whole = /^(?:(\d)((?:(?:\+\d)+=\d)+))?#(\d)\$$/.exec(text);
    if (!whole) continue;
    const [, first, steps = '', answer] = whole;
    // The operands in order, none skipped.
    const used = [first, ...[...steps.matchAll(/\+(\d)/g)].map(([, d]) => d)].join('');
    if (first) expect(operands.join('').startsWith(used), text).toBe(true);
    // The answer is the last result where the chain reached the end.
    if (used.length === operands.length) expect(answer, text).toBe(text.at(-4));
  }
});

test('an operand is never left out of what is demonstrated', () => {
  const seen = new Set(Array.from({ length: 3000 }, (_, seed) => demonstrate([8, 3, 1, 5], seed)));
  for (const text of ['8+3=1+1=2+5=7#7$', '8+3+1=2+5=7#7$', '8+3+1+5=7#7$', '8+3=1#7$', '#7$']) {
    expect([...seen]).toContain(text);
  }
  // A slip, carried on.
  expect([...seen]).toContain('8+3=2+1=3+5=8#8$');
});

/** Probability that n results in a row, each slipping, end at the right one: slips can cancel. */
const survives = (n: number, slip: number) => (1 + 9 * (1 - (slip * 10) / 9) ** n) / 10;

/** Probability of a right answer from chunks over n operands: over the sizes of the first chunk. */
function chunked(n: number, shares: readonly number[], slip: number, results = 0): number {
  if (n === 0) return survives(results, slip);
  const rest = (size: number) => chunked(Math.max(0, n - size), shares, slip, results + 1);
  return shares.reduce((sum, share, i) => sum + share * rest(i + 1), 0);
}

test.each(['practice', 'mixed'] as const)(
  '%s: styles, slips and cuts as declared',
  (stage: Stage) => {
    const { styles, chunks, slip, cut } = MIXTURES[stage];
    for (const k of [3, 5, 8]) {
      const skips = Array.from({ length: Math.max(1, k - 2) }, (_, i) => survives(i + 2, slip));
      const uncut =
        styles.full * survives(k - 1, slip) +
        styles.chunks * chunked(k - 1, chunks, slip) +
        (styles.skip * skips.reduce((a, b) => a + b)) / skips.length +
        styles.direct * survives(1, slip);
      const n = 20_000;
      let [right, direct, skipped, premature] = [0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const operands = Array.from({ length: k }, (_, j) => (i * 7 + j * 3) % 10);
        const response = task.demonstrate(
          problem(...operands),
          new Random(9, k, i),
          DEFAULTS,
          stage,
        );
        const verdict = task.verify(problem(...operands), response);
        if (verdict.correct) right++;
        if (verdict.premature_end) premature++;
        const text = decode(response);
        if (text.startsWith('#')) direct++;
        // A whole response with a chain that stops before the last operand.
        if (/=.*#\d\$$/.test(text) && text.split('+').length < k) skipped++;
      }
      // Standard deviations are at most 0.0035.
      expect(Math.abs(right / n - (1 - cut) * uncut)).toBeLessThan(0.014);
      expect(Math.abs(direct / n - styles.direct)).toBeLessThan(0.014);
      expect(Math.abs(skipped / n - (1 - cut) * styles.skip)).toBeLessThan(0.014);
      // A cut never leaves an answer, as it takes away the digit at least.
      expect(Math.abs(premature / n - cut)).toBeLessThan(0.007);
    }
  },
);

test('the last stage is the mixture that was tried', () => {
  expect(MIXTURES.mixed).toEqual({
    styles: { full: 0.1, chunks: 0.4, skip: 0.2, direct: 0.3 },
    chunks: [0.4, 0.35, 0.25],
    ...{ slip: 0.1, cut: 0.05 },
  });
});

test('a demonstration that would be too long is given directly', () => {
  const values = { ...DEFAULTS, 'chain_sum.max_response': 10 };
  for (let seed = 0; seed < 500; seed++) {
    expect(demonstrate([8, 3, 1, 5, 9, 2], seed, values).length).toBeLessThanOrEqual(10);
  }
});

test('the longest full chain fits the default response', () => {
  const lengths = Array.from(
    { length: 500 },
    (_, seed) => demonstrate(Array(10).fill(9), seed).length,
  );
  expect(Math.max(...lengths)).toBe(DEFAULTS['chain_sum.max_response']);
});
