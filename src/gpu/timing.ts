/**
 * Profile mode: the time of every dispatch, by timestamps around a pass of its own. Passes of their own cost time
 * themselves, and browsers round timestamps to 100 µs by default, so this tells where time goes, not how long a step takes.
 */
import type { Launch } from './launch.ts';
import { createBuffer } from './memory.ts';
import { readBuffer } from './readback.ts';

export interface Timed {
  label: string;
  ms: number;
}

/** @throws {Error} the device was opened without `timestamp-query` */
export async function profileLaunches(
  device: GPUDevice,
  launches: readonly Launch[],
  n: number,
): Promise<Timed[]> {
  if (!device.features.has('timestamp-query')) {
    throw new Error('profileLaunches: needs the feature timestamp-query, got a device without it');
  }
  const count = 2 * launches.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const resolved = createBuffer(device, {
    size: 8 * count,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const encoder = device.createCommandEncoder();
  launches.forEach(({ kernel, group, workgroups }, i) => {
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      },
    });
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, group);
    const [x, y, z] = workgroups(n);
    pass.dispatchWorkgroups(x, y, z);
    pass.end();
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  device.queue.submit([encoder.finish()]);
  const stamps = new BigUint64Array(await readBuffer(device, resolved, 8 * count));
  querySet.destroy();
  resolved.destroy();
  return launches.map(({ kernel }, i) => ({
    label: kernel.label,
    ms: Number((stamps[2 * i + 1] as bigint) - (stamps[2 * i] as bigint)) / 1e6,
  }));
}
