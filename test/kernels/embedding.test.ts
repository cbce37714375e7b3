import { beforeAll, describe, expect, test } from 'vitest';
import { embeddingBackward, embeddingForward, rmsnormForward } from '../../src/reference/ops.ts';
import { expectClose } from '../helpers/close.ts';
import { ALIGNED, AWKWARD, type Bench, openBench, padRows, weightGradient } from './bench.ts';

describe.each([AWKWARD, ALIGNED].map((s) => [s.name, s] as const))('%s shape', (_, shape) => {
  const { n_embd: C, vocab_size: V } = shape.config;
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(shape, ['embedding', 'embedding.d_weight']);
  });

  test('embedding copies the rows of the tokens, and norms them for the first layer', async () => {
    const { N, layout, packed, policy } = bench;
    const weight = bench.numbers(V * C);
    const scale = bench.numbers(C);
    bench.reset();
    bench.setWeight('embed', padRows(weight, C, layout.CP));
    bench.setWeight('0.norm1', padRows(scale, C, layout.CP));
    bench.run(policy.passes.forward, 'embedding');
    const actual = await bench.get('0.residual', shape.sizes.rows * layout.CP);
    const expected = padRows(embeddingForward(weight, packed.token, C), C, layout.CP);
    // A copy: not one bit may change.
    expectClose(actual.subarray(0, N * layout.CP), expected, { rtol: 0, atol: 0 });
    expect(actual.subarray(N * layout.CP).every(Number.isNaN), 'rows after the last').toBe(true);
    const { rms_eps: eps } = shape.config;
    const rows = embeddingForward(weight, packed.token, C);
    const norm = rmsnormForward(rows, scale, N, C, eps);
    // As in rmsnorm.test.ts.
    const tolerance = { rtol: 5e-6, atol: 5e-6 };
    const normed = await bench.get('0.normed1', N * layout.CP);
    expectClose(normed, padRows(norm.out, C, layout.CP), tolerance);
    expectClose(await bench.get('0.rstd1', N), norm.rstd, tolerance);
  });

  // One row: fewer rows than splits. Eight: the second share of three would begin beyond the last.
  test.each([1, 8, 0])('embedding.d_weight of %d rows (0: all)', async (some) => {
    const { layout, packed } = bench;
    const count = some || bench.N;
    const d_x = bench.numbers(count * C);
    bench.reset(count);
    bench.set('d_residual', padRows(d_x, C, layout.CP));
    const actual = await weightGradient(bench, 'embedding.d_weight', 'embed', { count });
    const expected = embeddingBackward(d_x, packed.token.slice(0, count), V, C);
    // At most 20 numbers of size 1 are added: an error of a few 2^-24, against 16.
    expectClose(actual, padRows(expected, C, layout.CP), { rtol: 0, atol: 1e-6 });
    expect([...actual.subarray(0, C)], 'id 0 does not occur').toEqual(Array(C).fill(0));
  });
});
