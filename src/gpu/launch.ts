/** A prebuilt dispatch, and lists of them. Everything is made once; a step only records and submits. */
import type { Kernel } from './kernel.ts';
import { createBuffer } from './memory.ts';

export interface Launch {
  kernel: Kernel;
  group: GPUBindGroup;
  /** Workgroups for n rows. */
  workgroups(n: number): readonly [number, number?, number?];
}

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

/** Workgroups that WebGPU promises in each dimension. */
const MOST_WORKGROUPS = 65535;

/** At least `count` workgroups as the flattest rectangle that may be dispatched. */
export function spread(count: number): [x: number, y: number] {
  const y = ceilDiv(count, MOST_WORKGROUPS);
  return [ceilDiv(count, y), y];
}

/** Records the launches in order into one compute pass; WebGPU makes each see what the ones before it wrote. */
export function record(pass: GPUComputePassEncoder, launches: readonly Launch[], n: number): void {
  for (const { kernel, group, workgroups } of launches) {
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, group);
    const [x, y, z] = workgroups(n);
    pass.dispatchWorkgroups(x, y, z);
  }
}

/** What `storage` allocates for so many bytes. */
export const storageBytes = (bytes: number): number => Math.max(16, Math.ceil(bytes / 16) * 16);

/** Storage that kernels read and write, and that can be filled from and copied to the host. */
export function storage(device: GPUDevice, label: string, bytes: number): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  return createBuffer(device, { label, size: storageBytes(bytes), usage });
}

export function uniform(device: GPUDevice, label: string, bytes: number): GPUBuffer {
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  return createBuffer(device, { label, size: Math.ceil(bytes / 16) * 16, usage });
}
