/** Where the time of a training step goes, kernel by kernel: timestamps around a pass of each dispatch. */

import { oneOf } from '../../src/cli/options.ts';
import { MODEL_PRESETS, type ModelPresetId } from '../../src/core/model_config.ts';
import { openDevice } from '../../src/gpu/device.ts';
import { profileLaunches } from '../../src/gpu/timing.ts';
import { packBatch } from '../../src/model/batch.ts';
import { uploadBatch } from '../../src/model/update.ts';
import { openOurs } from './ours.ts';
import { workload } from './workload.ts';

/** @throws {RangeError} unknown model; {Error} the adapter has no timestamps */
export async function profile(gpu: GPU, model: string): Promise<object[]> {
  const preset = oneOf('model', model, Object.keys(MODEL_PRESETS) as ModelPresetId[]);
  const opened = await openDevice(gpu);
  const w = workload({ model: preset, sequences: 32, tokens: 32 });
  const { engine, policy, loss, step } = await openOurs(opened, w);
  await step();
  const batch = packBatch(
    w.sequences.map((s) => ({
      prompt: s.slice(0, 1),
      response: s.slice(1),
      weight: 1 / (w.shape.sequences * w.shape.tokens),
      advantage: 1,
      old_logp: Array(w.shape.tokens).fill(0),
    })),
  );
  uploadBatch(engine, batch, false, 1);
  const { forward, backward } = policy.passes;
  const launches = [...forward, loss.launch, loss.sum, ...backward, ...policy.optimizer];
  const sums = new Map<string, { ms: number; dispatches: number }>();
  let total = 0;
  for (const { label, ms } of await profileLaunches(opened.device, launches, batch.N)) {
    const sum = sums.get(label) ?? { ms: 0, dispatches: 0 };
    sums.set(label, { ms: sum.ms + ms, dispatches: sum.dispatches + 1 });
    total += ms;
  }
  engine.destroy();
  return [...sums]
    .sort((a, b) => b[1].ms - a[1].ms)
    .map(([kernel, { ms, dispatches }]) => ({
      kernel,
      ms: Number(ms.toFixed(3)),
      share: Number((ms / total).toFixed(3)),
      dispatches,
      model,
    }));
}
