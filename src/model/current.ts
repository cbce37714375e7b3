/**
 * What a policy as it is now says of response tokens, for methods that need it: before an update, one read-back between
 * its own forward pass and its loss (a batch in several parts takes a forward pass more); values of the value head when
 * a batch was sampled, a pass of its own.
 */
import { record } from '../gpu/launch.ts';
import type { PackedBatch } from './batch.ts';
import type { Engine, Loss, Policy } from './engine.ts';
import { checkRows, forwardOf, recordForward, uploadBatch } from './update.ts';

export interface CurrentStats {
  /**
   * [response tokens] nats, in the order of the batch's rows with weight. At latent positions, where no token was taken,
   * that of the likeliest: whoever keeps it says what stands there instead (train/latent.ts).
   */
  logp: Float32Array;
  /** [response tokens] nats */
  entropy: Float32Array;
  /** [response tokens] each, by key: what the loss's methods read beside */
  rows: Record<string, Float32Array>;
  /** For the update of the same parts (UpdateRequest). */
  generation: number;
}

export interface CurrentOptions {
  /** As the update will have it. */
  reference?: Policy;
  /** Whose methods read more than logp and entropy. */
  loss?: Loss;
}

/** Sees every update that was submitted before. */
export async function currentStats(
  engine: Engine,
  policy: Policy,
  parts: readonly PackedBatch[],
  temperature: number,
  { reference, loss }: CurrentOptions = {},
): Promise<CurrentStats> {
  const { device, workspace } = engine;
  const columns = [1, 2, ...(loss?.reads ?? []).map(({ column }) => column)];
  const found = columns.map((): number[] => []);
  let generation = engine.generation;
  for (const part of parts) {
    checkRows(engine, part);
    const slot = await engine.turns.take(async () => {
      const slot = await engine.currents.acquire();
      uploadBatch(engine, part, false, temperature);
      generation = engine.generation;
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      recordForward(pass, policy, part, reference);
      record(pass, policy.passes.currentStats, part.N);
      if (loss) record(pass, loss.readLaunches, part.N);
      pass.end();
      encoder.copyBufferToBuffer(workspace.buffer('stats'), 0, slot, 0, 32 * part.N);
      device.queue.submit([encoder.finish()]);
      return slot;
    });
    const stats = new Float32Array(await engine.currents.read(slot, 32 * part.N));
    for (let n = 0; n < part.N; n++) {
      if (part.facts[4 * n] === 0) continue;
      columns.forEach((column, i) => {
        found[i]?.push(stats[8 * n + column] as number);
      });
    }
  }
  const [logp, entropy, ...rows] = found.map((values) => Float32Array.from(values));
  const keyed = (loss?.reads ?? []).map(({ key }, i) => [key, rows[i]]);
  return { logp, entropy, rows: Object.fromEntries(keyed), generation } as CurrentStats;
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
  const { value } = policy.passes;
  if (!value) throw new Error('currentValues: the policy must have a value head, got none');
  const found: number[] = [];
  for (const part of parts) {
    checkRows(engine, part);
    const slot = await engine.turns.take(async () => {
      const slot = await engine.currents.acquire();
      uploadBatch(engine, part, false, 1);
      const encoder = device.createCommandEncoder();
      // The last of the forward pass are the logits, which no value needs.
      engine.pass(encoder, [...forwardOf(policy, part).slice(0, -1), ...value.value], part.N);
      encoder.copyBufferToBuffer(workspace.buffer('values'), 0, slot, 0, 16 * part.N);
      device.queue.submit([encoder.finish()]);
      return slot;
    });
    const values = new Float32Array(await engine.currents.read(slot, 16 * part.N));
    for (let n = 0; n < part.N; n++) {
      if (part.facts[4 * n] !== 0) found.push(values[4 * n + 1] as number);
    }
  }
  return Float32Array.from(found);
}
