// Gate and up kept as 16-bit floats: what is kept, what the backward pass makes of it, and how far a whole gradient is off.
import { beforeAll, describe, expect, test } from 'vitest';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { update } from '../../src/model/update.ts';
import { workspaceTable } from '../../src/model/workspace.ts';
import {
  linearBackward,
  linearForward,
  type Numbers,
  swigluBackward,
  swigluForward,
} from '../../src/reference/ops.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { ALIGNED, AWKWARD, type Bench, openBench } from './bench.ts';

/** Words of two 16-bit floats (IEEE 754 binary16), as numbers. */
function halves(words: Uint32Array): Float64Array {
  return Float64Array.from({ length: 2 * words.length }, (_, i) => {
    const bits = ((words[i >> 1] as number) >>> (i % 2 ? 16 : 0)) & 0xffff;
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}
const evens = (values: Numbers) => Float64Array.from(values).filter((_, i) => i % 2 === 0);
const odds = (values: Numbers) => Float64Array.from(values).filter((_, i) => i % 2 === 1);

describe.each([AWKWARD, ALIGNED].map((shape) => [shape.name, shape] as const))('%s', (_, shape) => {
  let bench: Bench;
  let O = 0;
  let I = 0;
  beforeAll(async () => {
    const sizes = { ...shape.sizes, gates: 'half' as const };
    bench = await openBench({ ...shape, sizes }, ['gate_up', 'down.backward']);
    const spec = bench.layout.matrices.get('0.gate_up');
    [I, O] = [spec?.columns ?? 0, spec?.rows ?? 0];
  });

  test('forward keeps both to a bit in 2048, and multiplies them in full', async () => {
    const { N, policy } = bench;
    const [x, weight] = [bench.numbers(N * I), bench.numbers(O * I)];
    bench.reset();
    bench.set('0.normed2', x);
    bench.setWeight('0.gate_up', weight);
    bench.run(policy.passes.forward, 'gate_up');
    const full = linearForward(x, weight, N, I, O);
    const kept = halves(await bench.getIntegers('0.gate_up', (N * O) / 2));
    // Rounded to 11 digits, or to 2^-25 below the least normal number.
    expectClose(kept, full, { rtol: 2 ** -11 + 1e-5, atol: 1e-5 });
    expect(kept.some((value, i) => Math.abs(value - (full[i] as number)) > 1e-4)).toBe(true);
    const act = swigluForward(evens(full), odds(full));
    expectClose(await bench.get('0.act', act.length), act, { rtol: 1e-5, atol: 1e-5 });
  });

  test('backward is that of what was kept', async () => {
    const { N, policy } = bench;
    const down = bench.layout.matrices.get('0.down');
    const [F, C] = [down?.columns ?? 0, down?.rows ?? 0];
    const [d_y, weight] = [bench.numbers(N * C), bench.numbers(F * C)];
    const words = Uint32Array.from(
      bench
        .numbers(N * F, 3)
        .map((v, i) => (i % 7 ? 0x3000 : 0xb400) + Math.floor(1000 * Math.abs(v)) + (0x3a00 << 16)),
    );
    bench.reset();
    bench.set('d_residual', d_y);
    bench.setIntegers('0.gate_up', words);
    bench.setWeight('0.down', weight);
    bench.run(policy.passes.backward, 'down.backward');
    const { dX } = linearBackward(d_y, new Float64Array(N * F), weight, N, F, C);
    const kept = halves(words);
    const { dGate, dUp } = swigluBackward(dX, evens(kept), odds(kept));
    const expected = Float64Array.from(
      { length: 2 * N * F },
      (_, i) => (i % 2 ? dUp : dGate)[i >> 1] as number,
    );
    expectClose(await bench.get('d_gate_up', expected.length), expected, {
      rtol: 1e-5,
      atol: 3e-5,
    });
  });
});

const config = {
  ...{ n_layer: 2, n_embd: 32, n_head: 2, d_ff: 48, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};

async function gradient(gates: 'full' | 'half') {
  const sizes = { rows: 64, sequences: 16, response: 14, positions: 20, splits: 2, gates };
  const engine = await Engine.create(device, config, 10, sizes);
  const parameters = initialParameters(engine.layout, 3).map((x) => (x === 1 ? 1 : 8 * x));
  const policy = engine.createPolicy(parameters);
  const loss = await engine.createLoss(composeMethods([SUPERVISED]));
  const sequences = [3, 8, 1, 6].map((length, i) => ({
    ...{ prompt: [i, 5, 2], response: Array.from({ length }, (_, t) => (3 * t + i) % 11) },
    ...{ weight: 0.1, advantage: 1, old_logp: Array(length).fill(0) },
  }));
  const adam = {
    ...{ learning_rate: 1e-3, beta1: 0.9, beta2: 0.98, eps: 1e-8 },
    ...{ weight_decay: 0, max_grad_norm: 1 },
  };
  const asked = { parts: [packBatch(sequences)], temperature: 1, adam, updateNumber: 1 };
  const { loss: value } = await update(engine, policy, loss, { ...asked, gradientOnly: true });
  const bytes = 4 * engine.layout.size;
  const grad = new Float32Array(await readBuffer(device, engine.workspace.buffer('grad'), bytes));
  const held = [...workspaceTable(engine.layout, sizes).values()].reduce((a, b) => a + b, 0);
  engine.destroyPolicy(policy);
  engine.destroy();
  return { value, grad, held };
}

test('the loss is the same to the bit, the gradient off by some ten-thousandths of its length, and memory is spared', async () => {
  const [full, half] = [await gradient('full'), await gradient('half')];
  expect(half.value).toBe(full.value);
  const norm = (values: Float32Array) => Math.hypot(...values);
  const off = norm(half.grad.map((x, i) => x - (full.grad[i] as number))) / norm(full.grad);
  console.log(`16-bit gates: gradient off by ${off.toExponential(1)} of its length`);
  expect(off).toBeGreaterThan(1e-6);
  expect(off).toBeLessThan(5e-4);
  expect(full.held - half.held).toBe(2 * 64 * 48 * 4);
});
