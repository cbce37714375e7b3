// The order of the TypeScript stages, and what they hand to the fused loss.
import { describe, expect, test } from 'vitest';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { composeMethods, OBJECTIVE_WEIGHT } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method, TermMethod, WeightMethod } from '../../src/methods/method.ts';
import { packBatch } from '../../src/model/batch.ts';
import { credit, tokenConstants } from '../../src/train/stages.ts';

const grpo = METHODS.get('grpo') as Method;
const ppo = METHODS.get('ppo_clip') as TermMethod;
const VALUES = { 'grpo.scale_by_std': 0, 'halve.by': 2 };

const described = {
  ...{ label: '', summary: '', formula: '', paper: grpo.paper, fidelity: 'own' as const },
  params: {},
};
const bonus: Method = {
  ...{ ...described, id: 'bonus', stage: 'reward' },
  rewards: ({ reward }) => reward.map((r) => r + 1),
};
const double: Method = {
  ...{ ...described, id: 'double', stage: 'reward' },
  rewards: ({ reward }) => reward.map((r) => 2 * r),
};
const halve: Method = {
  ...{ ...described, id: 'halve', stage: 'shape' },
  shape: ({ advantage }, values) => advantage.map((a) => a / (values['halve.by'] as number)),
};
const first: Method = {
  ...{ ...described, id: 'first', stage: 'shape' },
  shape: ({ advantage }) => advantage.map((a, n) => (n === 0 ? a + 1 : a)),
};
const batch = tokenBatch([2, 1, 3], {
  group: Uint32Array.of(0, 0, 0),
  reward: Float64Array.of(1, 0, 0.5),
});

describe('credit', () => {
  test('rewards as listed, then the advantage, then shapes as listed', () => {
    const result = credit([halve, first, double, bonus, ppo, grpo], batch, VALUES);
    expect([...result.reward]).toEqual([3, 1, 2]);
    expect([...result.advantage]).toEqual([1.5, 0.5, -0.5, 0, 0, 0]);
    const other = credit([first, halve, grpo], batch, VALUES);
    expect([...other.advantage]).toEqual([0.75, 0.25, -0.25, 0, 0, 0]);
    expect([...batch.reward]).toEqual([1, 0, 0.5]);
  });

  test('takes advantages per token', () => {
    const tokens: Method = {
      ...{ ...described, id: 'tokens', stage: 'advantage' },
      advantages: () => Float32Array.of(1, 2, 3, 4, 5, 6),
    };
    expect([...credit([tokens], batch, {}).advantage]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('names a stage that gives too few numbers or bad ones', () => {
    const few: Method = { ...halve, id: 'few', shape: () => new Float32Array(2) };
    expect(() => credit([grpo, few], batch, VALUES)).toThrow('few: needs 6 numbers, got 2');
    const bad: Method = { ...double, id: 'bad', rewards: () => [1, Number.NaN, 2] };
    expect(() => credit([bad, grpo], batch, VALUES)).toThrow(
      'bad: numbers must be finite, got NaN',
    );
    expect(() => credit([ppo], batch, VALUES)).toThrow('needs an advantage method, got none');
  });
});

describe('constants', () => {
  const weigh = (weights: number[], drops: boolean): WeightMethod => ({
    ...{ ...described, id: 'weigh', stage: 'weight' },
    weights: () => Float32Array.from(weights),
    dropsTokens: () => drops,
  });
  const constant: Method = {
    ...{ ...described, id: 'a_constant', stage: 'regularizer' },
    constants: () => Float32Array.of(1, 2, 3, 4, 5, 6),
    wgsl: 'fn a_constant(t: Token, c: f32) -> Term { return Term(0.0, 0.0, 0.0, 0.0); }',
  };
  const constants = (methods: Method[], mode: 'token_mean' | 'seq_mean_token_mean') =>
    tokenConstants(methods, composeMethods(methods), batch, { mode, maxResponse: 4 }, {});
  const objective = (...args: Parameters<typeof constants>) => [...constants(...args)];

  test('the kernel reads nothing where no method has any', () => {
    const composed = composeMethods([grpo, ppo]);
    expect(composed.columns).toEqual([]);
    expect(composed.wgsl).not.toContain('constants');
  });

  test('columns stand in the order of the text', () => {
    const composed = composeMethods([weigh([1], true), ppo, constant]);
    expect(composed.columns).toEqual(['a_constant', OBJECTIVE_WEIGHT]);
    expect(composed.wgsl).toContain('a_constant(t, constants[2u * n + 0u])');
    expect(composed.wgsl).toContain('return term_scale(ppo_clip(t), constants[2u * n + 1u]);');
    const got = constants([weigh([1, 1, 0, 1, 1, 1], false), ppo, constant], 'token_mean');
    expect([...got]).toEqual([1, 1, 2, 1, 3, 0, 4, 1, 5, 1, 6, 1]);
  });

  test('weight 1 leaves the objective exactly as it was', () => {
    for (const mode of ['token_mean', 'seq_mean_token_mean'] as const) {
      expect(objective([weigh([1, 1, 1, 1, 1, 1], true), ppo], mode)).toEqual(Array(6).fill(1));
    }
  });

  test('dropped tokens leave the denominator where the source takes them out of the mask', () => {
    const weights = [1, 0, 0, 2, 0, 1];
    expect(objective([weigh(weights, false), ppo], 'token_mean')).toEqual(weights);
    // Of 6 tokens 3 count: each counts twice.
    expect(objective([weigh(weights, true), ppo], 'token_mean')).toEqual([2, 0, 0, 4, 0, 2]);
    // One token of two counts; the second response has none and leaves; two of three count; 2 responses of 3.
    const means = objective([weigh(weights, true), ppo], 'seq_mean_token_mean');
    [3, 0, 0, 4.5, 0, 2.25].forEach((x, n) => {
      expect(means[n]).toBeCloseTo(x, 6);
    });
  });

  test('nothing counts where everything is dropped', () => {
    expect(objective([weigh(Array(6).fill(0), true), ppo], 'token_mean')).toEqual(Array(6).fill(0));
  });

  test('an objective with an aggregation of its own has it whatever the trainer says', () => {
    const own: Method = { ...ppo, aggregate: 'seq_mean_token_mean' };
    expect(objective([own], 'seq_mean_token_mean')).toEqual(Array(6).fill(1));
    // 1 / (3 · length) over 1/6.
    [1, 1, 2, 2 / 3, 2 / 3, 2 / 3].forEach((x, n) => {
      expect(objective([own], 'token_mean')[n]).toBeCloseTo(x, 6);
    });
  });

  test('stand on the row that predicts their token', () => {
    const sequence = { prompt: [1, 2], response: [3, 4], weight: 1, old_logp: [-1, -1] };
    const packed = packBatch([
      { ...sequence, advantage: [5, 6], constants: [1, 2, 3, 4] },
      { ...sequence, advantage: 7, constants: [5, 6, 7, 8] },
    ]);
    expect([...packed.constants!]).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const advantages = packed.facts.filter((_, i) => i % 4 === 1);
    expect([...advantages]).toEqual([0, 5, 6, 7, 7]);
    const plain = { ...sequence, advantage: 1 };
    expect(packBatch([plain]).constants).toBeUndefined();
    expect(() => packBatch([plain, { ...plain, constants: [1, 2] }])).toThrow(
      'packBatch: needs 0 constants per token, got 1',
    );
  });
});
