/** The whole model against model.json, model.safetensors, grads-*.safetensors and adamw-step*.safetensors. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { record } from '../gpu/launch.ts';
import { readBuffer } from '../gpu/readback.ts';
import { composeMethods } from '../methods/compose.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import type { PackedBatch } from '../model/batch.ts';
import { Engine, type Loss, type Policy } from '../model/engine.ts';
import { readTensor } from '../model/layout.ts';
import { ROW } from '../model/rows.ts';
import { loadParameters, parseSafetensors } from '../model/safetensors.ts';
import { update, uploadBatch } from '../model/update.ts';
import { arrayBuffer } from './files.ts';
import { type Item, relativeNorm, sumError, worstRelative } from './goldens_items.ts';

interface ModelFile {
  config: {
    vocab: number;
    d_model: number;
    layers: number;
    heads: number;
    d_ff: number;
    rope_theta: number;
    rms_eps: number;
  };
  tokens: number[][];
  response_mask: number[][];
  old_logp: number[][];
  advantages: number[][];
  logits: number[][][];
  logp: number[][];
  entropy: number[][];
  steps: Record<string, { alpha: number; loss: number; grad_norm: number }>;
}

/** The optimizer of the golden steps (goldens README). */
const ADAM = {
  learning_rate: 1e-2,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  weight_decay: 0.1,
  max_grad_norm: 1,
};
const CLIP = { 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 3 };

/** The composed loss of these methods with these settings, ready to launch. */
export async function lossOf(
  engine: Engine,
  ids: string[],
  values: Record<string, number>,
): Promise<Loss> {
  const composed = composeMethods(ids.map((id) => METHODS.get(id) as Method));
  const loss = await engine.createLoss(composed);
  engine.setValues(
    loss,
    composed.fields.map((field) => {
      const value = values[field];
      if (value === undefined) throw new Error(`goldens: needs a value for ${field}, got none`);
      return value;
    }),
  );
  return loss;
}

/** Every row of every sequence; the mask at t stands on the row t − 1 that predicts it. */
function goldenBatch(file: ModelFile, weightOf: (mask: number) => number): PackedBatch {
  const S = (file.tokens[0] as number[]).length;
  const N = file.tokens.length * S;
  const rows = new Uint32Array(ROW * N);
  const actions = new Uint32Array(N);
  const facts = new Float32Array(4 * N);
  file.tokens.forEach((sequence, i) => {
    sequence.forEach((token, t) => {
      const n = i * S + t;
      rows.set([token, t, i * S, (i + 1) * S, i * S], ROW * n);
      if (t + 1 === S) return;
      actions[n] = sequence[t + 1] as number;
      const at = (table: number[][]): number => (table[i] as number[])[t + 1] as number;
      const old = at(file.old_logp);
      facts.set([weightOf(at(file.response_mask)), at(file.advantages), old, old], 4 * n);
    });
  });
  return { N, rows, actions, facts };
}

export async function checkModel(device: GPUDevice, folder: string): Promise<Item[]> {
  const file = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')) as ModelFile;
  const { config: c } = file;
  const config = {
    n_layer: c.layers,
    n_embd: c.d_model,
    n_head: c.heads,
    d_ff: c.d_ff,
    vocab_size: c.vocab,
    rope_theta: c.rope_theta,
    rms_eps: c.rms_eps,
  };
  const S = (file.tokens[0] as number[]).length;
  const N = file.tokens.length * S;
  const sizes = { rows: Math.ceil(N / 8) * 8, sequences: 8, response: 1, positions: S, splits: 3 };
  const engine = await Engine.create(device, config, 0, sizes);
  const parameters = loadParameters(
    engine.layout,
    arrayBuffer(path.join(folder, 'model.safetensors')),
  );
  const policy = engine.createPolicy(parameters);
  const items = await checkForward(engine, policy, file, N, S);
  for (const [mode, step] of Object.entries(file.steps)) {
    const method = { none: [], naive: ['entropy_bonus'], ib: ['ib_entropy'] }[mode];
    if (!method) {
      items.push({
        name: `${mode}`,
        error: 0,
        tolerance: 0,
        skipped: `no method for mode ${mode}`,
      });
      continue;
    }
    const loss = await lossOf(engine, ['ppo_clip', ...method], {
      ...CLIP,
      'entropy_bonus.alpha': step.alpha,
      'ib_entropy.alpha': step.alpha,
    });
    const tokens = file.response_mask.flat().reduce((a, b) => a + b, 0);
    const batch = goldenBatch(file, (mask) => mask / tokens);
    const result = await update(engine, policy, loss, {
      parts: [batch],
      temperature: 1,
      adam: ADAM,
      updateNumber: 1,
      gradientOnly: true,
    });
    items.push({
      name: `${mode}: loss`,
      error: sumError(result.loss, step.loss),
      tolerance: 1e-4,
    });
    items.push({
      name: `${mode}: gradient norm`,
      error: sumError(result.grad_norm, step.grad_norm),
      tolerance: 1e-4,
    });
    items.push(...(await checkGradients(engine, folder, mode)));
  }
  items.push(...(await checkAdam(engine, policy, parameters, folder)));
  engine.destroy();
  return items;
}

