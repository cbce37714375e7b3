/** What the microscope and the views of tokens make of the engine's numbers: pure parts and the lens. */
import katex from 'katex';
import { describe, expect, test, vi } from 'vitest';
import type { TermInspection } from '../../src/core/inspection.ts';
import { fieldsOf, OBJECTIVE_WEIGHT } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import { isTerm, type TermMethod } from '../../src/methods/method.ts';
import { filledFormula, filledGradient } from '../../src/ui/microscope/filled.ts';
import { createLens } from '../../src/ui/microscope/lens.ts';
import { hasConstant, numbersOf } from '../../src/ui/microscope/numbers.ts';
import {
  coefficientOf,
  directionOf,
  entropyChange,
  inWords,
  pushOf,
  shortName,
  shownTokens,
  sumOf,
} from '../../src/ui/microscope/reading.ts';
import { entropyOf, heatCells } from '../../src/ui/responses/heat.ts';
import { arranged, fillOf, TINTS } from '../../src/ui/responses/tint.ts';
import type { Client } from '../../src/worker/client.ts';
import type { Command, Event, ResponseSample } from '../../src/worker/protocol.ts';

const p = Float32Array.from([0.643914, 0.236883, 0.087144, 0.032059]);
const H = 0.947537;
/** One token, V = 4: naive entropy at α 0.5 has gradient 0.5 · p (log p + H). */
const naive: TermInspection = {
  method: 'entropy_bonus',
  values: { 'entropy_bonus.alpha': 0.5 },
  weights: [],
  loss: Float32Array.from([-0.5 * H]),
  d_logp: Float32Array.from([0]),
  d_entropy: Float32Array.from([-0.5]),
  bound: Float32Array.from([0]),
  gradient: p.map((x) => 0.5 * x * (Math.log(x) + H)),
};
const token = { probabilities: p, entropy: H, logp: Math.log(p[1]), ratio: 1.25, p_eos: 0 };

const beside = (advantage: number, constants: Record<string, number> = {}) => ({
  ...{ advantage, constants },
});

describe('one token', () => {
  test('rows: the likeliest, with the taken one and the end in any case', () => {
    expect(shownTokens([0.1, 0.5, 0, 0.3, 0.1], [2], 3)).toEqual([1, 3, 2]);
    expect(shownTokens([0.5, 0.5], [0, 1], 8)).toEqual([0, 1]);
  });

  test('a bonus pushes entropy up by its squared gradient', () => {
    const push = pushOf(naive, 0, 4);
    // The squared norm of ∂H/∂z at these numbers is 0.143650.
    expect(entropyChange(p, H, push, 1)).toBeCloseTo(0.5 * 0.14365, 5);
    expect(entropyChange(p, H, sumOf([push, push], 4), 2)).toBeCloseTo(0.5 * 0.14365, 5);
    const away = push.map((x) => -x);
    expect([push, away].map((x) => directionOf(entropyChange(p, H, x, 1)))).toEqual(['up', 'down']);
    expect(directionOf(Number.NaN)).toBe('none');
  });

  test('says it in words', () => {
    const say = (...directions: ('up' | 'down' | 'none')[]) =>
      inWords(directions.map((direction, i) => ({ name: ['naive', 'IB'][i], direction })));
    expect(say('up', 'down')).toBe('naive pushes up, IB pushes down');
    expect(say('up', 'up')).toBe('naive and IB push up');
    expect(say('up', 'none')).toBe('naive pushes up, IB does nothing');
    expect([shortName('ppo_clip'), shortName('entropy_bonus')]).toEqual(['policy', 'naive']);
    expect(coefficientOf(naive)).toBe('α 0.5');
  });

  test('formulas carry the numbers', () => {
    expect(filledFormula(naive, 0, token, beside(-1))).toBe(
      String.raw`-\alpha\,H = -0.5\cdot 0.948 = -0.474`,
    );
    const ib = { ...naive, method: 'ib_entropy', values: { 'ib_entropy.alpha': 1 } };
    expect(filledFormula(ib, 0, token, beside(-1))).toContain(
      String.raw`-1\cdot (-1.000)\cdot 0.948`,
    );
    expect(filledGradient(naive, 0)).toBe(String.raw`\text{push}_j = -0.500\,p_j(\log p_j + H)`);
    const policy = { ...naive, method: 'ppo_clip', d_logp: Float32Array.from([2]) };
    expect(filledGradient(policy, 0)).toBe(
      String.raw`\text{push}_j = -2.000\,(1_{j=a}-p_j) + (-0.500)\,p_j(\log p_j + H)`,
    );
    const held = { ...policy, bound: Float32Array.from([1]) };
    expect(filledFormula(held, 0, token, beside(1))).toContain('is held');
    const small = { ...naive, loss: Float32Array.from([-1.2e-5]) };
    expect(filledFormula(small, 0, token, beside(1))).toMatch(/= -1\.2\\times 10\^\{-5\}$/);
  });
});

