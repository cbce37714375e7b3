// Latent positions in a training pass: rows that are fed mixtures ('embedding.latent') and rows that predict them, the
// whole model against the float64 twin; and that batches without any are what they are in an engine that knows none.
import { describe, expect, test } from 'vitest';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../../src/model/batch.ts';
import { currentStats } from '../../src/model/current.ts';
import { Engine, type Loss, type Policy } from '../../src/model/engine.ts';
import { readTensor, writeTensor } from '../../src/model/layout.ts';
import { logitsOf } from '../../src/model/logits.ts';
import { update } from '../../src/model/update.ts';
import { type LossBatch, policyLoss, softmaxRow } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  packSequences,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { expectClose, relativeToNorm } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { seededRandom } from '../reference/differences.ts';
import { AWKWARD } from './bench.ts';

const VALUES: Record<string, number> = {
  ...{ 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 3 },
  ...{ 'ib_entropy.alpha': 0.5, 'kl_penalty.beta': 0.4, 'kl_penalty.estimator': 0 },
};
const ADAM = {
  ...{ learning_rate: 0.01, beta1: 0.9, beta2: 0.95, eps: 1e-8 },
  ...{ weight_decay: 0.1, max_grad_norm: 1 },
};
const T = 0.7;
const config = { ...AWKWARD.config, n_layer: 2 };
const { vocab_size: V, n_embd: C } = config;
const sizes = { ...AWKWARD.sizes, rows: 48, latent: 3 };
const [engine, bare] = await Promise.all([
  Engine.create(device, config, 0, sizes),
  Engine.create(device, config, 0, { ...sizes, latent: 0 }),
]);
const { layout } = engine;
const random = seededRandom(7);
const twin = {
  ...{ vocab: V, d_model: C, layers: config.n_layer, heads: config.n_head, d_ff: config.d_ff },
  ...{ rope_theta: config.rope_theta, rms_eps: config.rms_eps },
};
// As f32 holds them, so that both sides start from the same numbers.
const params = new Map(
  [...randomParameters(twin, random)].map(([name, x]) => [name, x.map(Math.fround)]),
);
const baseParams = new Map(
  [...randomParameters(twin, random)].map(([name, x]) => [name, x.map(Math.fround)]),
);
const flatOf = (of: typeof params) => {
  const flat = new Float32Array(layout.size);
  for (const spec of layout.tensors) writeTensor(flat, spec, of.get(spec.name) ?? []);
  return flat;
};
const [policy, base] = [
  engine.createPolicy(flatOf(params)),
  engine.createPolicy(flatOf(baseParams)),
];

const number = (scale: number) => Math.fround(scale * (2 * random() - 1));
const token = () => Math.floor(random() * V);
/** Random shares, some 0; `cut` leaves some of the whole away, as a truncated record would. */
const mixture = (cut = 0): Float32Array => {
  const shares = Float32Array.from({ length: V }, () => (random() < 0.3 ? 0 : random()));
  const sum = shares.reduce((a, b) => a + b, 0) + cut;
  return shares.map((x) => x / sum);
};
// [prompt, response, latent positions]: none, all but the last, all of it, one.
const LENGTHS = [
  ...[
    [1, 3, 2],
    [4, 2, 0],
    [5, 5, 3],
  ],
  ...[
    [2, 2, 2],
    [1, 7, 1],
    [3, 1, 1],
  ],
];
const sequences = LENGTHS.map(([prompt, response, latent], i) => ({
  ...{ prompt: Array.from({ length: prompt }, token), weight: 0, advantage: number(2) },
  response: Array.from({ length: response }, token),
  old_logp: Array.from({ length: response }, () => -2 + number(1.5)),
  ...(latent > 0 && { mixtures: Array.from({ length: latent }, () => mixture(i === 2 ? 0.4 : 0)) }),
}));
const tokens = sequences.reduce((sum, s) => sum + s.response.length, 0);
for (const s of sequences) s.weight = Math.fround(1 / tokens);

