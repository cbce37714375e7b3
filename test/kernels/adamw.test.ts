import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectClose } from '../helpers/close.ts';
import { type AdamWSettings, adamwInit, adamwStep } from '../reference/adamw.ts';
import { AWKWARD, type Bench, openBench } from './bench.ts';

const SETTINGS: AdamWSettings = {
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-3,
  weight_decay: 0.1,
  max_norm: 1e9,
};

let bench: Bench;
let size: number;
const { splits } = AWKWARD.sizes;
beforeAll(async () => {
  bench = await openBench(AWKWARD, ['grad_reduce', 'grad_norm', 'adamw']);
  size = bench.layout.size;
});
beforeEach(() => bench.reset());

function setUniform(s: AdamWSettings, t: number) {
  const corrections = [1 - s.beta1 ** t, 1 - s.beta2 ** t];
  const values = [s.lr, s.beta1, s.beta2, s.eps, s.weight_decay, s.max_norm, ...corrections];
  bench.engine.device.queue.writeBuffer(bench.engine.uniforms.adam, 0, Float32Array.from(values));
}

function step() {
  for (const label of ['grad_reduce', 'grad_norm', 'adamw']) {
    bench.run(bench.policy.optimizer, label);
  }
}

/** Partial gradients, and their sum in float64. */
function gradients(scale: number) {
  const partial = bench.numbers(splits * size, scale);
  bench.set('partial', partial);
  return Float64Array.from({ length: size }, (_, i) =>
    Array.from({ length: splits }, (_, s) => partial[s * size + i]).reduce((a, b) => a + b),
  );
}

const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

// The tail of the last chunk of 4096 is what a wrong bound would miss.
test('the size under test is no multiple of a chunk', () => {
  expect(size).toBeGreaterThan(4096);
  expect(size % 4096).not.toBe(0);
});

test('grad_reduce adds the splits and grad_norm takes the norm', async () => {
  const expected = gradients(1);
  bench.run(bench.policy.optimizer, 'grad_reduce');
  bench.run(bench.policy.optimizer, 'grad_norm');
  // Three numbers of size 1: two roundings.
  expectClose(await bench.get('grad', size), expected, { rtol: 1e-6, atol: 2e-7 });
  // Squares are positive: relative errors of the sum stay at a few 2^-24.
  expectClose(await bench.get('norm', 1), [norm(expected)], { rtol: 2e-6, label: 'norm' });
});

describe.each([
  ['unclipped', 1, {}],
  ['clipped to a norm of 1', 1, { max_norm: 1 }],
  ['at the settings of training', 0.01, { eps: 1e-8, max_norm: 1 }],
  ['no decay, other moments', 1, { weight_decay: 0, beta1: 0.5, beta2: 0.999, lr: 0.3 }],
])('adamw, %s', (_, scale, changes) => {
  test('three steps', async () => {
    // Rounded as the uniform holds them: 1 − f32(0.999) alone is 1.3e-5 off 0.001.
    const exact = Object.entries({ ...SETTINGS, ...changes });
    const settings = Object.fromEntries(
      exact.map(([name, value]) => [name, Math.fround(value)]),
    ) as unknown as AdamWSettings;
    const theta = bench.numbers(size);
    const params = new Map([['all', Float64Array.from(theta)]]);
    const state = adamwInit(params);
    bench.engine.writePolicy(bench.policy, { parameters: theta });
    for (let t = 1; t <= 3; t++) {
      const grads = new Map([['all', gradients(scale)]]);
      const expected = adamwStep(params, grads, state, settings);
      setUniform(settings, t);
      step();
      expectClose(await bench.get('norm', 1), [expected], { rtol: 2e-6, label: `norm ${t}` });
    }
    const actual = await bench.engine.readPolicy(bench.policy);
    // A handful of f32 operations per step on numbers up to 1, whose rounding is 6e-8. v adds
    // squares, so its relative error stays small; the step's is that of m where m cancels.
    expectClose(actual.m, state.m.get('all') ?? [], { rtol: 5e-6, atol: 5e-7, label: 'm' });
    expectClose(actual.v, state.v.get('all') ?? [], { rtol: 5e-6, atol: 1e-12, label: 'v' });
    expectClose(actual.parameters, params.get('all') ?? [], { rtol: 2e-6, atol: 2e-6, label: 'θ' });
  });
});

test('workgroups in several rows reach every element once', async () => {
  const before = { parameters: bench.numbers(size) };
  gradients(1);
  setUniform(SETTINGS, 1);
  const results = [];
  for (const rows of [1, 3]) {
    bench.engine.writePolicy(bench.policy, before);
    for (const label of ['grad_reduce', 'grad_norm']) bench.run(bench.policy.optimizer, label);
    const x = Math.ceil(size / 4 / 64 / rows);
    const launches = bench.policy.optimizer.map((l) => ({
      ...l,
      workgroups: () => [x, rows] as const,
    }));
    bench.run(launches, 'adamw');
    results.push((await bench.engine.readPolicy(bench.policy)).parameters);
  }
  // The same arithmetic on each element, by whichever thread.
  expectClose(results[1], results[0], { rtol: 0, atol: 0 });
  expect(results[0].every((x, i) => x !== before.parameters[i])).toBe(true);
});

test.each([
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['minus infinity', Number.NEGATIVE_INFINITY],
  // Finite, but its square is not: the norm cannot be told, so nothing is known of the step.
  ['1e30', 1e30],
])('a gradient with one %s leaves θ, m and v as they were', async (_, bad) => {
  const before = {
    parameters: bench.numbers(size),
    m: bench.numbers(size),
    v: bench.numbers(size).map(Math.abs),
  };
  bench.engine.writePolicy(bench.policy, before);
  gradients(1);
  // In the last split, among the last elements.
  const { device, workspace } = bench.engine;
  const at = 4 * (splits * size - 3);
  device.queue.writeBuffer(workspace.buffer('partial'), at, Float32Array.from([bad]));
  setUniform(SETTINGS, 1);
  step();
  expect((await bench.get('norm', 1))[0]).not.toSatisfy(Number.isFinite);
  const after = await bench.engine.readPolicy(bench.policy);
  for (const key of ['parameters', 'm', 'v'] as const) {
    // Untouched: not one bit may change.
    expectClose(after[key], before[key], { rtol: 0, atol: 0, label: key });
  }
  // The next good gradient moves them again.
  gradients(1);
  step();
  const moved = await bench.engine.readPolicy(bench.policy);
  expect(moved.parameters.some((x, i) => x !== before.parameters[i])).toBe(true);
  expect(moved.parameters.every(Number.isFinite)).toBe(true);
});
