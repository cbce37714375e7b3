import { expect, test } from 'vitest';
import { createKernel } from '../../src/gpu/kernel.ts';
import { record, storage } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { unrolled } from '../../src/gpu/unroll.ts';
import { device } from '../helpers/dawn.ts';

test('writes the body once for each index, in the lines of the loop', () => {
  const text =
    'let a = 1u;\nfor (var d = 0u; d < D / 4u; d++) {\n  x[d] = d; // why\n}\nlet b = 2u;';
  const out = unrolled(text, { D: 12 });
  expect(out.match(/x\[d\] = d;/g)).toHaveLength(3);
  expect(out.match(/const d = 2u;/g)).toHaveLength(1);
  expect(out.split('\n')).toHaveLength(text.split('\n').length);
  expect(out.split('\n').at(-1)).toBe('let b = 2u;');
});

test.each([
  ['a bound that is not known', 'for (var d = 0u; d < E / 4u; d++) { x[d] = d; }'],
  ['a long loop', 'for (var d = 0u; d < D / 4u; d++) { x[d] = d; }'],
  ['another kind of loop', 'for (var d = 1u; d < D; d++) { x[d] = d; }'],
])('leaves %s', (_, text) => {
  expect(unrolled(text, { D: 36 })).toBe(text);
});

test('says so where a brace is missing', () => {
  expect(() => unrolled('for (var d = 0u; d < D / 4u; d++) {', { D: 4 })).toThrow('braces');
});

test('a kernel of loops in loops computes the same written out', async () => {
  const text = `
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(1) fn sums() {
  var a: array<u32, ROWS / 4u>;
  for (var r = 0u; r < ROWS / 4u; r++) {
    a[r] = 0u;
    for (var c = 0u; c < COLUMNS / 4u; c++) { a[r] += (r + 1u) * (c + 1u); }
  }
  for (var r = 0u; r < ROWS / 4u; r++) { y[r] = a[r]; }
}`;
  const constants = { ROWS: 12, COLUMNS: 8 };
  const kernel = await createKernel(device, {
    ...{ entry: 'sums', constants },
    sources: [{ name: 'sums', text }],
  });
  expect(kernel.code).not.toContain('for (');
  const y = storage(device, 'y', 16);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, [{ kernel, group: kernel.bind({ y }), workgroups: () => [1] }], 1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const found = new Uint32Array(await readBuffer(device, y, 12));
  expect([...found]).toEqual([3, 6, 9]);
});
