// The golden check on folders of other sizes: written here by the float64 reference at awkward shapes, they must pass;
// with one number changed they must not.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFolder, main } from '../../src/cli/goldens.ts';
import { passes } from '../../src/cli/goldens_items.ts';
import { formatSafetensors } from '../../src/model/safetensors.ts';
import { policyLoss } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  type Params,
  packSequences,
  parameterShapes,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { device } from '../helpers/dawn.ts';
import { adamwInit, adamwStep, globalNorm } from '../reference/adamw.ts';
import { seededRandom } from '../reference/differences.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'goldens-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Nothing divides a tile: 3 heads of width 10, odd vocabulary and MLP.
const config = {
  vocab: 13,
  d_model: 30,
  layers: 3,
  heads: 3,
  d_ff: 22,
  context: 9,
  rope_theta: 10000,
  rms_eps: 1e-5,
};
const S = 9;
const COUNT = 3;

function save(name: string, params: Params) {
  const shapes = new Map(parameterShapes(config));
  const tensors = [...params].map(
    ([tensor, values]) =>
      [tensor, { shape: shapes.get(tensor)!, values: Float32Array.from(values) }] as const,
  );
  writeFileSync(path.join(folder, name), new Uint8Array(formatSafetensors(new Map(tensors))));
}

const f32 = (params: Params): Params =>
  new Map([...params].map(([k, v]) => [k, Float64Array.from(Float32Array.from(v))]));

function writeGoldens() {
  const random = seededRandom(5);
  const params = f32(randomParameters(config, random, 0.4));
  const tokens = Array.from({ length: COUNT }, () =>
    Array.from({ length: S }, () => Math.floor(random() * config.vocab)),
  );
  const table = (f: (i: number, t: number) => number) =>
    Array.from({ length: COUNT }, (_, i) => Array.from({ length: S }, (__, t) => f(i, t)));
  const response_mask = table((i, t) => (t >= 3 && t < 6 + i ? 1 : 0));
  const advantages = table((i, t) => response_mask[i][t] * [1.3, -0.4, -0.9][i]);
  const packed = packSequences(tokens);
  const state = forward(config, params, packed);
  const V = config.vocab;
  const row = (i: number, t: number) => Array.from(state.logits.slice((i * S + t) * V).slice(0, V));
  // The row before a token predicts it; the last row of a sequence predicts nothing.
  const shift = (of: number[][]) => of.flatMap((r) => [...r.slice(1), 0]);
  const batch = {
    V,
    logits: state.logits,
    action: shift(tokens),
    mask: shift(response_mask),
    sequence: tokens.flatMap((r, i) => r.map(() => i)),
    advantage: shift(advantages),
  };
  const free = { ...batch, mask: batch.mask.map(() => 1), old_logp: batch.mask.map(() => 0) };
  const clip = { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 };
  const all = policyLoss(free, clip);
  const at = (values: ArrayLike<number>) => table((i, t) => (t === 0 ? 0 : values[i * S + t - 1]));
  const logp = at(all.logp);
  const old_logp = logp.map((r) => r.map((x) => x + 0.5 * (random() - 0.5)));
  const steps: Record<string, object> = {};
  for (const [mode, alpha] of [
    ['none', 0],
    ['naive', 0.01],
    ['ib', 0.05],
  ] as const) {
    const loss = policyLoss(
      { ...batch, old_logp: shift(old_logp) },
      { ...clip, entropy: mode, alpha },
    );
    const grads = backward(config, params, packed, state, loss.d_logits);
    steps[mode] = { alpha, loss: loss.loss, grad_norm: globalNorm(grads) };
    save(`grads-${mode}.safetensors`, grads);
    if (mode !== 'ib') continue;
    const moving: Params = new Map([...params].map(([k, v]) => [k, v.slice()]));
    const adam = adamwInit(moving);
    for (let t = 1; t <= 3; t++) {
      adamwStep(moving, f32(grads), adam, {
        lr: 1e-2,
        beta1: 0.9,
        beta2: 0.95,
        eps: 1e-8,
        weight_decay: 0.1,
        max_norm: 1,
      });
      if (t !== 2) save(`adamw-step${t}.safetensors`, moving);
    }
  }
  save('model.safetensors', params);
  const logits = tokens.map((r, i) => r.map((_, t) => row(i, t)));
  const file = { config, tokens, response_mask, old_logp, advantages, logits, logp };
  const entropy = at(all.entropy);
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify({ ...file, entropy, steps }));
}

describe('check:goldens', () => {
  writeGoldens();

  it('passes on the goldens of PyTorch and verl', async () => {
    const items = await checkFolder(device, new URL('../goldens', import.meta.url).pathname);
    expect(items.filter((item) => !passes(item))).toEqual([]);
    // Every part of the folder was compared: model, three gradients, two optimizer steps, losses, advantages.
    expect(items.filter((item) => item.skipped === undefined).length).toBeGreaterThan(220);
    expect(items.filter((item) => item.skipped !== undefined)).toEqual([]);
    const names = items.map((item) => item.name);
    for (const name of ['advantages gae', 'returns gae', 'value: loss']) {
      expect(names).toContain(name);
    }
  });

  it('passes on a model of awkward sizes, written by the float64 reference', async () => {
    const items = await checkFolder(device, folder);
    expect(items.filter((item) => !passes(item))).toEqual([]);
    // Logits, log-probabilities, entropies; loss, norm and 30 tensors in three modes; 30 tensors after two steps.
    expect(items).toHaveLength(3 + 3 * 32 + 2 * 30);
  });

  it.each([
    ['logits', (file: { logits: number[][][] }) => (file.logits[1][4][2] += 0.01)],
    ['loss', (file: { steps: { ib: { loss: number } } }) => (file.steps.ib.loss *= -1)],
    ['entropy', (file: { entropy: number[][] }) => (file.entropy[0][1] = Number.NaN)],
  ])('fails when a folder has wrong numbers: %s', async (_, change) => {
    const bad = mkdtempSync(path.join(tmpdir(), 'goldens-bad-'));
    cpSync(folder, bad, { recursive: true });
    const file = JSON.parse(readFileSync(path.join(bad, 'model.json'), 'utf8'));
    change(file);
    writeFileSync(path.join(bad, 'model.json'), JSON.stringify(file));
    expect(await main([bad])).toBe(1);
    rmSync(bad, { recursive: true });
  });

  it('fails when a gradient has the wrong sign', async () => {
    const bad = mkdtempSync(path.join(tmpdir(), 'goldens-bad-'));
    cpSync(folder, bad, { recursive: true });
    const name = path.join(bad, 'grads-none.safetensors');
    const bytes = readFileSync(name);
    // The top bit of the last thousand values: their signs.
    for (let i = bytes.length - 1; i > bytes.length - 4000; i -= 4) bytes[i] ^= 0x80;
    writeFileSync(name, bytes);
    const failed = (await checkFolder(device, bad)).filter((item) => !passes(item));
    expect(failed.length).toBeGreaterThan(0);
    for (const item of failed) expect(item.name).toMatch(/^none: gradient of /);
    rmSync(bad, { recursive: true });
  });

  it('says how it is used when the folder is missing', async () => {
    expect(await main([])).toBe(2);
    expect(await main(['/no/such/folder'])).toBe(2);
  });
});
