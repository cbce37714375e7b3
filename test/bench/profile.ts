/**
 * Where the time of a training step goes, kernel by kernel: timestamps around a pass of each dispatch. Matrix kernels with
 * their GFLOP/s; `ceiling` is the fastest of them, since an adapter does not tell its own.
 */

import { oneOf } from '../../src/cli/options.ts';
import { MODEL_PRESETS, type ModelPresetId } from '../../src/core/model_config.ts';
import { openDevice } from '../../src/gpu/device.ts';
import { profileLaunches } from '../../src/gpu/timing.ts';
import { packBatch } from '../../src/model/batch.ts';
import type { Layout } from '../../src/model/layout.ts';
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
  const flops = productFlops(policy.layout, batch.N);
  engine.destroy();
  const lines = [...sums]
    .sort((a, b) => b[1].ms - a[1].ms)
    .map(([kernel, { ms, dispatches }]) => {
      const isBoth = kernel.endsWith('.backward');
      const one = flops.get(kernel.replace(/\.(backward|d_input|d_weight)$/, ''));
      return {
        kernel,
        ms: Number(ms.toFixed(3)),
        share: Number((ms / total).toFixed(3)),
        dispatches,
        ...(one && {
          gflops: Number(((one * (isBoth ? 2 : 1) * dispatches) / (ms * 1e6)).toFixed(2)),
        }),
        model,
      };
    });
  const ceiling = Math.max(...lines.map(({ gflops = 0 }) => gflops));
  return lines.map((line) => (line.gflops ? { ...line, ceiling } : line));
}

/** Operations of one launch over n rows, forward; either gradient has as many; by the layer's name. */
function productFlops({ CP, A, F, VP }: Layout, n: number): Map<string, number> {
  const sizes = { qkv: 3 * A * CP, o: A * CP, gate_up: 2 * F * CP, down: F * CP, head: VP * CP };
  return new Map(Object.entries(sizes).map(([name, size]) => [name, 2 * n * size]));
}
