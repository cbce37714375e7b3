// Slow motion: what the phases show of a step's numbers, filled formulas against each method's own code, and the
// commands and states behind the window.
import { describe, expect, it, test } from 'vitest';
import type { SlowArm, SlowResponse, SlowStep } from '../../src/core/slow_step.ts';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { METHODS } from '../../src/methods/index.ts';
import { filledAdvantage } from '../../src/ui/slow/advantage_tex.ts';
import { createSlowMotion } from '../../src/ui/slow/motion.ts';
import { PHASES, tokenPace } from '../../src/ui/slow/phases.ts';
import {
  CHANGES,
  COEFFICIENTS,
  fewOf,
  followsAdvantage,
  fullOf,
  isSame,
  isSamePrompt,
  meanChange,
  rangeOf,
} from '../../src/ui/slow/shaping.ts';
import type { Command, Event } from '../../src/worker/protocol.ts';

function response(reward: number, length: number, A: number): SlowResponse {
  const row = (x: number) => new Array<number>(length).fill(x);
  return {
    tokens: Array.from({ length }, (_, t) => t),
    logp: row(-1),
    entropy: row(0.5),
    task_reward: reward,
    reward,
    correct: reward > 0,
    reason: '',
    estimate: row(A),
    advantage: row(A),
    weight: 2,
    terms: [
      { d_logp: row(-A), d_entropy: row(0), bound: row(0) },
      { d_logp: row(0), d_entropy: row(-0.5 * A), bound: row(0) },
    ],
    before: { logp: row(-1), entropy: row(0.5), p_eos: row(0) },
    after: { logp: row(-1 + 0.1 * A), entropy: row(0.75), p_eos: row(0) },
  };
}

function armWith(method: string, rewards: number[], values: Record<string, number> = {}): SlowArm {
  const found = METHODS.get(method);
  if (found?.stage !== 'advantage') throw new Error(`no advantage ${method}`);
  const lengths = rewards.map((_, i) => i + 2);
  const N = lengths.reduce((a, b) => a + b);
  const batch = tokenBatch(lengths, {
    group: new Uint32Array(rewards.length),
    reward: Float64Array.from(rewards),
    old_logp: new Float32Array(N),
  });
  const A = found.advantages(batch, values);
  return {
    ...{ arm: 'a', prompt: [1, 2], answer: '7', learned: 8, updates: 1, shapes: [], rewards: [] },
    advantage: { method, values },
    terms: [
      { method: 'ppo_clip', values: {} },
      { method: 'ib_entropy', values: {} },
    ],
    responses: rewards.map((reward, i) =>
      response(reward, lengths[i], A.length === N ? A[batch.starts[i]] : A[i]),
    ),
  };
}

/** The arithmetic of a line such as `R = 1:\quad A = \frac{1 - 0.250}{0.500 + 10^{-6}} = {1.500}`, computed. */
function lineHolds(line: string): boolean {
  const [, sum, result] = /A = (.*) = \{(.*)\}$/.exec(line) ?? [];
  if (!sum) return false;
  const plain = sum
    .replace(/\\t?frac\{(.*?)\}\{(.*)\}/, '(($1)/($2))')
    .replace(/\\cdot/g, '*')
    .replace(/10\^\{-6\}/g, '1e-6');
  if (!/^[-+*/().\d\se]+$/.test(plain)) throw new Error(`not arithmetic: ${plain}`);
  const value = new Function(`return ${plain}`)() as number;
  return Math.abs(value - Number(result)) < 0.006;
}

