// Gradients of parts of the loss, against those of the float64 reference: their norms and their cosine, on packed
// sequences of any length, in one part and in several.
import { expect, test } from 'vitest';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { Engine } from '../../src/model/engine.ts';
import { readTensor, writeTensor } from '../../src/model/layout.ts';
import { type LossSettings, policyLoss } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  type Params,
  packSequences,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { compile, cosine, gradientOf, norm } from '../../src/train/gradients.ts';
import type { StepBatch } from '../../src/train/run_parts.ts';
import type { Judged } from '../../src/train/sampling.ts';
import { composePolicy, composeRegularizers } from '../../src/train/terms.ts';
import { relativeToNorm } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { AWKWARD } from '../kernels/bench.ts';
import { seededRandom } from '../reference/differences.ts';

const TEMPERATURE = 0.7;
const CLIP = { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 };
const VALUES = {
  ...{ 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 3 },
  ...{ 'entropy_bonus.alpha': 0.3, 'ib_entropy.alpha': 0.5 },
  ...{ 'trainer.temperature': TEMPERATURE, 'trainer.aggregate': 0 },
};

const config = { ...AWKWARD.config, n_layer: 2 };
const { vocab_size: V } = config;
const random = seededRandom(11);
const twin = {
  ...{ vocab: V, d_model: config.n_embd, layers: config.n_layer, heads: config.n_head },
  ...{ d_ff: config.d_ff, rope_theta: config.rope_theta, rms_eps: config.rms_eps },
};
const params: Params = new Map(
  [...randomParameters(twin, random)].map(([name, x]) => [name, x.map(Math.fround)]),
);

// Rows of the sequences: 2, 5, 9, 3 and 7, together 26.
const LENGTHS = [
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
  tokens: Uint32Array.from({ length: response }, token),
  advantage: number(2),
  old_logp: Array.from({ length: response }, () => Math.fround(-2 + number(1.5))),
}));
const batch = {
  responses: sequences.map(({ prompt, tokens }) => ({ prompt, tokens }) as unknown as Judged),
  tokens: tokenBatch(
    sequences.map((s) => s.tokens.length),
    {
      old_logp: Float32Array.from(sequences.flatMap((s) => s.old_logp)),
      advantage: Float32Array.from(
        sequences.flatMap((s) => Array.from(s.tokens, () => s.advantage)),
      ),
    },
  ),
} as StepBatch;

const rows = sequences.flatMap((s, sequence) => {
  const all = [...s.prompt, ...s.tokens];
  return all.slice(1).map((action, i) => {
    const t = i + 1 - s.prompt.length;
    const old_logp = t < 0 ? 0 : (s.old_logp[t] as number);
    return { action, sequence, mask: t < 0 ? 0 : 1, old_logp, advantage: s.advantage };
  });
});
const packed = packSequences(sequences.map((s) => [...s.prompt, ...s.tokens].slice(0, -1)));
const state = forward(twin, params, packed);

/** Of every parameter, tensors one after the other. */
function expected(names: readonly string[], settings: Partial<LossSettings>): number[] {
  const column = (key: keyof (typeof rows)[0]) => rows.map((row) => row[key]);
  const { d_logits } = policyLoss(
    {
      ...{ V, logits: state.logits, action: column('action'), mask: column('mask') },
      ...{ sequence: column('sequence'), advantage: column('advantage') },
      old_logp: column('old_logp'),
    },
    { ...CLIP, ...settings, temperature: TEMPERATURE },
  );
  const grads = backward(twin, params, packed, state, d_logits);
  return names.flatMap((name) => [...(grads.get(name) as Float64Array)]);
}

test.each([
  ['one part', 40],
  ['several parts', 16],
])('policy and regularizers apart, %s', async (_, capacity) => {
  const engine = await Engine.create(device, config, 0, { ...AWKWARD.sizes, rows: capacity });
  const { layout } = engine;
  const flat = new Float32Array(layout.size);
  for (const spec of layout.tensors) writeTensor(flat, spec, params.get(spec.name) ?? []);
  const policy = engine.createPolicy(flat);
  const methods = ['ppo_clip', 'entropy_bonus', 'ib_entropy'].map(
    (id) => METHODS.get(id) as Method,
  );
  const parts = { engine, policy, base: policy, methods };
  const names = layout.tensors.map((spec) => spec.name);
  const plain = (grad: Float32Array) => layout.tensors.flatMap((s) => [...readTensor(grad, s)]);

  const ofPolicy = await gradientOf(
    ...([parts, batch, await compile(engine, composePolicy(methods)), VALUES] as const),
  );
  const none = expected(names, {});
  // f32 carries 6e-8 a number; some twenty kernels of sums of up to 40 terms pass it on.
  expect(relativeToNorm(plain(ofPolicy), none)).toBeLessThan(1e-5);

  const ofRegularizers = await gradientOf(
    ...([parts, batch, await compile(engine, composeRegularizers(methods)), VALUES] as const),
  );
  const naive = expected(names, { entropy: 'naive', alpha: 0.3 });
  const ib = expected(names, { entropy: 'ib', alpha: 0.5 });
  const added = naive.map((x, i) => x + (ib[i] as number) - 2 * (none[i] as number));
  expect(relativeToNorm(plain(ofRegularizers), added)).toBeLessThan(1e-5);

  expect(norm(ofPolicy) / norm(none)).toBeCloseTo(1, 5);
  expect(norm(ofRegularizers) / norm(added)).toBeCloseTo(1, 5);
  expect(Math.abs(cosine(none, added))).toBeGreaterThan(0.01);
  expect(cosine(ofPolicy, ofRegularizers)).toBeCloseTo(cosine(none, added), 5);
  engine.destroyPolicy(policy);
  engine.destroy();
});