/** The batch as the twin takes it, built without packBatch. */
function twinBatch() {
  const packed = packSequences(sequences.map((s) => [...s.prompt, ...s.response].slice(0, -1)));
  const rows = sequences.flatMap((s, sequence) => {
    const P = s.prompt.length;
    return Array.from({ length: P + s.response.length - 1 }, (_, i) => ({
      ...{ sequence, fed: s.mixtures?.[i - P], predicted: s.mixtures?.[i + 1 - P] },
      action: [...s.prompt, ...s.response][i + 1],
      mask: i + 1 < P ? 0 : 1,
      ...{ old_logp: s.old_logp[i + 1 - P] ?? 0, advantage: s.advantage },
    }));
  });
  const column = <K extends keyof (typeof rows)[0]>(key: K) => rows.map((row) => row[key]);
  return { packed: { ...packed, mixture: column('fed') }, column, rows };
}
const { packed, column, rows } = twinBatch();
const state = forward(twin, params, packed);
const lossBatch: LossBatch = {
  ...{ V, logits: state.logits, action: column('action'), mask: column('mask') },
  ...{ sequence: column('sequence'), old_logp: column('old_logp') },
  ...{ advantage: column('advantage'), mixture: column('predicted') },
};
const refLogp = policyLoss(
  { ...lossBatch, logits: forward(twin, baseParams, packed).logits },
  { eps_low: 1, eps_high: 1, temperature: T },
).logp;

async function lossOn(on: Engine, ids: readonly string[]): Promise<Loss> {
  const composed = composeMethods(ids.map((id) => METHODS.get(id) as Method));
  const loss = await on.createLoss(composed);
  on.setValues(
    loss,
    composed.fields.map((field) => VALUES[field]),
  );
  return loss;
}

/** Result and flat gradient of one minibatch, cut into parts of at most `capacity` rows. */
async function gradientOf(
  loss: Loss,
  { of = sequences as TrainingSequence[], capacity = 48, on = engine, by = policy } = {},
) {
  const parts = cutByRows(of, capacity).map(packBatch);
  const reference = on === engine ? base : undefined;
  const request = { parts, temperature: T, adam: ADAM, updateNumber: 1, gradientOnly: true };
  const result = await update(on, by, loss, { ...request, reference });
  const bytes = await readBuffer(device, on.workspace.buffer('grad'), 4 * layout.size);
  return { result, gradient: new Float32Array(bytes) };
}

const full = await lossOn(engine, ['ppo_clip', 'ib_entropy', 'kl_penalty']);

test('logits of the whole model that is fed mixtures', async () => {
  const actual = await logitsOf(engine, policy, [packBatch(sequences)]);
  const response = rows.flatMap(({ mask }, n) => (mask ? [n] : []));
  const exact = response.flatMap((n) => [...state.logits.subarray(n * V, (n + 1) * V)]);
  // As in model.test.ts: two layers of sums of some 30 terms, values up to 5.
  expectClose(
    actual.flatMap((row) => [...row]),
    exact,
    { rtol: 1e-5, atol: 1e-5 },
  );
});