describe('formulas with numbers, for every term', () => {
  const terms = [...METHODS.values()].filter(isTerm);
  const termOf = (method: TermMethod): TermInspection => ({
    ...{ ...naive, method: method.id },
    values: Object.fromEntries(
      fieldsOf(method).map((name) => [`${method.id}.${name}`, method.params[name]?.default ?? 0.3]),
    ),
  });

  test.each(terms.map((method) => [method.id, method] as const))('%s', (id, method) => {
    const given = beside(-0.75, method.constants ? { [id]: 0.5 } : {});
    const term = termOf(method);
    const line = filledFormula(term, 0, token, given);
    expect(() => katex.renderToString(line, { throwOnError: true, strict: 'error' })).not.toThrow();
    expect(line).toMatch(/-0\.474/);
    const numbers = numbersOf(term, 0, token, given);
    const names = numbers.map(({ name }) => name);
    for (const name of ['A', 'H', 'ρ', 'log p', 'loss', '∂loss/∂log p', '∂loss/∂H']) {
      expect(names).toContain(name);
    }
    expect(names.includes('c')).toBe(Boolean(method.constants));
    expect(hasConstant(term, given.constants)).toBe(Boolean(method.constants));
    expect(numbers.every(({ value }) => value !== '–' && value !== '')).toBe(true);
  });

  test('products hold: what stands there gives the value at the end', () => {
    const A = -0.75;
    for (const [id, name, factor] of [
      ['entropy_bonus', 'alpha', 1],
      ['ib_entropy', 'alpha', A],
      ['abs_entropy', 'alpha', 0.75],
      ['gated_entropy', 'alpha', 0.5],
      ['shuffled_entropy', 'alpha', 0.5],
      ['spine_band', 'lambda', 0.5],
      ['adaptive_entropy', 'applied', 1],
      ['balanced_entropy', 'coefficient', A],
    ] as const) {
      const term = termOf(METHODS.get(id) as TermMethod);
      const setting = term.values[`${id}.${name}`];
      const loss = Float32Array.from([-setting * factor * H]);
      const line = filledFormula({ ...term, loss }, 0, token, beside(A, { [id]: 0.5 }));
      const [, product, result] = / = -(.*) = (.*)$/.exec(line) ?? [];
      const value = product
        .split(String.raw`\cdot `)
        .reduce((total, x) => total * Number(x.replace(/[()]/g, '')), -1);
      expect(Math.abs(value - Number(result)), line).toBeLessThan(0.002);
    }
  });

  test('what the batch decided is told apart, and no slopes where there are none', () => {
    const weighed = { ...naive, method: 'ppo_clip', values: {}, weights: ['forking_tokens'] };
    const given = beside(1, { [OBJECTIVE_WEIGHT]: 4.5 });
    expect(filledFormula(weighed, 0, token, given)).toBe('L = -0.474');
    expect(numbersOf(weighed, 0, token, given)).toContainEqual({ name: 'weight', value: '4.500' });
    expect(hasConstant(weighed, {})).toBe(true);
    expect(coefficientOf(weighed)).toBe('× forking tokens (80/20)');
    const other = { ...naive, d_logp: Float32Array.from([Number.NaN]) };
    expect(numbersOf(other, 0, token, beside(1)).map(({ name }) => name)).not.toContain('∂loss/∂H');
  });
});

