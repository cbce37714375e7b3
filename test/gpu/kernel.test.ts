import { describe, expect, test } from 'vitest';
import { createKernel, locate, type Source } from '../../src/gpu/kernel.ts';
import { ceilDiv, record, storage, uniform } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { device } from '../helpers/dawn.ts';

const LIB: Source = {
  name: 'shaders/lib/scale.wgsl',
  text: '// two\n// lines\nfn scaled(v: f32) -> f32 { return v * SCALE; }',
};
const MAIN: Source = {
  name: 'shaders/scale.wgsl',
  text: `
@group(0) @binding(0) var<uniform> offset: vec4f;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;
@compute @workgroup_size(64) fn scale(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < COUNT) { y[id.x] = scaled(x[id.x]) + offset.x; }
}
@compute @workgroup_size(64) fn copy(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < COUNT) { z[id.x] = y[id.x]; }
}`,
};
const COUNT = 100;
const spec = { sources: [LIB, MAIN], constants: { COUNT, SCALE: 0.5 } };
const kernel = await createKernel(device, { ...spec, entry: 'scale' });
const copy = await createKernel(device, { ...spec, entry: 'copy', label: 'second' });

function buffers() {
  const [offset, x] = [uniform(device, 'offset', 16), storage(device, 'x', 4 * COUNT)];
  device.queue.writeBuffer(offset, 0, Float32Array.from([3]));
  device.queue.writeBuffer(
    x,
    0,
    Float32Array.from({ length: COUNT }, (_, i) => i),
  );
  return { offset, x, y: storage(device, 'y', 4 * COUNT) };
}

describe('createKernel', () => {
  test('joins pieces, sets constants, binds by name; each launch sees what the last one wrote', async () => {
    const { offset, x, y } = buffers();
    const z = storage(device, 'z', 4 * COUNT);
    const workgroups = (n: number) => [ceilDiv(n, 64)] as const;
    const launches = [
      { kernel, group: kernel.bind({ y, x, offset }), workgroups },
      { kernel: copy, group: copy.bind({ y, z }), workgroups },
    ];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, launches, COUNT);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const result = new Float32Array(await readBuffer(device, z, 4 * COUNT));
    expect([...result]).toEqual(Array.from({ length: COUNT }, (_, i) => i / 2 + 3));
    expect(kernel.label).toBe('scale');
    expect(copy.label).toBe('second');
  });

  test('binds a range of a buffer', async () => {
    const { offset, x, y } = buffers();
    const large = storage(device, 'large', 256 + 4 * COUNT);
    device.queue.writeBuffer(
      large,
      256,
      Float32Array.from({ length: COUNT }, () => 8),
    );
    const range = { buffer: large, offset: 256, size: 4 * COUNT };
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const group = kernel.bind({ offset, x: range, y });
    record(pass, [{ kernel, group, workgroups: () => [2] }], COUNT);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const result = new Float32Array(await readBuffer(device, y, 4 * COUNT));
    expect([...result]).toEqual(Array(COUNT).fill(7));
    x.destroy();
  });

  test('refuses a missing and an unknown buffer by name', () => {
    const { offset, x, y } = buffers();
    expect(() => kernel.bind({ offset, x })).toThrow('scale: needs a buffer for y, got none');
    expect(() => kernel.bind({ offset, x, y, z: y })).toThrow(
      'scale: binding must be one of offset, x, y, got z',
    );
    expect(() => copy.bind({ y })).toThrow('second: needs a buffer for z, got none');
  });

  test.each([
    ['a name nobody declared', 'y[id.x] = missing[id.x];', /missing/],
    ['a wrong type', 'y[id.x] = vec4f();', /vec4|type/],
    ['no WGSL at all', 'y[id.x] = ;', /parse|expected/],
  ])('names file and line of %s', async (_, statement, reason) => {
    const text = MAIN.text.replace(
      'if (id.x < COUNT) { y[id.x]',
      `\n  ${statement}\n  if (id.x < COUNT) { y[id.x]`,
    );
    const sources = [LIB, { name: 'shaders/bad.wgsl', text }];
    const failure = createKernel(device, { ...spec, sources, entry: 'scale' });
    // The statement stands two lines below `fn scale`, which is line 6 of MAIN.
    await expect(failure).rejects.toThrow(/^scale: shaders\/bad\.wgsl:8:\d+: /);
    await expect(failure).rejects.toThrow(reason);
  });

  test('names the file of an error in an earlier piece', async () => {
    const bad = {
      name: 'shaders/lib/bad.wgsl',
      text: `${LIB.text}\nfn more() -> f32 { return nothing; }`,
    };
    const failure = createKernel(device, { ...spec, sources: [bad, MAIN], entry: 'scale' });
    await expect(failure).rejects.toThrow('shaders/lib/bad.wgsl:4:');
  });

  test('more buffers than the adapter binds are refused, and reach nobody else', async () => {
    // What the device hears besides fails the test (helpers/dawn.ts).
    const count = device.limits.maxStorageBuffersPerShaderStage + 1;
    const names = Array.from({ length: count }, (_, i) => `b${i}`);
    const text = [
      ...names.map(
        (name, i) => `@group(0) @binding(${i}) var<storage, read_write> ${name}: array<f32>;`,
      ),
      `@compute @workgroup_size(1) fn many() { ${names.map((name) => `${name}[0] = 1.0;`).join(' ')} }`,
    ].join('\n');
    const failure = createKernel(device, { entry: 'many', sources: [{ name: 'many', text }] });
    await expect(failure).rejects.toThrow(/^many: .*storage buffers/s);
  });

  test('refuses a constant that is not finite by name', async () => {
    const constants = { COUNT, SCALE: Number.NaN };
    await expect(createKernel(device, { ...spec, constants, entry: 'scale' })).rejects.toThrow(
      'SCALE must be finite, got NaN',
    );
  });
});

test('locate counts through the pieces', () => {
  const pieces = [LIB, MAIN];
  expect(locate(pieces, 1)).toBe('shaders/lib/scale.wgsl:1');
  expect(locate(pieces, 3)).toBe('shaders/lib/scale.wgsl:3');
  expect(locate(pieces, 4)).toBe('shaders/scale.wgsl:1');
  expect(locate(pieces, 999)).toBe('joined:999');
});
