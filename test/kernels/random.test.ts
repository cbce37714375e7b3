// lib/random.wgsl and src/core/random.ts are one function: a rollout's draws can be made again on
// the host only if not one bit differs.
import { expect, test } from 'vitest';
import { gumbel, Random, uniform } from '../../src/core/random.ts';
import { createKernel } from '../../src/gpu/kernel.ts';
import { storage } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { sources } from '../../src/model/sources.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const text = `
  @group(0) @binding(0) var<storage, read> counter: array<u32>;
  @group(0) @binding(1) var<storage, read_write> drawn: array<f32>;
  @compute @workgroup_size(64) fn draw(@builtin(global_invocation_id) id: vec3u) {
    let i = 5u * id.x;
    if (id.x >= arrayLength(&drawn)) { return; }
    drawn[id.x] = random_uniform(
      counter[i], counter[i + 1u], counter[i + 2u], counter[i + 3u], counter[i + 4u]);
  }`;

test('random_uniform on the GPU and uniform on the host agree to the last bit', async () => {
  const n = 4096;
  const random = new Random(1);
  const edges = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const counters = Array.from({ length: n }, (_, i) =>
    Array.from({ length: 5 }, (_, word) => {
      // Small counters as training uses them, all pairs of extremes, and any 32 bits.
      if (i < 1024) return word === 4 ? i : (i >> (2 * word)) % 7;
      if (i < 2048) return edges[Math.floor(i / 5 ** word) % 5];
      return random.integer(0, 2 ** 32 - 1);
    }),
  );
  const kernel = await createKernel(device, {
    entry: 'draw',
    sources: [...sources('lib/random'), { name: 'draw', text }],
  });
  const counter = storage(device, 'counter', 4 * 5 * n);
  const drawn = storage(device, 'drawn', 4 * n);
  device.queue.writeBuffer(counter, 0, Uint32Array.from(counters.flat()));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(kernel.pipeline);
  pass.setBindGroup(0, kernel.bind({ counter, drawn }));
  pass.dispatchWorkgroups(n / 64);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const actual = new Float32Array(await readBuffer(device, drawn));
  const wrong = counters.findIndex((words, i) => actual[i] !== uniform(...words));
  expect(wrong, `${counters[wrong]} gives ${actual[wrong]}`).toBe(-1);
  expect(new Set(actual).size).toBeGreaterThan(n / 2);
});

const gumbelText = `
  @group(0) @binding(0) var<storage, read> counter: array<u32>;
  @group(0) @binding(1) var<storage, read_write> drawn: array<f32>;
  @compute @workgroup_size(64) fn draw(@builtin(global_invocation_id) id: vec3u) {
    let i = 5u * id.x;
    if (id.x >= arrayLength(&drawn)) { return; }
    let bits = random_bits(
      counter[i], counter[i + 1u], counter[i + 2u], counter[i + 3u], counter[i + 4u]);
    drawn[id.x] = random_gumbel(bits, id.x % 64u);
  }`;

test('random_gumbel on the GPU is gumbel on the host', async () => {
  const n = 65_536;
  const counters = Array.from({ length: n }, (_, i) => [3, 4, 5, i >> 8, i % 256]);
  const kernel = await createKernel(device, {
    entry: 'draw',
    sources: [...sources('lib/random'), { name: 'draw', text: gumbelText }],
  });
  const counter = storage(device, 'counter', 4 * 5 * n);
  const drawn = storage(device, 'drawn', 4 * n);
  device.queue.writeBuffer(counter, 0, Uint32Array.from(counters.flat()));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(kernel.pipeline);
  pass.setBindGroup(0, kernel.bind({ counter, drawn }));
  pass.dispatchWorkgroups(n / 64);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const actual = new Float32Array(await readBuffer(device, drawn));
  const exact = counters.map((words, i) => gumbel(...words, i % 64));
  expect(Math.max(...exact)).toBeGreaterThan(9);
  // WGSL allows log an absolute error of 2^-21 between 1/2 and 2, and 3 ulp elsewhere; the inner one is right to an ulp
  // or two near 1, so that large draws are, too.
  expectClose(actual, exact, { rtol: 1e-6, atol: 1e-6 });
});
