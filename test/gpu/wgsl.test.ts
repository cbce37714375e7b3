import { describe, expect, test } from 'vitest';
import { entryBindings } from '../../src/gpu/wgsl.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { kernelSpecs, lossSpec } from '../../src/model/kernels.ts';
import { createLayout } from '../../src/model/layout.ts';
import { rolloutSpec } from '../../src/model/rollout_variants.ts';

const CODE = `
  struct Batch { N: u32, unused: u32, weight: f32 }
  @group(0) @binding(0) var<uniform> batch: Batch;
  @group(0) @binding(1) var<storage, read> x: array<f32>;
  @group(0) @binding(2) var<storage, read_write> y: array<f32>;
  @group(0) @binding(3) var<storage> weight: array<f32>; // not z: array<f32>
  @group(0) @binding(4)
  var<storage,read_write> unused: array<f32>;
  @group(0) @binding(2) var<storage, read> other_two: array<f32>;
  var<workgroup> part: array<f32, 64>;

  fn inner(i: u32) -> f32 { if (i > 0u) { return weight[i]; } return 0.0; }
  fn outer(i: u32) -> f32 { return inner(i) + 1.0; }

  @compute @workgroup_size(64) fn direct(@builtin(global_invocation_id) id: vec3u) {
    // x is named in this comment alone
    y[id.x] = f32(batch.unused) * batch.weight;
  }
  @compute @workgroup_size(64) fn through(@builtin(global_invocation_id) id: vec3u) {
    y[id.x] = outer(id.x);
  }
  @compute @workgroup_size(64) fn shared_number(@builtin(global_invocation_id) id: vec3u) {
    unused[id.x] = other_two[id.x];
  }
  @compute @workgroup_size(64) fn clash(@builtin(global_invocation_id) id: vec3u) {
    y[id.x] = other_two[id.x];
  }
  fn even(n: u32) -> f32 { if (n == 0u) { return x[0]; } return odd(n - 1u); }
  fn odd(n: u32) -> f32 { return even(n - 1u); }
  @compute @workgroup_size(1) fn mutual() { y[0] = even(4u); }
`;

const names = (entry: string) => entryBindings(CODE, entry).map((b) => b.name);

describe('entryBindings', () => {
  test('finds what the entry itself uses; neither members of structs nor comments count', () => {
    expect(entryBindings(CODE, 'direct')).toEqual([
      { name: 'batch', binding: 0, type: 'uniform' },
      { name: 'y', binding: 2, type: 'storage' },
    ]);
  });

  test('follows calls', () => {
    expect(entryBindings(CODE, 'through')).toEqual([
      { name: 'y', binding: 2, type: 'storage' },
      { name: 'weight', binding: 3, type: 'read-only-storage' },
    ]);
  });

  test('ends where functions call one another', () => {
    expect(names('mutual')).toEqual(['x', 'y']);
  });

  test('entries of one file may share a number that no entry uses twice', () => {
    expect(names('shared_number')).toEqual(['unused', 'other_two']);
    expect(() => names('clash')).toThrow(
      'binding 2 must be used once in clash, got y and other_two',
    );
  });

  test('refuses an unknown entry by name', () => {
    expect(() => names('nothing')).toThrow('entry must be a function of the WGSL, got nothing');
  });
});

test('every kernel of the model keeps to the 8 storage buffers that WebGPU promises', () => {
  const config = { n_layer: 1, n_embd: 8, n_head: 2, d_ff: 8, vocab_size: 8, rope_theta: 1e4 };
  const layout = createLayout({ ...config, rms_eps: 1e-5 });
  const specs = [...kernelSpecs(layout, 1, 0, 'alone', true).values()];
  specs.push(rolloutSpec(layout, 0, { sequences: 4, threads: 64 }, 8));
  // With constants and, as the last, latent positions: all that a loss can read.
  const weighed = composeMethods([{ ...SUPERVISED, aggregate: 'token_mean' }]);
  specs.push(lossSpec(layout, 1, 0, composeMethods([SUPERVISED])));
  specs.push(lossSpec(layout, 1, 0, weighed, true));
  for (const { entry, sources, label } of specs) {
    const bindings = entryBindings(sources.map((s) => s.text).join('\n'), entry);
    const storage = bindings.filter((b) => b.type !== 'uniform');
    expect(storage.length, label).toBeLessThanOrEqual(8);
    expect(storage.length, label).toBeGreaterThan(0);
  }
});
