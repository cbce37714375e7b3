/**
 * What a policy as it is now says of response tokens, for methods that need it: log-probability and entropy before an
 * update, values of the value head when a batch was sampled. One forward pass and one read-back, beside the update's own.
 */
import { record } from '../gpu/launch.ts';
import type { PackedBatch } from './batch.ts';
import type { Engine, Policy } from './engine.ts';
import { checkRows, uploadBatch } from './update.ts';

export interface CurrentStats {
  /** [response tokens] nats, in the order of the batch's rows with weight */
  logp: Float32Array;
  /** [response tokens] nats */
  entropy: Float32Array;
}

/** Sees every update that was submitted before. */
export async function currentStats(
  engine: Engine,
  policy: Policy,
  parts: readonly PackedBatch[],
  temperature: number,
): Promise<CurrentStats> {
  const { device, workspace } = engine;
  const logp: number[] = [];
  const entropy: number[] = [];
  for (const part of parts) {
    checkRows(engine, part);
    const slot = await engine.currents.acquire();
    uploadBatch(engine, part, false, temperature);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, policy.passes.forward, part.N);
    record(pass, policy.passes.currentStats, part.N);
    pass.end();
    encoder.copyBufferToBuffer(workspace.buffer('stats'), 0, slot, 0, 32 * part.N);
    device.queue.submit([encoder.finish()]);
    const stats = new Float32Array(await engine.currents.read(slot, 32 * part.N));
    for (let n = 0; n < part.N; n++) {
      if (part.facts[4 * n] === 0) continue;
      logp.push(stats[8 * n + 1] as number);
      entropy.push(stats[8 * n + 2] as number);
    }
  }
  return { logp: Float32Array.from(logp), entropy: Float32Array.from(entropy) };
}

/**
 * [response tokens] what the value head says before each token, in the order of the batch's rows with weight.
 * Sees every update that was submitted before.
 */
export async function currentValues(
  engine: Engine,
  policy: Policy,
  parts: readonly PackedBatch[],
): Promise<Float32Array> {
  const { device, workspace } = engine;
  const { forward, value } = policy.passes;
  if (!value) throw new Error('currentValues: the policy must have a value head, got none');
  const found: number[] = [];
  for (const part of parts) {
    checkRows(engine, part);
    const slot = await engine.currents.acquire();
    uploadBatch(engine, part, false, 1);
    const encoder = device.createCommandEncoder();
    // The last of the forward pass are the logits, which no value needs.
    engine.pass(encoder, [...forward.slice(0, -1), ...value.value], part.N);
    encoder.copyBufferToBuffer(workspace.buffer('values'), 0, slot, 0, 16 * part.N);
    device.queue.submit([encoder.finish()]);
    const values = new Float32Array(await engine.currents.read(slot, 16 * part.N));
    for (let n = 0; n < part.N; n++) {
      if (part.facts[4 * n] !== 0) found.push(values[4 * n + 1] as number);
    }
  }
  return Float32Array.from(found);
}
