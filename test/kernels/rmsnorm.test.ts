import { beforeAll, describe, expect, test } from 'vitest';
import { rmsnormBackward, rmsnormForward } from '../../src/reference/ops.ts';
import { expectClose } from '../helpers/close.ts';
import { ALIGNED, AWKWARD, type Bench, openBench, padRows, weightGradient } from './bench.ts';

// Sums of at most 160 products of size about 1, then one inverseSqrt (2 ulp) and a few products:
// relative errors of about 1e-6, against 5e-6; absolute where terms of size 1 cancel.
const tolerance = { rtol: 5e-6, atol: 5e-6 };

describe.each([AWKWARD, ALIGNED].map((s) => [s.name, s] as const))('%s shape', (_, shape) => {
  const { n_embd: C, rms_eps: eps } = shape.config;
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(shape, ['norm', 'norm.decode', 'norm.backward', 'norm.backward_first']);
  });

  /** Inputs of one norm, in the buffers, and the reference's forward pass. */
  function prepare(x: string, matrix: string) {
    const { N, layout } = bench;
    const values = bench.numbers(N * C);
    // A row so small that eps decides, and a large one.
    for (let c = 0; c < C; c++) {
      values[c] *= 2 ** -10;
      values[C + c] *= 1024;
    }
    const weight = bench.numbers(C);
    bench.reset();
    bench.set(x, padRows(values, C, layout.CP));
    bench.setWeight(matrix, padRows(weight, C, layout.CP));
    return { values, weight, ...rmsnormForward(values, weight, N, C, eps) };
  }

  test.each([
    [0, '0.norm2', '0.middle', '0.normed2', '0.rstd2'],
    [1, 'norm', 'last.residual', 'last.normed', 'last.rstd'],
  ])('norm, launch %d: %s', async (at, matrix, x, y, rstd) => {
    const { N, layout, policy } = bench;
    const expected = prepare(x, matrix);
    bench.run(policy.passes.forward, 'norm', at);
    const actual = await bench.get(y, N * layout.CP);
    expectClose(actual, padRows(expected.out, C, layout.CP), { ...tolerance, label: y });
    expectClose(await bench.get(rstd, N), expected.rstd, { ...tolerance, label: rstd });
  });

  test('norm.decode passes over finished sequences', async () => {
    const { layout, policy, engine } = bench;
    const B = 5;
    const finished = [0, 1, 0, 0, 1];
    const expected = prepare('0.residual', '0.norm1');
    engine.device.queue.writeBuffer(engine.uniforms.rollout, 0, Uint32Array.from([B, 4]));
    bench.setIntegers(
      'state',
      finished.flatMap((f) => [1, f]),
    );
    bench.inOrder(B);
    bench.run(policy.passes.decodeToken, 'norm.decode', 0, B);
    const { CP } = layout;
    const actual = await bench.get('0.normed1', 8 * CP);
    const want = padRows(expected.out, C, CP);
    for (let b = 0; b < 8; b++) {
      const row = actual.subarray(b * CP, (b + 1) * CP);
      if (finished[b] === 0) expectClose(row, want.subarray(b * CP, (b + 1) * CP), tolerance);
      else expect([...row], `row ${b}`).toEqual(Array(CP).fill(Number.NaN));
    }
  });

  test.each([
    ['norm.backward_first', 0, 'norm', 'last.residual', 'last.rstd'],
    ['norm.backward', 0, '0.norm2', '0.middle', '0.rstd2'],
    ['norm.backward', 1, '0.norm1', '0.residual', '0.rstd1'],
  ])('%s, launch %d: %s', async (label, at, matrix, x, rstd) => {
    const { N, layout, policy } = bench;
    const { values, weight, rstd: r } = prepare(x, matrix);
    const d_y = bench.numbers(N * C);
    const before = bench.numbers(N * C);
    const first = label === 'norm.backward_first';
    bench.set(rstd, r);
    bench.set('d_normed', padRows(d_y, C, layout.CP));
    // The last norm's is the first gradient to reach the residual stream: it overwrites NaN.
    if (!first) bench.set('d_residual', padRows(before, C, layout.CP));
    bench.run(policy.passes.backward, label, at);
    const actual = await bench.get('d_residual', N * layout.CP);
    const { dX } = rmsnormBackward(d_y, values, weight, r, N, C);
    const expected = dX.map((d, i) => d + (first ? 0 : before[i]));
    // Relative to the row: the first two rows have gradients 300 times as large, and as small.
    for (let n = 0; n < N; n++) {
      const row = expected.subarray(n * C, (n + 1) * C);
      const size = Math.max(...row.map(Math.abs));
      expectClose(actual.subarray(n * layout.CP, (n + 1) * layout.CP), padRows(row, C, layout.CP), {
        rtol: 5e-6,
        atol: 5e-6 * size,
        label: `row ${n}`,
      });
    }
  });

  test.each([
    ['norm.backward_first', 0, 'norm', 'last.residual', 'last.rstd'],
    ['norm.backward', 0, '0.norm2', '0.middle', '0.rstd2'],
    ['norm.backward', 1, '0.norm1', '0.residual', '0.rstd1'],
  ])('the weight of %s, launch %d: %s', async (label, at, matrix, x, rstd) => {
    const { N, layout } = bench;
    const { values, weight, rstd: r } = prepare(x, matrix);
    const d_y = bench.numbers(N * C);
    bench.set(rstd, r);
    bench.set('d_normed', padRows(d_y, C, layout.CP));
    const actual = await weightGradient(bench, label, matrix, { at });
    const { dWeight } = rmsnormBackward(d_y, values, weight, r, N, C);
    expectClose(actual, padRows(dWeight, C, layout.CP), tolerance);
  });
});
