// The whole model against the float64 reference: logits, results and every parameter's gradient of
// one update, on packed sequences of any length, in one part and in several.
import { expect, test } from 'vitest';
import { record } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../../src/model/batch.ts';
import { Engine, type Policy } from '../../src/model/engine.ts';
import { kernelSpecs } from '../../src/model/kernels.ts';
import { createLayout, readTensor, writeTensor } from '../../src/model/layout.ts';
import { update, uploadBatch } from '../../src/model/update.ts';
import { klEstimate, policyLoss } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  type Params,
  packSequences,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { expectClose, relativeToNorm } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { seededRandom } from '../reference/differences.ts';
import { AWKWARD } from './bench.ts';

const TEMPERATURE = 0.7;
const CLIP = { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 };
const VALUES: Record<string, number> = {
  'ppo_clip.eps_low': 0.2,
  'ppo_clip.eps_high': 0.28,
  'ppo_clip.dual': 3,
  'ib_entropy.alpha': 0.5,
  'kl_penalty.beta': 0.4,
  'kl_penalty.estimator': 2,
};
const ADAM = {
  ...{ learning_rate: 0.01, beta1: 0.9, beta2: 0.95, eps: 1e-8 },
  ...{ weight_decay: 0.1, max_grad_norm: 1 },
};

const config = { ...AWKWARD.config, n_layer: 2 };
const { vocab_size: V } = config;
const sizes = { ...AWKWARD.sizes, rows: 40 };
const engine = await Engine.create(device, config, 0, sizes);
const { layout } = engine;
const random = seededRandom(5);
const reference = {
  ...{ vocab: V, d_model: config.n_embd, layers: config.n_layer, heads: config.n_head },
  ...{ d_ff: config.d_ff, rope_theta: config.rope_theta, rms_eps: config.rms_eps },
};

function newPolicy(): { params: Params; policy: Policy } {
  // As f32 holds them, so that both sides start from the same numbers.
  const params = new Map(
    [...randomParameters(reference, random)].map(([name, x]) => [name, x.map(Math.fround)]),
  );
  const flat = new Float32Array(layout.size);
  for (const spec of layout.tensors) writeTensor(flat, spec, params.get(spec.name) ?? []);
  return { params, policy: engine.createPolicy(flat) };
}

const { params, policy } = newPolicy();
const base = newPolicy();

// Rows of the sequences: 1, 2, 5, 9, 3 and 7, together 27.
const LENGTHS = [
  [1, 1],
  [1, 2],
  [4, 2],
  [5, 5],
  [2, 2],
  [1, 7],
];
const number = (scale: number) => Math.fround(scale * (2 * random() - 1));
const token = () => Math.floor(random() * V);
const sequences = LENGTHS.map(([prompt, response]) => ({
  prompt: Array.from({ length: prompt }, token),
  response: Array.from({ length: response }, token),
  weight: 0,
  advantage: number(2),
  old_logp: Array.from({ length: response }, () => -2 + number(1.5)),
}));
const tokens = sequences.reduce((sum, s) => sum + s.response.length, 0);
for (const s of sequences) s.weight = Math.fround(1 / tokens);

/** The rows as the reference takes them, built without packBatch. */
const packed = packSequences(sequences.map((s) => [...s.prompt, ...s.response].slice(0, -1)));
const rows = sequences.flatMap((s, sequence) => {
  const all = [...s.prompt, ...s.response];
  return all.slice(1).map((action, i) => {
    const t = i + 1 - s.prompt.length;
    const old_logp = t < 0 ? 0 : s.old_logp[t];
    return { action, sequence, mask: t < 0 ? 0 : 1, old_logp, advantage: s.advantage };
  });
});

function expected() {
  const state = forward(reference, params, packed);
  const { logits } = forward(reference, base.params, packed);
  const column = (key: keyof (typeof rows)[0]) => rows.map((row) => row[key]);
  const batch = {
    ...{ V, logits: state.logits, action: column('action'), mask: column('mask') },
    ...{ sequence: column('sequence'), advantage: column('advantage') },
    old_logp: column('old_logp'),
  };
  const zeros = new Float64Array(rows.length);
  const settings = { ...CLIP, temperature: TEMPERATURE };
  const ref = policyLoss({ ...batch, logits, old_logp: zeros }, settings);
  const loss = policyLoss(
    { ...batch, ref_logp: ref.logp },
    { ...settings, entropy: 'ib', alpha: 0.5, kl: 'k3', beta: 0.4 },
  );
  const k3 = ref.logp.map((r, n) => klEstimate(loss.logp[n], r, 'k3').value);
  return { state, loss, k3, grads: backward(reference, params, packed, state, loss.d_logits) };
}

const methods = ['ppo_clip', 'ib_entropy', 'kl_penalty'].map((id) => METHODS.get(id) as Method);
const composed = composeMethods(methods);
const loss = await engine.createLoss(composed);
engine.setValues(
  loss,
  composed.fields.map((field) => VALUES[field]),
);

/** Result and flat gradient of one minibatch cut into parts of at most `capacity` rows. */
async function gradientOf(capacity: number) {
  const parts = cutByRows(sequences, capacity).map(packBatch);
  const result = await update(engine, policy, loss, {
    ...{ parts, temperature: TEMPERATURE, adam: ADAM, updateNumber: 1 },
    ...{ reference: base.policy, gradientOnly: true },
  });
  const bytes = await readBuffer(device, engine.workspace.buffer('grad'), 4 * layout.size);
  return { parts: parts.length, result, gradient: new Float32Array(bytes) };
}