// k1, whose derivative is not 0 where the difference is, shows that no KL acts at latent positions.
test('the loss of mixtures and tokens together, and the gradient of every parameter', async () => {
  const exact = policyLoss(
    { ...lossBatch, ref_logp: refLogp },
    {
      ...{ eps_low: 0.2, eps_high: 0.28, dual_clip: 3, temperature: T },
      ...{ entropy: 'ib', alpha: 0.5, kl: 'k1', beta: 0.4 },
    },
  );
  const grads = backward(twin, params, packed, state, exact.d_logits);
  const { result, gradient } = await gradientOf(full);
  for (const spec of layout.tensors) {
    const own = grads.get(spec.name) ?? [];
    // The tolerance of model.test.ts, for the same reasons.
    expect(relativeToNorm(readTensor(gradient, spec), own), spec.name).toBeLessThan(1e-5);
  }
  const sum = (of: ArrayLike<number>) => rows.reduce((s, { mask }, n) => s + mask * of[n], 0);
  expectClose([result.loss], [exact.loss], { rtol: 2e-5, atol: 2e-5, label: 'loss' });
  expectClose([result.logp], [sum(exact.logp)], { rtol: 2e-5, atol: 2e-5, label: 'logp' });
  expectClose([result.entropy], [sum(exact.entropy)], { rtol: 2e-5, atol: 2e-5, label: 'H' });
  expect(result.tokens).toBe(tokens);
  // No KL is estimated at latent positions.
  const k3 = rows.map(({ mask, predicted }, n) => {
    const x = refLogp[n] - exact.logp[n];
    return mask && !predicted ? Math.min(Math.exp(x) - x - 1, 10) : 0;
  });
  expectClose([result.kl], [k3.reduce((a, b) => a + b)], { rtol: 2e-5, atol: 2e-5, label: 'kl' });
});

test.each(['cispo', 'gmpo', 'hapo', 'policy_gradient'])(
  'makes way for the latent loss under %s, with the weights of its own aggregate',
  async (id) => {
    // Constants and weights that say nothing: only what happens at latent positions is looked at.
    const method = METHODS.get(id) as Method;
    const composed = composeMethods([method]);
    const loss = await engine.createLoss(composed);
    engine.setValues(
      loss,
      composed.fields.map((field) => (field.includes('eps') ? 0.2 : 1)),
    );
    const K = composed.columns.length;
    const constants = (s: (typeof sequences)[0]) =>
      Array.from({ length: K * s.response.length }, (_, i) =>
        composed.columns[i % K] === 'objective weight' ? 2 : 0.1,
      );
    const all = sequences.map((s) => ({ ...s, ...(K > 0 && { constants: constants(s) }) }));
    const latent = all.map((s) => ({ ...s, weight: s.mixtures ? s.weight : 0 }));
    // Of the rows that predict mixtures alone: the others weigh nothing.
    const only = latent.filter((s) => s.mixtures?.length === s.response.length);
    expect(only.length).toBe(2);
    const { gradient } = await gradientOf(loss, { of: only });
    const plain = await lossOn(engine, ['policy_gradient']);
    const times = composed.columns.includes('objective weight') ? 2 : 1;
    const scaled = only.map(({ constants: _, ...s }) => ({ ...s, weight: times * s.weight }));
    const { gradient: expected } = await gradientOf(plain, { of: scaled });
    expectClose(gradient, expected, { rtol: 1e-6, atol: 1e-9 });
  },
);

test('parts of a minibatch add up, and what stands beside a sequence changes nothing', async () => {
  const one = await gradientOf(full);
  for (const capacity of [20, 9]) {
    const cut = await gradientOf(full, { capacity });
    // The same numbers added in another order: 2^-24 of partial sums, a few times.
    expect(relativeToNorm(cut.gradient, one.gradient)).toBeLessThan(1e-6);
  }
  const [a] = [sequences[2]];
  const rowsOf = async (of: TrainingSequence[]) =>
    (await logitsOf(engine, policy, [packBatch(of)])).map((row) => [...row]);
  const [alone, among] = [await rowsOf([a]), await rowsOf(sequences)];
  const before = sequences[0].response.length + sequences[1].response.length;
  // Each row is computed by itself in one order: bit for bit.
  expect(among.slice(before, before + alone.length)).toEqual(alone);
  expect((await gradientOf(full)).gradient).toEqual(one.gradient);
});