async function checkForward(
  engine: Engine,
  policy: Policy,
  file: ModelFile,
  N: number,
  S: number,
): Promise<Item[]> {
  const { device, layout, workspace } = engine;
  const { vocab_size: V } = layout.config;
  // Weight 1 on every row that predicts a token, so that the loss kernel reports all of them.
  const loss = await lossOf(engine, ['ppo_clip'], CLIP);
  uploadBatch(
    engine,
    goldenBatch(file, () => 1),
    false,
    1,
  );
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, policy.passes.forward, N);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const padded = new Float32Array(
    await readBuffer(device, workspace.buffer('logits'), 4 * N * layout.VP),
  );
  const logits = Array.from({ length: N }, (_, n) => [
    ...padded.subarray(n * layout.VP, n * layout.VP + V),
  ]).flat();
  const second = device.createCommandEncoder();
  engine.pass(second, [loss.launch], N);
  device.queue.submit([second.finish()]);
  const stats = new Float32Array(await readBuffer(device, workspace.buffer('stats'), 32 * N));
  // Tables count positions of the predicted token; position 0 is predicted by nothing.
  const predicted = (column: number): number[] =>
    file.tokens.flatMap((_, i) =>
      Array.from({ length: S - 1 }, (__, t) => stats[8 * (i * S + t) + column] as number),
    );
  const tail = (table: number[][]): number[] => table.flatMap((row) => row.slice(1));
  return [
    { name: 'logits', error: worstRelative(logits, file.logits.flat(2)), tolerance: 1e-4 },
    {
      name: 'log-probabilities',
      error: worstRelative(predicted(1), tail(file.logp)),
      tolerance: 1e-4,
    },
    { name: 'entropies', error: worstRelative(predicted(2), tail(file.entropy)), tolerance: 1e-4 },
  ];
}

async function checkGradients(engine: Engine, folder: string, mode: string): Promise<Item[]> {
  const name = path.join(folder, `grads-${mode}.safetensors`);
  if (!existsSync(name)) return [];
  const expected = parseSafetensors(arrayBuffer(name));
  const flat = new Float32Array(
    await readBuffer(engine.device, engine.workspace.buffer('grad'), 4 * engine.layout.size),
  );
  return engine.layout.tensors.map((spec) => ({
    name: `${mode}: gradient of ${spec.name}`,
    error: relativeNorm(readTensor(flat, spec), expected.get(spec.name)?.values ?? []),
    tolerance: 1e-3,
  }));
}

/** One and three optimizer steps on the file's own `ib` gradient. */
async function checkAdam(
  engine: Engine,
  policy: Policy,
  parameters: Float32Array,
  folder: string,
): Promise<Item[]> {
  const gradients = path.join(folder, 'grads-ib.safetensors');
  if (!existsSync(gradients)) return [];
  const { device, layout, workspace } = engine;
  const flat = loadParameters(layout, arrayBuffer(gradients));
  device.queue.writeBuffer(
    workspace.buffer('partial'),
    0,
    new Float32Array(workspace.sizes.splits * layout.size),
  );
  device.queue.writeBuffer(workspace.buffer('partial'), 0, flat as Float32Array<ArrayBuffer>);
  engine.writePolicy(policy, { parameters });
  const items: Item[] = [];
  for (let t = 1; t <= 3; t++) {
    const { learning_rate, beta1, beta2, eps, weight_decay, max_grad_norm } = ADAM;
    const values = [
      learning_rate,
      beta1,
      beta2,
      eps,
      weight_decay,
      max_grad_norm,
      1 - beta1 ** t,
      1 - beta2 ** t,
    ];
    device.queue.writeBuffer(engine.uniforms.adam, 0, Float32Array.from(values));
    const encoder = device.createCommandEncoder();
    engine.pass(encoder, policy.optimizer, 1);
    device.queue.submit([encoder.finish()]);
    const name = path.join(folder, `adamw-step${t}.safetensors`);
    if (!existsSync(name)) continue;
    const expected = parseSafetensors(arrayBuffer(name));
    const after = (await engine.readPolicy(policy)).parameters;
    for (const spec of layout.tensors) {
      // The change, not the value: an optimizer that does nothing must not pass.
      const before = readTensor(parameters, spec);
      const moved = readTensor(after, spec).map((x, i) => x - (before[i] as number));
      const wanted = (expected.get(spec.name)?.values ?? new Float32Array()).map(
        (x, i) => x - (before[i] as number),
      );
      items.push({
        name: `AdamW, ${t} steps: change of ${spec.name}`,
        error: relativeNorm(moved, wanted),
        tolerance: 1e-3,
      });
    }
  }
  return items;
}
