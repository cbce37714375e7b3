/**
 * Whether kernels may rely on quads: four invocations beside one another along x that see each other's values.
 * WGSL says what a quad can do, but not which invocations form one, so it is tried.
 */
import { createKernel, type Kernel } from './kernel.ts';
import { record, storage } from './launch.ts';
import { readBuffer } from './readback.ts';

const SIZE = 64;
/** Of the matrix kernels, and of attention. */
const SHAPES = ['8, 8', '64'] as const;

const wgsl = (shape: string): string => `
enable subgroups;
@group(0) @binding(0) var<storage, read_write> seen: array<vec4u>;
@compute @workgroup_size(${shape})
fn quads(@builtin(local_invocation_index) i: u32) {
  seen[i] = vec4u(i, quadSwapX(i), quadSwapY(i), quadSwapDiagonal(i));
}`;

/**
 * In workgroups of every shape that the kernels have: which invocations are a quad may depend on it, as in D3D12, whose
 * quads are 2 × 2 in workgroups of two dimensions. Not where the compiler refuses them.
 * @throws {Error} the device was lost meanwhile
 */
export async function hasQuads(device: GPUDevice): Promise<boolean> {
  if (!device.features.has('subgroups')) return false;
  let kernels: Kernel[];
  try {
    kernels = await Promise.all(
      SHAPES.map((shape) =>
        createKernel(device, { entry: 'quads', sources: [{ name: 'quads', text: wgsl(shape) }] }),
      ),
    );
  } catch {
    return false;
  }
  const found = await Promise.all(kernels.map((kernel) => isAlongX(device, kernel)));
  return found.every(Boolean);
}

async function isAlongX(device: GPUDevice, kernel: Kernel): Promise<boolean> {
  const seen = storage(device, 'quads', 16 * SIZE);
  try {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, [{ kernel, group: kernel.bind({ seen }), workgroups: () => [1] }], SIZE);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const found = new Uint32Array(await readBuffer(device, seen, 16 * SIZE));
    return found.every((neighbor, i) => neighbor === ((i >> 2) ^ (i & 3)));
  } finally {
    seen.destroy();
  }
}