const want = expected();

test('logits', async () => {
  uploadBatch(engine, packBatch(sequences), false, 1);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, policy.passes.forward, rows.length);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const bytes = 4 * rows.length * layout.VP;
  const all = new Float32Array(await readBuffer(device, engine.workspace.buffer('logits'), bytes));
  const actual = all.filter((_, i) => i % layout.VP < V);
  // Two layers of sums of some 30 terms, values up to 5: errors of 1e-6 that layers pass on.
  expectClose(actual, want.state.logits, { rtol: 1e-5, atol: 1e-5 });
  expect(all.filter((_, i) => i % layout.VP >= V).every((x) => x === 0)).toBe(true);
});

test('results and the gradient of every parameter', async () => {
  const { result, gradient } = await gradientOf(40);
  for (const spec of layout.tensors) {
    const actual = readTensor(gradient, spec);
    const exact = want.grads.get(spec.name) ?? [];
    // By norm: single elements cancel to nearly nothing. Some 20 kernels of errors near 1e-6.
    expect(relativeToNorm(actual, exact), spec.name).toBeLessThan(1e-5);
    const size = Math.max(...Array.from(exact, Math.abs));
    expectClose(actual, exact, { rtol: 1e-4, atol: 2e-5 * size, label: spec.name });
  }
  const sum = (values: ArrayLike<number>) =>
    rows.reduce((total, { mask }, n) => total + mask * values[n], 0);
  const norm = Math.hypot(...[...want.grads.values()].flatMap((x) => [...x]));
  const { loss: exact } = want;
  // Sums over 19 tokens of numbers that are right to 1e-6 of sizes up to 5.
  for (const [key, value] of [
    ['loss', exact.loss],
    ['logp', sum(exact.logp)],
    ['entropy', sum(exact.entropy)],
    // Without the clamp that the penalty has.
    ['kl', sum(want.k3)],
    ['bound', exact.clip_fraction * tokens],
    ['tokens', tokens],
    ['grad_norm', norm],
  ] as const) {
    expectClose([result[key]], [value], { rtol: 2e-5, atol: 2e-5, label: key });
  }
  expect(exact.clip_fraction).toBeGreaterThan(0);
});

test('padding has no gradient', async () => {
  const { gradient } = await gradientOf(40);
  // What remains once every real element is put to zero.
  for (const spec of layout.tensors) {
    const { length } = readTensor(gradient, spec);
    writeTensor(gradient, spec, new Float32Array(length));
  }
  expect([...gradient].findIndex((x) => x !== 0)).toBe(-1);
});

test('parts of a minibatch add up to its gradient', async () => {
  const one = await gradientOf(40);
  for (const capacity of [20, 9]) {
    const cut = await gradientOf(capacity);
    expect(cut.parts).toBe(capacity === 20 ? 2 : 4);
    // The same numbers added in another order: 2^-24 of partial sums, a few times.
    expect(relativeToNorm(cut.gradient, one.gradient)).toBeLessThan(1e-6);
    expectClose(Object.values(cut.result), Object.values(one.result), { rtol: 2e-6, atol: 2e-6 });
  }
});

test('a sequence does not see what stands beside it in the batch', async () => {
  const logitsOf = async (batch: TrainingSequence[]) => {
    const part = packBatch(batch);
    uploadBatch(engine, part, false, 1);
    const encoder = device.createCommandEncoder();
    engine.pass(encoder, policy.passes.forward, part.N);
    device.queue.submit([encoder.finish()]);
    const bytes = 4 * part.N * layout.VP;
    return new Float32Array(await readBuffer(device, engine.workspace.buffer('logits'), bytes));
  };
  const all = await logitsOf(sequences);
  const alone = await logitsOf([sequences[3]]);
  const before = 8 * layout.VP; // rows 1 + 2 + 5
  // Each row is computed by itself in one order: bit for bit.
  expectClose(all.subarray(before, before + alone.length), alone, { rtol: 0, atol: 0 });
});

test('the same update twice gives the same bits', async () => {
  const [a, b] = [await gradientOf(40), await gradientOf(40)];
  expectClose(a.gradient, b.gradient, { rtol: 0, atol: 0 });
});

test('every kernel of the model is named in a test of this folder', () => {
  const files = import.meta.glob<string>('./*.test.ts', {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  const text = Object.values(files).join();
  // `${label}.decode` and `${label}.backward` stand for the layers' kernels of matmul.test.ts; the optimizer of a policy with a value head is
  // adamw.test.ts's at another size, and runs in value_model.test.ts; a latent position is sampled in test/model/latent.test.ts.
  const bare =
    /^(qkv|o|gate_up|down|head)\.(?:decode|backward)$|^(grad_reduce|grad_norm|adamw)\.value$/;
  const named = (name: string) => text.includes(`'${name.replace(bare, '$1$2')}'`);
  const elsewhere = ['sample.latent', 'sample.mix'];
  const missing = [...kernelSpecs(createLayout(config, true), 1, 0, 'alone', true).keys()].filter(
    (name) => !named(name) && !elsewhere.includes(name),
  );
  expect(missing).toEqual([]);
});
