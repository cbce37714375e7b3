/**
 * Whether a family of kernels computes what another one computes. Compilers of GPUs differ most in what the faster families
 * are made of, quads and workgroup memory, so none is chosen for its speed alone.
 */
import { type Launch, record } from '../gpu/launch.ts';
import { readBuffer } from '../gpu/readback.ts';

/** Of the largest value: sums of some thousand terms in f32 that run in another order differ by a hundredth of it. */
const TOLERANCE = 1e-4;

/** What each launch by itself leaves in these buffers, which are 0 before. */
export async function resultsOf(
  device: GPUDevice,
  launches: readonly Launch[],
  rows: number,
  written: readonly GPUBuffer[],
): Promise<Float32Array[]> {
  const results: Float32Array[] = [];
  for (const launch of launches) {
    const encoder = device.createCommandEncoder();
    for (const buffer of written) encoder.clearBuffer(buffer);
    const pass = encoder.beginComputePass();
    record(pass, [launch], rows);
    pass.end();
    device.queue.submit([encoder.finish()]);
    for (const buffer of written) {
      results.push(new Float32Array(await readBuffer(device, buffer)));
    }
  }
  return results;
}

/** NaN is like nothing. */
export const areAlike = (a: readonly Float32Array[], b: readonly Float32Array[]): boolean =>
  a.every((values, i) => {
    const others = b[i] as Float32Array;
    const least = TOLERANCE * values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    return values.every((x, j) => Math.abs(x - (others[j] as number)) <= least);
  });
