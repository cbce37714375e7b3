// The linear layers, forward (NT), in their input (NN) and in their weight (TN), with each epilogue.
// Operands are random in the padding too: what the kernels do does not depend on it being zero.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  add,
  linearBackward,
  linearForward,
  type Numbers,
  rope,
  swigluBackward,
  swigluForward,
} from '../../src/reference/ops.ts';
import { expectClose } from '../helpers/close.ts';
import {
  ALIGNED,
  AWKWARD,
  type Bench,
  beside,
  columns,
  eachTile,
  fileHeads,
  openBench,
  storeHeads,
  weightGradient,
} from './bench.ts';

// Sums of at most 480 products of numbers in [−1, 1): partial sums reach about 10, each step rounds
// by up to 2^-24 of that, and the errors add up like a random walk: 480^½ · 3e-7 = 7e-6 at worst.
const tolerance = { rtol: 1e-5, atol: 1e-5 };

const KERNELS = ['qkv', 'o', 'gate_up', 'down', 'head'].flatMap((layer) =>
  ['', '.decode', '.backward'].map((kernel) => layer + kernel),
);

describe.each(eachTile(AWKWARD, ALIGNED))('%s', (_, shape) => {
  const { n_embd, n_head: H, rope_theta } = shape.config;
  const width = n_embd / H;
  let bench: Bench;
  /** Inner and outer size of a layer's matrix as stored. */
  const size = (matrix: string): [I: number, O: number] => {
    const spec = bench.layout.matrices.get(matrix);
    return [spec?.columns ?? 0, spec?.rows ?? 0];
  };
  beforeAll(async () => {
    bench = await openBench(shape, KERNELS);
  });

  /** What RoPE makes of [N, 3A] queries, keys, values, in storage order; head padding passes. */
  function turn(acc: Numbers, position: Numbers): Float64Array {
    const { A, D } = bench.layout;
    const part = (i: number) => columns(acc, 3 * A, i * A, (i + 1) * A);
    const turned = [0, 1].map((i) => {
      const file = fileHeads(part(i), width, D, true);
      const out = storeHeads(rope(file, position, H, width, rope_theta), width, D, true);
      return out.map((x, c) => (c % D < width ? x : part(i)[c]));
    });
    return beside(position.length, ...turned, part(2));
  }

  const evens = (values: Numbers) => Float64Array.from(values).filter((_, i) => i % 2 === 0);
  const odds = (values: Numbers) => Float64Array.from(values).filter((_, i) => i % 2 === 1);

  // kernel, matrix, input, what it adds to, output
  const FORWARD = [
    ['qkv', '0.qkv', '0.normed1', '', '0.qkv'],
    ['o', '0.o', '0.attention', '0.residual', '0.middle'],
    ['gate_up', '0.gate_up', '0.normed2', '', '0.gate_up'],
    ['down', '0.down', '0.act', '0.middle', 'last.residual'],
    ['head', 'head', 'last.normed', '', 'logits'],
  ] as const;

  describe.each(FORWARD)('%s', (label, matrix, input, residual, output) => {
    /** Fills the buffers for `rows` rows; gives what the layer makes of them. */
    function prepare(rows: number, position: Numbers): Float64Array {
      const [I, O] = size(matrix);
      const x = bench.numbers(rows * I);
      const weight = bench.numbers(I * O);
      const before = residual ? bench.numbers(rows * O) : new Float32Array(rows * O);
      bench.reset();
      bench.set(input, x);
      bench.setWeight(matrix, weight);
      if (residual) bench.set(residual, before);
      const acc = linearForward(x, weight, rows, I, O);
      return label === 'qkv' ? turn(acc, position) : add(acc, before);
    }

    test('forward', async () => {
      const { N, packed, policy } = bench;
      const expected = prepare(N, packed.position);
      bench.run(policy.passes.forward, label);
      expectClose(await bench.get(output, expected.length), expected, tolerance);
      if (label !== 'gate_up') return;
      const act = swigluForward(evens(expected), odds(expected));
      expectClose(await bench.get('0.act', act.length), act, { ...tolerance, label: 'act' });
    });

    test('decode', async () => {
      const { policy, engine, layout } = bench;
      const B = 5;
      // Rows are turned by prefilled rows + tokens so far.
      const [prefilled, sampled] = [
        [0, 3, 7, 1, 2],
        [0, 1, 2, 3, 0],
      ];
      const position = prefilled.map((p, b) => p + sampled[b]);
      const expected = prepare(B, position);
      engine.device.queue.writeBuffer(engine.uniforms.rollout, 0, Uint32Array.from([B, 4]));
      bench.setIntegers(
        'sequences',
        prefilled.flatMap((p) => [0, p, 0, 0]),
      );
      bench.setIntegers(
        'state',
        // All but the last of the tile have finished: one is enough for it to be computed.
        sampled.flatMap((t, b) => [t, b < B - 1 ? 1 : 0]),
      );
      bench.inOrder(B);
      bench.run(policy.passes.decodeToken, `${label}.decode`, 0, B);
      const actual = await bench.get(label === 'qkv' ? 'decode_qkv' : output, expected.length);
      expectClose(actual, expected, tolerance);
      if (label !== 'gate_up') return;
      const act = swigluForward(evens(expected), odds(expected));
      expectClose(await bench.get('0.act', B * layout.F), act, { ...tolerance, label: 'act' });
    });
  });

  test('a tile whose sequences have all finished is passed over', async () => {
    const { policy, engine, layout } = bench;
    bench.reset();
    engine.device.queue.writeBuffer(engine.uniforms.rollout, 0, Uint32Array.from([5, 4]));
    bench.setIntegers('state', Array(5).fill([1, 1]).flat());
    bench.inOrder(5);
    // Zeros come out as zeros: anything but NaN would show that the tile was computed.
    bench.set('last.normed', new Float32Array(8 * layout.CP));
    bench.setWeight('head', new Float32Array(layout.VP * layout.CP));
    bench.run(policy.passes.decodeToken, 'head.decode', 0, 5);
    const actual = await bench.get('logits', 8 * layout.VP);
    expect(actual.every(Number.isNaN)).toBe(true);
  });

  test.each([
    ['qkv', '0.qkv', 'd_qkv', 'd_normed'],
    ['o', '0.o', 'd_residual', 'd_attention'],
    ['gate_up', '0.gate_up', 'd_gate_up', 'd_normed'],
    ['down', '0.down', 'd_residual', 'd_gate_up'],
    ['head', 'head', 'logits', 'd_normed'],
  ])('%s, gradient in its input', async (label, matrix, input, output) => {
    const { N, policy } = bench;
    const [I, O] = size(matrix);
    const d_y = bench.numbers(N * O);
    const weight = bench.numbers(I * O);
    const gateUp = bench.numbers(N * 2 * I, 3);
    bench.reset();
    bench.set(input, d_y);
    bench.setWeight(matrix, weight);
    if (label === 'down') bench.set('0.gate_up', gateUp);
    bench.run(policy.passes.backward, `${label}.backward`);
    const { dX } = linearBackward(d_y, new Float64Array(N * I), weight, N, I, O);
    let expected = dX;
    if (label === 'down') {
      const { dGate, dUp } = swigluBackward(dX, evens(gateUp), odds(gateUp));
      expected = Float64Array.from({ length: 2 * N * I }, (_, i) => (i % 2 ? dUp : dGate)[i >> 1]);
    }
    // Gate and up reach 3, and so do the factors on the sum's error.
    const atol = label === 'down' ? 3e-5 : 1e-5;
    expectClose(await bench.get(output, expected.length), expected, { rtol: 1e-5, atol });
  });

  test.each([
    ['qkv', '0.qkv', 'd_qkv', '0.normed1'],
    ['o', '0.o', 'd_residual', '0.attention'],
    ['gate_up', '0.gate_up', 'd_gate_up', '0.normed2'],
    ['down', '0.down', 'd_residual', '0.act'],
    ['head', 'head', 'logits', 'last.normed'],
  ])('%s, gradient in its weight', async (label, matrix, d_output, input) => {
    const [I, O] = size(matrix);
    // One row: fewer rows than splits.
    for (const count of [bench.N, 1]) {
      const d_y = bench.numbers(count * O);
      const x = bench.numbers(count * I);
      bench.reset(count);
      bench.set(d_output, d_y);
      bench.set(input, x);
      const actual = await weightGradient(bench, `${label}.backward`, matrix, { count });
      const { dWeight } = linearBackward(d_y, x, new Float64Array(I * O), count, I, O);
      expectClose(actual, dWeight, { ...tolerance, label: `${count} rows` });
    }
  });
});
