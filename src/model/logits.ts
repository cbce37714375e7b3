/** Logits of response tokens under a policy, to the host: a forward pass and a read-back a part. Not for every step. */
import { record } from '../gpu/launch.ts';
import { tryBuffers } from '../gpu/memory.ts';
import { nudged } from '../gpu/nudge.ts';
import type { PackedBatch } from './batch.ts';
import type { Engine, Policy } from './engine.ts';
import { checkRows, forwardOf, uploadBatch } from './update.ts';

/**
 * Sees every update that was submitted before.
 * @returns [response tokens, V] before the temperature, in the order of the batch's rows with weight
 */
export async function logitsOf(
  engine: Engine,
  policy: Policy,
  parts: readonly PackedBatch[],
): Promise<Float32Array[]> {
  const { device, workspace, layout } = engine;
  const { VP, config } = layout;
  const rows: Float32Array[] = [];
  for (const part of parts) {
    checkRows(engine, part);
    const bytes = 4 * part.N * VP;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    let staging: GPUBuffer | undefined;
    let data: Float32Array;
    try {
      staging = await engine.turns.take(async () => {
        const [staging] = (await tryBuffers(device, 'logits', [{ size: bytes, usage }])) as [
          GPUBuffer,
        ];
        uploadBatch(engine, part, false, 1);
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        record(pass, forwardOf(policy, part), part.N);
        pass.end();
        encoder.copyBufferToBuffer(workspace.buffer('logits'), 0, staging, 0, bytes);
        device.queue.submit([encoder.finish()]);
        return staging;
      });
      await nudged(device.queue, staging.mapAsync(GPUMapMode.READ));
      data = new Float32Array(staging.getMappedRange().slice(0));
    } finally {
      staging?.destroy();
    }
    for (let n = 0; n < part.N; n++) {
      if (part.facts[4 * n] !== 0) rows.push(data.subarray(n * VP, n * VP + config.vocab_size));
    }
  }
  return rows;
}
