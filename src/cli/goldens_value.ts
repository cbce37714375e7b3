/** The value head's loss kernel against value.json. */
import { readFileSync } from 'node:fs';
import { readBuffer } from '../gpu/readback.ts';
import { Engine } from '../model/engine.ts';
import { type Layout, writeTensor } from '../model/layout.ts';
import { ROW } from '../model/rows.ts';
import { uploadBatch, uploadCritic } from '../model/update.ts';
import { type Item, sumError, worstRelative } from './goldens_items.ts';

interface ValueFile {
  cliprange: number;
  vpreds: number[][];
  values: number[][];
  returns: number[][];
  mask: number[][];
  loss: number;
  clipfrac: number;
  dvpreds: number[][];
}

/** Width of the smallest model; its first channel carries the prediction. */
const WIDTH = 4;

export async function checkValue(device: GPUDevice, file: string): Promise<Item[]> {
  const golden = JSON.parse(readFileSync(file, 'utf8')) as ValueFile;
  const [predictions, old, returns, mask] = (['vpreds', 'values', 'returns', 'mask'] as const).map(
    (key) => golden[key].flat(),
  ) as [number[], number[], number[], number[]];
  const N = mask.length;
  const tokens = mask.reduce((a, b) => a + b, 0);
  const config = {
    ...{ n_layer: 1, n_embd: WIDTH, n_head: 1, d_ff: 4, vocab_size: 4 },
    ...{ rope_theta: 1e4, rms_eps: 1e-5 },
  };
  const rows = Math.ceil(N / 8) * 8;
  const sizes = { rows, sequences: 8, response: 1, positions: 2, splits: 1 };
  const engine = await Engine.create(device, config, 0, sizes, undefined, true);
  const layout = engine.valueLayout as Layout;
  const parameters = new Float32Array(layout.size);
  for (const spec of layout.tensors) {
    if (spec.name === 'score.weight') writeTensor(parameters, spec, [1, 0, 0, 0]);
  }
  const policy = engine.createPolicy(parameters, true);
  const facts = Float32Array.from({ length: 4 * N }, (_, i) =>
    i % 4 === 0 ? (mask[i / 4] as number) / tokens : 0,
  );
  const targets = Float32Array.from({ length: 2 * N }, (_, i) => {
    return (i % 2 === 0 ? old : returns)[i >> 1] as number;
  });
  const batch = { N, rows: new Uint32Array(ROW * N), actions: new Uint32Array(N), facts, targets };
  uploadBatch(engine, batch, false, 1);
  uploadCritic(engine, batch, { coefficient: 1, clip: golden.cliprange });
  const { workspace } = engine;
  const normed = Float32Array.from({ length: WIDTH * N }, (_, i) => {
    return i % WIDTH === 0 ? (predictions[i / WIDTH] as number) : 0;
  });
  device.queue.writeBuffer(workspace.buffer('last.normed'), 0, normed);
  const encoder = device.createCommandEncoder();
  engine.pass(encoder, policy.passes.value?.loss ?? [], N);
  device.queue.submit([encoder.finish()]);
  const read = async (name: string, count: number) =>
    new Float32Array(await readBuffer(device, workspace.buffer(name), 4 * count));
  const [sums, values] = [await read('value_sums', 4), await read('values', 4 * N)];
  const column = (c: number): number[] =>
    Array.from({ length: N }, (_, n) => values[4 * n + c] as number);
  engine.destroyPolicy(policy);
  engine.destroy();
  return [
    {
      name: 'value: predictions',
      error: worstRelative(
        column(1),
        predictions.map((x, n) => x * (mask[n] as number)),
      ),
      tolerance: 1e-6,
    },
    { name: 'value: loss', error: sumError(sums[0] as number, golden.loss), tolerance: 1e-4 },
    {
      name: 'value: gradient in the predictions',
      error: worstRelative(column(3), golden.dvpreds.flat()),
      tolerance: 1e-4,
    },
    {
      name: 'value: clipped share',
      error: Math.abs((sums[2] as number) / tokens - golden.clipfrac),
      tolerance: 1e-6,
    },
  ];
}
