// The value head's kernels against float64, at shapes that nothing divides and at shapes that fill workgroups.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { valueBackward, valueForward, valueLoss } from '../../src/reference/value_head.ts';
import { expectClose } from '../helpers/close.ts';
import {
  ALIGNED,
  AWKWARD,
  type Bench,
  columns,
  openBench,
  padRows,
  weightGradient,
} from './bench.ts';

const KERNELS = ['value', 'value.loss', 'value.sum', 'value.d_input', 'value.d_weight'];
// As f32 holds them.
const COEFFICIENT = 0.75;
const CLIP = Math.fround(0.2);

describe.each([AWKWARD, ALIGNED].map((s) => [s.name, s] as const))('value head, %s', (_, shape) => {
  let bench: Bench;
  const { n_embd: C } = shape.config;
  beforeAll(async () => {
    bench = await openBench({ ...shape, hasValue: true }, KERNELS);
  });
  beforeEach(() => bench.reset());

  /** Random rows with their padding; every fifth row has no weight, and some values are held by the clip. */
  function given() {
    const { N, engine, layout } = bench;
    const y = bench.numbers(N * C, 1.5);
    const weight = bench.numbers(C, 0.4);
    const bias = Math.fround(-0.35);
    const weights = Float32Array.from({ length: N }, (_, n) => (n % 5 === 3 ? 0 : 0.01 * (n + 1)));
    const exact = valueForward(y, { weight, bias }, N);
    const old = exact.map((v, n) => Math.fround(v + [0, 0.1, -0.1, 0.5, -0.5, 1][n % 6]));
    const target = bench.numbers(N, 1.5);
    const { CP } = layout;
    bench.set('last.normed', padRows(y, C, CP));
    bench.setWeight('value', [...padRows(weight, C, CP), bias, 0, 0, 0]);
    bench.set(
      'facts',
      Float64Array.from({ length: 4 * N }, (_, i) => (i % 4 ? 9 : weights[i / 4])),
    );
    const targets = Float64Array.from({ length: 2 * N }, (_, i) => (i % 2 ? target : old)[i >> 1]);
    bench.set('targets', targets);
    const critic = Float32Array.of(COEFFICIENT, CLIP);
    engine.device.queue.writeBuffer(engine.uniforms.critic as GPUBuffer, 0, critic);
    const loss = valueLoss({ value: exact, old, target, weight: weights }, CLIP);
    return { N, CP, y, head: { weight, bias }, weights, exact, loss };
  }
  const passes = () => bench.policy.passes.value as NonNullable<Bench['policy']['passes']['value']>;
  // Sums of up to 160 products of size 0.6: rounding of some 1e-6.
  const near = { rtol: 1e-5, atol: 5e-6 };

  test('values alone, 0 on rows without weight', async () => {
    const { N, exact, weights } = given();
    bench.run(passes().value, 'value');
    const stats = await bench.get('values', 4 * N);
    const wanted = [...exact].flatMap((v, n) => [0, weights[n] ? v : 0, 0, 0]);
    expectClose(stats, wanted, near);
  });

  test('values, losses, what the clip holds, gradient in the values; and their sums', async () => {
    const { N, exact, weights, loss } = given();
    bench.run(passes().loss, 'value.loss');
    bench.run(passes().loss, 'value.sum');
    const stats = await bench.get('values', 4 * N);
    expectClose(
      columns(stats, 4, 1, 2),
      exact.map((v, n) => (weights[n] ? v : 0)),
      near,
    );
    expect([...columns(stats, 4, 2, 3)]).toEqual(loss.held.map(Number));
    expect(loss.held.filter(Boolean).length).toBeGreaterThan(1);
    expect(loss.held.filter((held, n) => !held && weights[n]).length).toBeGreaterThan(1);
    const d_value = loss.d_value.map((d) => COEFFICIENT * d);
    expectClose(columns(stats, 4, 3, 4), d_value, { rtol: 1e-5, atol: 5e-6 });
    const sums = await bench.get('value_sums', 4);
    const held = loss.held.filter(Boolean).length;
    expectClose([sums[0], sums[2]], [loss.loss, held], { rtol: 1e-5, atol: 1e-6 });
  });

  test('the gradient in what it reads is added to the policy’s', async () => {
    const { N, CP, y, head } = given();
    const d_value = bench.numbers(N, 0.5);
    const before = bench.numbers(N * C, 0.5);
    bench.set(
      'values',
      Float64Array.from({ length: 4 * N }, (_, i) => (i % 4 === 3 ? d_value[i >> 2] : 7)),
    );
    bench.set('d_normed', padRows(before, C, CP));
    bench.run(bench.policy.passes.backward, 'value.d_input');
    const { d_y } = valueBackward(d_value, y, head);
    const after = await bench.get('d_normed', N * CP);
    expectClose(
      columns(after, CP, 0, C),
      d_y.map((d, i) => d + before[i]),
      near,
    );
    expect(columns(after, CP, C, CP).every((x) => x === 0)).toBe(true);
  });

  test('the gradient of its weight and bias', async () => {
    const { N, CP, y, head } = given();
    const d_value = bench.numbers(N, 0.5);
    bench.set(
      'values',
      Float64Array.from({ length: 4 * N }, (_, i) => (i % 4 === 3 ? d_value[i >> 2] : 7)),
    );
    const gradient = await weightGradient(bench, 'value.d_weight', 'value');
    const { d_weight, d_bias } = valueBackward(d_value, y, head);
    const wanted = [...padRows(d_weight, C, CP), d_bias, 0, 0, 0];
    expectClose(gradient, wanted, near);
  });
});