describe('the advantage with its numbers', () => {
  test.each([
    ['grpo', [1, 0, 0, 1, 0], { 'grpo.scale_by_std': 1 }],
    ['grpo', [1, 0, 0.5, 0.5], { 'grpo.scale_by_std': 0 }],
    ['rloo', [1, 0, 0, 0], {}],
    ['opo', [1, 0, 0, 1], {}],
    ['grpo_passk', [0, 1, 0, 0.5], {}],
  ] as const)('%s %j: what stands there gives what the method gave', (method, rewards, values) => {
    const { formula, lines, note } = filledAdvantage(armWith(method, [...rewards], values));
    expect(note).toBeUndefined();
    expect(formula).toContain('A_');
    const filled = lines.filter((line) => /A = .* = /.test(line));
    expect(filled.length).toBeGreaterThan(0);
    for (const line of filled) expect(lineHolds(line), line).toBe(true);
    if (method !== 'grpo_passk') expect(filled).toHaveLength(new Set(rewards).size);
  });

  it('says so where a group teaches nothing', () => {
    const { lines, note } = filledAdvantage(armWith('grpo', [1, 1, 1], { 'grpo.scale_by_std': 1 }));
    expect(note).toMatch(/nothing to compare/);
    expect(lines.at(-1)).toMatch(/A = \{0\.000\}$/);
  });

  it('fills nothing in for statistics of a batch that it does not have', () => {
    const arm = armWith('reinforce_plus_plus', [1, 0, 0], { 'reinforce_plus_plus.gamma': 1 });
    const { lines, note } = filledAdvantage(arm);
    expect(note).toMatch(/whole batch/);
    expect(lines.filter((line) => /A = \{-?\d/.test(line))).toHaveLength(2);
  });
});

describe('what arms are compared by', () => {
  const arm = armWith('grpo', [1, 0, 0, 1], { 'grpo.scale_by_std': 0 });
  const [entropy, token] = COEFFICIENTS;

  it('pays what the loss falls by, with the weight of the response', () => {
    expect(token.of(arm.responses[0])).toEqual([1, 1]);
    expect(entropy.of(arm.responses[1])).toEqual([-0.5, -0.5, -0.5]);
    expect(fullOf([arm], entropy)).toBe(0.5);
    expect(rangeOf(arm, entropy)).toEqual([-0.5, 0.5]);
    expect(followsAdvantage(arm, entropy)).toBe(true);
    const naive = { ...arm, responses: arm.responses.map((r) => ({ ...r, terms: [{ ...r.terms[0], d_entropy: r.tokens.map(() => -0.2) }] })) }; // biome-ignore format: one object
    expect(rangeOf(naive, entropy)).toEqual([0.4, 0.4]);
    expect(followsAdvantage(naive, entropy)).toBe(false);
  });

  it('leaves out what is paid for another functional', () => {
    const [r] = arm.responses;
    const other = { d_logp: [Number.NaN, Number.NaN], d_entropy: [Number.NaN, 0], bound: [0, 0] };
    expect(entropy.of({ ...r, terms: [...r.terms, other] })).toEqual(entropy.of(r));
  });

  it('tells changes per token and their mean', () => {
    const [logp, H] = CHANGES;
    expect(logp.of(arm.responses[0])[0]).toBeCloseTo(0.05);
    expect(meanChange(arm.responses, H)).toBeCloseTo(0.25);
    expect(meanChange([], H)).toBeNaN();
  });

  it('chooses good and bad responses for a first sight, in the order of sampling', () => {
    const many = armWith('grpo', [0, 0, 0, 1, 0, 0, 1, 0], { 'grpo.scale_by_std': 1 });
    expect(fewOf(many.responses, 4)).toEqual([3, 5, 6, 7]);
    expect(fewOf(many.responses.slice(0, 3), 4)).toEqual([0, 1, 2]);
  });

  it('knows whether arms wrote the same, or at least answered the same', () => {
    const step = (arms: SlowArm[]): SlowStep => ({ seed: 0, step: 1, arms });
    expect(isSame(step([arm, { ...arm, arm: 'b' }]))).toBe(true);
    const other = { ...arm, responses: arm.responses.slice(1) };
    expect(isSame(step([arm, other]))).toBe(false);
    expect(isSamePrompt(step([arm, other]))).toBe(true);
    expect(isSamePrompt(step([arm, { ...arm, prompt: [3] }]))).toBe(false);
  });
});

describe('the window’s state', () => {
  const step: SlowStep = { seed: 0, step: 3, arms: [] };
  function open() {
    const sent: Command[] = [];
    let tell: (event: Event) => void = () => {};
    const slow = createSlowMotion({
      send: (command) => sent.push(command),
      onEvent: (listener) => {
        tell = listener;
      },
      close: () => {},
    });
    const heard: Event[] = [];
    slow.client.onEvent((event) => heard.push(event));
    return { slow, sent, heard, tell: (event: Event) => tell(event), get: slow.store.getState };
  }

  it('asks once, takes the answer to its own question, and begins at the first phase', () => {
    const { slow, sent, tell, get, heard } = open();
    slow.open();
    slow.take(2);
    slow.take(2);
    expect(sent).toEqual([{ type: 'slow_step', id: 1, seed: 2 }]);
    tell({ type: 'slow_step', id: 99, step });
    expect(get().step).toBeUndefined();
    tell({ type: 'slow_step', id: 1, step });
    expect(get()).toMatchObject({ step, isWaiting: false, phase: 0 });
    expect(heard).toHaveLength(2);
  });

  it('walks within the phases and stops playing at the last', () => {
    const { slow, tell, get } = open();
    slow.play();
    expect(get().isPlaying).toBe(false);
    slow.take(0);
    tell({ type: 'slow_step', id: 1, step });
    slow.go(-1);
    expect(get().phase).toBe(0);
    slow.play();
    slow.go(3);
    expect(get().isPlaying).toBe(true);
    slow.go(4);
    expect(get()).toMatchObject({ phase: 4, isPlaying: false });
    slow.go(5);
    expect(get().phase).toBe(4);
    slow.play();
    expect(get()).toMatchObject({ phase: 0, isPlaying: true });
  });

  it('forgets what was of other runs, also an answer still on its way', () => {
    const { slow, tell, get } = open();
    slow.take(0);
    slow.client.send({ type: 'reset' });
    tell({ type: 'slow_step', id: 1, step });
    expect(get()).toMatchObject({ step: undefined, isWaiting: false });
    slow.take(0);
    tell({ type: 'slow_step', id: 3, message: 'nothing is open' });
    expect(get()).toMatchObject({ message: 'nothing is open', isWaiting: false });
    slow.take(0);
    expect(get().message).toBeUndefined();
    tell({ type: 'failed', message: '', advice: '', recoverable: true });
    expect(get().isWaiting).toBe(false);
  });
});

it('writes a group in at most four seconds, and gives every phase a text', () => {
  expect(tokenPace(12) * 12).toBeLessThanOrEqual(4000);
  expect(tokenPace(200) * 200).toBeLessThanOrEqual(4000);
  expect(new Set(PHASES.map(({ title }) => title)).size).toBe(5);
});
