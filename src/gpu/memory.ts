/**
 * What the buffers of a device hold, counted where they are made and destroyed, so that what was predicted can be held
 * against it. Driver and browser need more: the count is of bytes that were asked for.
 */
import { checked } from './device.ts';

const counts = new WeakMap<GPUDevice, { bytes: number }>();

function countOf(device: GPUDevice): { bytes: number } {
  const count = counts.get(device) ?? { bytes: 0 };
  counts.set(device, count);
  return count;
}

/** As the device's own; every buffer of the engine is made here. */
export function createBuffer(device: GPUDevice, descriptor: GPUBufferDescriptor): GPUBuffer {
  const buffer = device.createBuffer(descriptor);
  const count = countOf(device);
  const destroy = buffer.destroy.bind(buffer);
  let bytes = descriptor.size;
  count.bytes += bytes;
  buffer.destroy = () => {
    count.bytes -= bytes;
    bytes = 0;
    return destroy();
  };
  return buffer;
}

/**
 * All of these, or none: for a look besides training, which must not fail for want of room where the look does.
 * @throws {Error} the GPU has no room
 */
export function tryBuffers(
  device: GPUDevice,
  where: string,
  descriptors: readonly GPUBufferDescriptor[],
): Promise<GPUBuffer[]> {
  const bytes = descriptors.reduce((sum, { size }) => sum + size, 0);
  return checked(device, () => descriptors.map((wanted) => createBuffer(device, wanted)), {
    undo(buffers) {
      for (const buffer of buffers) buffer.destroy();
    },
    refusal: (reason) =>
      `${where}: the GPU must have room for ${(bytes / 1e6).toFixed(1)} MB, got “${reason}”`,
  });
}

/** Bytes of all buffers that stand now. */
export const heldBytes = (device: GPUDevice): number => countOf(device).bytes;