test('a mixture of one token is that token', async () => {
  const plain = sequences.map(({ mixtures: _, ...s }) => s);
  const oneHot = sequences.map((s) => ({
    ...s,
    mixtures: s.mixtures?.map((_, k) => {
      return Float32Array.from({ length: V }, (__, v) => Number(v === s.response[k]));
    }),
  }));
  const loss = await lossOn(engine, ['policy_gradient', 'ib_entropy']);
  const [a, b] = [await gradientOf(loss, { of: oneHot }), await gradientOf(loss, { of: plain })];
  // All but the embeddings, which learn from tokens alone; one sum more, over a row with one 1.
  for (const spec of layout.tensors.slice(1)) {
    const [is, was] = [a, b].map(({ gradient }) => readTensor(gradient, spec));
    expect(relativeToNorm(is, was), spec.name).toBeLessThan(1e-6);
  }
  expectClose([a.result.loss, a.result.logp], [b.result.loss, b.result.logp], { rtol: 1e-6 });
});

test('embeddings get no gradient through mixtures', async () => {
  const [embed] = layout.tensors;
  // Prompt of one token, whose response is latent throughout: no other embedding is fed.
  const s = { ...sequences[3], prompt: [4] };
  const { gradient } = await gradientOf(full, { of: [s] });
  const own = readTensor(gradient, embed);
  const touched = Array.from({ length: V }, (_, v) =>
    own.subarray(v * C, (v + 1) * C).some((x) => x !== 0),
  );
  expect(touched).toEqual(Array.from({ length: V }, (_, v) => v === 4));
});

describe('batches without latent positions', () => {
  const plain = sequences.map(({ mixtures: _, ...s }) => s);

  test('have the same bits as in an engine that knows none, in every method’s loss', async () => {
    const other: Policy = bare.createPolicy(flatOf(params));
    const ids = [['ppo_clip'], ['ppo_clip', 'ib_entropy'], ['ppo_clip', 'tsallis_entropy']];
    VALUES['tsallis_entropy.alpha'] = 0.3;
    VALUES['tsallis_entropy.q'] = 1.5;
    for (const own of ids) {
      const [a, b] = [await lossOn(engine, own), await lossOn(bare, own)];
      // After a batch that left marks in the buffers.
      await gradientOf(full);
      const parts = cutByRows(plain, 48).map(packBatch);
      const request = { parts, temperature: T, adam: ADAM, updateNumber: 1, gradientOnly: true };
      const results = [
        await update(engine, policy, a, request),
        await update(bare, other, b, request),
      ];
      expect(results[0]).toEqual(results[1]);
      const [x, y] = [engine, bare].map((e) => e.workspace.buffer('grad'));
      const bits = async (buffer: GPUBuffer) =>
        new Uint32Array(await readBuffer(device, buffer, 4 * layout.size));
      expect(await bits(x)).toEqual(await bits(y));
    }
  });

  test('know nothing of latent positions: no buffer, no kernel, no dispatch', () => {
    expect([...bare.kernels.keys()].filter((name) => /latent|mix/.test(name))).toEqual([]);
    expect(() => bare.workspace.buffer('mixtures')).toThrow();
    expect(bare.createPolicy(flatOf(params)).passes.latent).toBeUndefined();
  });
});

test('entropy before an update is that of the row, at latent positions, too', async () => {
  const { entropy } = await currentStats(engine, policy, [packBatch(sequences)], T);
  const exact = rows.flatMap(({ mask }, n) =>
    mask ? [softmaxRow(state.logits, n, V, T).entropy] : [],
  );
  expectClose(entropy, exact, { rtol: 1e-5, atol: 1e-5 });
});

test('refuses latent positions where the engine has no buffers for them', async () => {
  const other = bare.createPolicy(flatOf(params));
  await expect(currentStats(bare, other, [packBatch(sequences)], 1)).rejects.toThrow(
    'batch: latent positions need an engine that has them, got one without',
  );
  const small = sequences.map((s) => ({ ...s, mixtures: [Float32Array.of(0.5, 0.5)] }));
  await expect(currentStats(engine, policy, [packBatch(small)], 1)).rejects.toThrow(
    `batch: a mixture must hold ${V} shares, got 2`,
  );
  const odd = [{ ...sequences[0], mixtures: [new Float32Array(V), new Float32Array(V - 1)] }];
  expect(() => packBatch(odd)).toThrow(`must hold ${V} shares, got ${V - 1}`);
});
