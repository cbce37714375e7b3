/** How widely every layer looks back at response tokens, to the host. Not for every step: a read-back a layer and part. */
import { createKernel } from '../gpu/kernel.ts';
import { ceilDiv, type Launch } from '../gpu/launch.ts';
import type { PackedBatch } from './batch.ts';
import type { Engine, Policy } from './engine.ts';
import { readSpecs } from './kernels.ts';
import { checkRows, forwardOf, uploadBatch } from './update.ts';

/** Of the 8 floats of a row of stats. */
const COLUMN = 0;

/** One launch a layer, of one kernel (attention_entropy.wgsl) that is compiled here. */
export async function attentionLaunches({
  device,
  layout,
  workspace,
  uniforms,
}: Engine): Promise<Launch[]> {
  const reads = [{ key: 'attention_entropy', column: COLUMN }];
  const [spec] = readSpecs(layout, { reads });
  if (!spec) throw new Error('attentionLaunches: needs the kernel of attention entropy, got none');
  const kernel = await createKernel(device, spec);
  const b = (name: string): GPUBuffer => workspace.buffer(name);
  const shared = { batch: uniforms.batch, rows: b('rows'), facts: b('facts'), stats: b('stats') };
  return Array.from({ length: layout.config.n_layer }, (_, l): Launch => {
    const group = kernel.bind({ ...shared, qkv: b(`${l}.qkv`), lse: b(`${l}.lse`) });
    return { kernel, group, workgroups: (n) => [ceilDiv(n, 32)] };
  });
}

/**
 * Sees every update that was submitted before.
 * @returns for each layer, [response tokens] from 0, one position, to 1, all alike, in the order of the batch's rows with
 *          weight
 */
export async function attentionEntropies(
  engine: Engine,
  policy: Policy,
  parts: readonly PackedBatch[],
  launches: readonly Launch[],
): Promise<number[][]> {
  const { device, workspace } = engine;
  const found = launches.map((): number[] => []);
  for (const part of parts) {
    checkRows(engine, part);
    // One turn for all layers: they read what one forward pass has left.
    await engine.turns.take(async () => {
      uploadBatch(engine, part, false, 1);
      for (const [l, launch] of launches.entries()) {
        const slot = await engine.currents.acquire();
        const encoder = device.createCommandEncoder();
        // The last of the forward pass are the logits, which no attention needs.
        if (l === 0) engine.pass(encoder, forwardOf(policy, part).slice(0, -1), part.N);
        engine.pass(encoder, [launch], part.N);
        encoder.copyBufferToBuffer(workspace.buffer('stats'), 0, slot, 0, 32 * part.N);
        device.queue.submit([encoder.finish()]);
        const stats = new Float32Array(await engine.currents.read(slot, 32 * part.N));
        for (let n = 0; n < part.N; n++) {
          if (part.facts[4 * n] !== 0) found[l]?.push(stats[8 * n + COLUMN] as number);
        }
      }
    });
  }
  return found;
}
