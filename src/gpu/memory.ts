/**
 * What the buffers of a device hold, counted where they are made and destroyed, so that what was predicted can be held
 * against it. Driver and browser need more: the count is of bytes that were asked for.
 */

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

/** Bytes of all buffers that stand now. */
export const heldBytes = (device: GPUDevice): number => countOf(device).bytes;