describe('all tokens', () => {
  const sample = (length: number, correct: boolean): ResponseSample => ({
    tokens: Array(length).fill(0),
    entropy: Array(length).fill(0.5),
    logp: Array(length).fill(-1),
    p_eos: Array(length).fill(0.25),
    ...{ correct, reward: Number(correct), reason: '', advantage: correct ? 1 : -2 },
  });
  const samples = [sample(3, true), sample(1, false), sample(3, false), sample(2, true)];

  test('filter and order', () => {
    const places = (...args: Parameters<typeof arranged>) => arranged(...args).map((x) => x.place);
    expect(places(samples, 'all', 'sampled')).toEqual([0, 1, 2, 3]);
    expect(places(samples, 'all', 'longest')).toEqual([0, 2, 3, 1]);
    expect(places(samples, 'right', 'shortest')).toEqual([3, 0]);
    expect(places(samples, 'wrong', 'sampled')).toEqual([1, 2]);
  });

  test('tints', () => {
    const answers = { entropy: Float32Array.of(2, 0.5), logp: Float32Array.of(-3, -0.5) };
    const loss = { entropy: [0.1, 0.2, 0.3], taken: [-2, -2, 0] };
    const known = new Map([[samples[2], { ...loss, answers }]]);
    const at = (k: number, t = 0) => TINTS.map((tint) => tint.at(samples[k], t, known));
    expect(at(2)).toEqual([0.5, -2, -1, 0.25, 0.1, -2, 1.5, 2.5]);
    // The second reading is the last: what the token after it tells is not known.
    expect(at(2, 1).slice(-2)).toEqual([undefined, undefined]);
    const unknown = Array(4).fill(undefined);
    expect(at(0)).toEqual([0.5, 1, 0.5, 0.25, ...unknown]);
    expect(fillOf(-0.5, 2, true)).toMatchObject({ height: 0.5, sign: 'minus' });
    expect(fillOf(9, 2, false)).toMatchObject({ height: 1, sign: 'plain' });
    expect(fillOf(undefined, 2, true).height).toBe(0);
    expect(fillOf(Number.NaN, 2, true).height).toBe(0);
  });

  test('how undecided a distribution is', () => {
    expect(entropyOf([0.5, 0.5, 0])).toBeCloseTo(Math.LN2, 12);
    expect(entropyOf([])).toBeNaN();
  });
});

describe('the lens', () => {
  function setUp() {
    const sent: Command[] = [];
    let tell: (event: Event) => void = () => {};
    const inner: Client = {
      send: (command) => void sent.push(command),
      onEvent: (listener) => {
        tell = listener;
      },
      close: () => {},
    };
    const lens = createLens(inner);
    const heard: Event[] = [];
    lens.client.onEvent((event) => heard.push(event));
    return { lens, sent, heard, tell: (event: Event) => tell(event) };
  }
  const sample = { tokens: [1, 2], logp: [-1, -1], advantage: 0.5 } as ResponseSample;
  const target = { arm: 'a', seed: 0, step: 3, prompt: [7], sample, position: 1 };
  const inspection = { arm: 'a', seed: 0, step: 3, temperature: 1, arms: [], responses: [] };
  const asked = (sent: Command[]) => sent.filter((command) => command.type === 'inspect');

  test('asks for the token, and once more for the newest of several what-ifs', async () => {
    const { lens, sent, tell } = setUp();
    lens.look(target);
    lens.setWhatIf(-1);
    lens.setWhatIf(-2);
    expect(asked(sent)).toHaveLength(1);
    tell({ type: 'inspection', id: 1, inspection });
    await vi.waitFor(() => expect(asked(sent)).toHaveLength(2));
    expect(asked(sent).map((c) => c.responses[0].advantage)).toEqual([0.5, -2]);
    expect(lens.store.getState()).toMatchObject({ inspection, isWaiting: true, whatIf: -2 });
    tell({ type: 'inspection', id: 2, message: 'nothing is open' });
    await vi.waitFor(() => expect(lens.store.getState().message).toBe('nothing is open'));
  });

  test('waits no longer for an engine that is gone', async () => {
    const { lens, tell } = setUp();
    lens.look(target);
    lens.checkEngine();
    const message = 'worker: gone';
    tell({ type: 'failed', message, advice: 'Reload the page.', recoverable: false });
    expect(lens.store.getState().trust).toEqual({ isRunning: false, message });
    await vi.waitFor(() =>
      expect(lens.store.getState()).toMatchObject({ isWaiting: false, message }),
    );
  });
});

test('cells of a heat map are gathered by shade, each at its place', () => {
  const cells = heatCells(
    [
      { x: 0, row: [1, 0, 0.25] },
      { x: 10, row: [0.25, 1, 1e-6] },
    ],
    10,
    15,
  );
  expect(cells).toEqual([
    { shade: 0.5, d: 'M0.0 30h10.0v14h-10.0zM10.0 0h10.0v14h-10.0z' },
    { shade: 1, d: 'M0.0 0h10.0v14h-10.0zM10.0 15h10.0v14h-10.0z' },
  ]);
});
