import { createBuffer } from './memory.ts';
import { nudged } from './nudge.ts';

/**
 * Reads results back without stopping the queue: a ring of mappable buffers. `stage` copies into a free one inside the
 * caller's command buffer; `read` maps it when the GPU gets there. Nothing is created after construction.
 */
export class Readback {
  private readonly free: GPUBuffer[] = [];
  private readonly waiting: { give(slot: GPUBuffer): void; refuse(error: Error): void }[] = [];
  private isGone = false;

  /** @param bytes size of each slot  @param slots read-backs that may be under way at once */
  constructor(
    private readonly device: GPUDevice,
    readonly label: string,
    bytes: number,
    slots = 3,
  ) {
    for (let i = 0; i < slots; i++) {
      const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
      this.free.push(
        createBuffer(device, {
          ...{ label: `${label} ${i}`, size: Math.ceil(bytes / 16) * 16, usage },
        }),
      );
    }
  }

  /** A free slot, or the next one that `read` hands back. Copy into it, submit, then `read` it. */
  acquire(): Promise<GPUBuffer> {
    if (this.isGone) return Promise.reject(this.closed());
    const slot = this.free.pop();
    if (slot) return Promise.resolve(slot);
    return new Promise((give, refuse) => this.waiting.push({ give, refuse }));
  }

  /** A copy of the slot's first `bytes` bytes once the submitted work is done. The slot is free again afterwards. */
  async read(slot: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    try {
      const mapping = slot.mapAsync(GPUMapMode.READ, 0, Math.ceil(bytes / 4) * 4);
      await nudged(this.device.queue, mapping);
      return slot.getMappedRange(0, Math.ceil(bytes / 4) * 4).slice(0);
    } finally {
      slot.unmap();
      const next = this.waiting.shift();
      if (next) next.give(slot);
      else if (this.isGone) slot.destroy();
      else this.free.push(slot);
    }
  }

  /** Slots that are read go when they have been; whoever waits for one is refused. */
  destroy(): void {
    this.isGone = true;
    for (const slot of this.free.splice(0)) slot.destroy();
    for (const { refuse } of this.waiting.splice(0)) refuse(this.closed());
  }

  private closed(): Error {
    return new Error(`${this.label}: read-backs must be open, got some that have been closed`);
  }
}

/** Reads a whole buffer, for checkpoints and tests: creates a staging buffer, so not for the training loop. */
export async function readBuffer(
  device: GPUDevice,
  source: GPUBuffer,
  bytes = source.size,
  offset = 0,
): Promise<ArrayBuffer> {
  const staging = createBuffer(device, {
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await nudged(device.queue, staging.mapAsync(GPUMapMode.READ));
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
