/**
 * Whether kernels may rely on quads: four invocations beside one another along x that see each other's values.
 * WGSL says what a quad can do, but not which invocations form one, so it is tried.
 */
import { createKernel } from './kernel.ts';
import { record, storage } from './launch.ts';
import { readBuffer } from './readback.ts';

const SIZE = 64;
const WGSL = `
enable subgroups;
@group(0) @binding(0) var<storage, read_write> seen: array<vec4u>;
@compute @workgroup_size(8, 8)
fn quads(@builtin(local_invocation_index) i: u32) {
  seen[i] = vec4u(i, quadSwapX(i), quadSwapY(i), quadSwapDiagonal(i));
}`;

/** In the workgroups of 8 × 8 that the matrix kernels have. */
export async function hasQuads(device: GPUDevice): Promise<boolean> {
  if (!device.features.has('subgroups')) return false;
  const kernel = await createKernel(device, {
    entry: 'quads',
    sources: [{ name: 'quads', text: WGSL }],
  });
  const seen = storage(device, 'quads', 16 * SIZE);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, [{ kernel, group: kernel.bind({ seen }), workgroups: () => [1] }], SIZE);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const found = new Uint32Array(await readBuffer(device, seen, 16 * SIZE));
  seen.destroy();
  return found.every((neighbor, i) => neighbor === ((i >> 2) ^ (i & 3)));
}
