// A policy with a value head, whole: every parameter's gradient of one update against the float64 twin, in one part and
// in several; and what stands beside it on the same engine is not touched by it.
import { expect, test } from 'vitest';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../../src/model/batch.ts';
import { currentValues } from '../../src/model/current.ts';
import { Engine, type Policy } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { isOfValueHead, type Layout, readTensor, writeTensor } from '../../src/model/layout.ts';
import { update } from '../../src/model/update.ts';
import { policyLoss } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  packSequences,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { valueBackward, valueForward, valueLoss } from '../../src/reference/value_head.ts';
import { expectClose, relativeToNorm } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { seededRandom } from '../reference/differences.ts';
import { AWKWARD } from './bench.ts';

const config = { ...AWKWARD.config, n_layer: 2 };
const { n_embd: C, vocab_size: V } = config;
const sizes = { ...AWKWARD.sizes, rows: 40 };
const CRITIC = { coefficient: 0.75, clip: Math.fround(0.2) };
const ADAM = {
  ...{ learning_rate: 0.01, beta1: 0.9, beta2: 0.95, eps: 1e-8 },
  ...{ weight_decay: 0.1, max_grad_norm: 1 },
};
const VALUES: Record<string, number> = {
  ...{ 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 3 },
};
const engine = await Engine.create(device, config, 0, sizes, undefined, true);
const plainEngine = await Engine.create(device, config, 0, sizes);
const layout = engine.valueLayout as Layout;
const random = seededRandom(11);
const number = (scale: number) => Math.fround(scale * (2 * random() - 1));
const twin = {
  ...{ vocab: V, d_model: C, layers: 2, heads: config.n_head, d_ff: config.d_ff },
  ...{ rope_theta: config.rope_theta, rms_eps: config.rms_eps },
};
const params = new Map(
  [...randomParameters(twin, random)].map(([name, x]) => [name, x.map(Math.fround)]),
);
const head = { weight: Float64Array.from({ length: C }, () => number(0.3)), bias: number(0.5) };
const all = new Map([
  ...params,
  ['score.weight', head.weight] as const,
  ['score.bias', Float64Array.of(head.bias)] as const,
]);
const flat = new Float32Array(layout.size);
for (const spec of layout.tensors) writeTensor(flat, spec, all.get(spec.name) ?? []);
const policy = engine.createPolicy(flat, true);

// One token after one, a response of one token, and rows that divide nothing: 1, 2, 5, 9, 3 and 7.
const LENGTHS = [
  ...[
    [1, 1],
    [1, 2],
    [4, 2],
  ],
  ...[
    [5, 5],
    [2, 2],
    [1, 7],
  ],
];
const tokens = LENGTHS.reduce((sum, [, response]) => sum + response, 0);
const draw = (length: number) => Array.from({ length }, () => Math.floor(random() * V));
const sequences = LENGTHS.map(([prompt, response]) => ({
  prompt: draw(prompt),
  response: draw(response),
  weight: Math.fround(1 / tokens),
  advantage: number(2),
  old_logp: Array.from({ length: response }, () => Math.fround(-2 + number(1.5))),
  targets: Array.from({ length: 2 * response }, () => number(1)),
}));
const rows = sequences.flatMap((s, sequence) =>
  [...s.prompt, ...s.response].slice(1).map((action, i) => {
    const t = i + 1 - s.prompt.length;
    const [old, target] = t < 0 ? [0, 0] : s.targets.slice(2 * t, 2 * t + 2);
    const row = { action, sequence, advantage: s.advantage, old, target };
    return { ...row, mask: t < 0 ? 0 : 1, old_logp: t < 0 ? 0 : s.old_logp[t] };
  }),
);
const column = (key: keyof (typeof rows)[0]) => rows.map((row) => row[key]);

const packed = packSequences(sequences.map((s) => [...s.prompt, ...s.response].slice(0, -1)));
const state = forward(twin, params, packed);
const exactPolicy = policyLoss(
  {
    ...{ V, logits: state.logits, action: column('action'), mask: column('mask') },
    ...{ sequence: column('sequence'), advantage: column('advantage') },
    old_logp: column('old_logp'),
  },
  { eps_low: 0.2, eps_high: 0.28, dual_clip: 3, temperature: 0.7 },
);
const exactValues = valueForward(state.norm, head, rows.length);
const exactValue = valueLoss(
  {
    ...{ value: exactValues, old: column('old'), target: column('target') },
    weight: column('mask').map((m) => m / tokens),
  },
  CRITIC.clip,
);
const d_value = exactValue.d_value.map((d) => CRITIC.coefficient * d);
const ofHead = valueBackward(d_value, state.norm, head);
const wanted = backward(twin, params, packed, state, exactPolicy.d_logits, ofHead.d_y);
wanted.set('score.weight', ofHead.d_weight).set('score.bias', Float64Array.of(ofHead.d_bias));

const composed = composeMethods([METHODS.get('ppo_clip') as Method]);
const lossOf = async (on: Engine) => {
  const loss = await on.createLoss(composed);
  on.setValues(
    loss,
    composed.fields.map((field) => VALUES[field]),
  );
  return loss;
};
const loss = await lossOf(engine);
const without = sequences.map(({ targets: _, ...s }): TrainingSequence => s);

async function gradientOf(capacity: number) {
  const parts = cutByRows(sequences, capacity).map(packBatch);
  const result = await update(engine, policy, loss, {
    ...{ parts, temperature: 0.7, adam: ADAM, updateNumber: 1 },
    ...{ critic: CRITIC, gradientOnly: true },
  });
  const bytes = await readBuffer(device, engine.workspace.buffer('grad'), 4 * layout.size);
  return { result, gradient: new Float32Array(bytes) };
}

test('values of response tokens, in order, in one part and in several', async () => {
  const exact = [...exactValues].filter((_, n) => rows[n].mask);
  for (const capacity of [40, 9]) {
    const parts = cutByRows(without, capacity).map(packBatch);
    const values = await currentValues(engine, policy, parts);
    expectClose(values, exact, { rtol: 1e-5, atol: 1e-5 });
  }
});

test('results and the gradient of every parameter, trunk and head', async () => {
  const { result, gradient } = await gradientOf(40);
  for (const spec of layout.tensors) {
    const actual = readTensor(gradient, spec);
    const exact = wanted.get(spec.name) ?? [];
    // As in model.test.ts: some 20 kernels of errors near 1e-6.
    expect(relativeToNorm(actual, exact), spec.name).toBeLessThan(1e-5);
  }
  const held = exactValue.held.filter(Boolean).length;
  expect(held).toBeGreaterThan(0);
  expectClose([result.value?.loss ?? Number.NaN], [exactValue.loss], { rtol: 1e-5 });
  expect(result.value?.bound).toBe(held);
  const norm = Math.hypot(...[...wanted.values()].flatMap((x) => [...x]));
  expectClose([result.loss, result.grad_norm], [exactPolicy.loss, norm], { rtol: 2e-5 });
});

test('padding has no gradient', async () => {
  const { gradient } = await gradientOf(40);
  for (const spec of layout.tensors) {
    writeTensor(gradient, spec, new Float32Array(readTensor(gradient, spec).length));
  }
  expect([...gradient].findIndex((x) => x !== 0)).toBe(-1);
});

test('parts of a minibatch add up', async () => {
  const one = await gradientOf(40);
  const cut = await gradientOf(9);
  expect(relativeToNorm(cut.gradient, one.gradient)).toBeLessThan(1e-6);
  const numbers = ({ result }: typeof one) => [result.value?.loss, result.value?.bound] as number[];
  expectClose(numbers(cut), numbers(one), { rtol: 2e-6 });
});

test('an update moves the head, too', async () => {
  const moving = engine.createPolicy(flat, true);
  const parts = [packBatch(sequences)];
  const request = { parts, temperature: 0.7, adam: ADAM, updateNumber: 1, critic: CRITIC };
  await update(engine, moving, loss, request);
  const { parameters, m } = await engine.readPolicy(moving);
  for (const spec of layout.tensors.filter(isOfValueHead)) {
    // The first step of Adam is the learning rate in each element, beside the decay.
    readTensor(parameters, spec).forEach((x, i) => {
      const before = readTensor(flat, spec)[i] * (1 - ADAM.learning_rate * ADAM.weight_decay);
      expect(Math.abs(Math.abs(x - before) - ADAM.learning_rate)).toBeLessThan(1e-4);
    });
    expect(readTensor(m, spec).every((x) => x !== 0)).toBe(true);
  }
  engine.destroyPolicy(moving);
});

test('head and trunk together learn targets that nothing in the head alone could tell apart', async () => {
  const learning = engine.createPolicy(initialParameters(engine.layout, 3), true);
  const still = sequences.map((s) => ({ ...s, advantage: 0 }));
  const request = {
    ...{ parts: [packBatch(still)], temperature: 1, critic: { coefficient: 1, clip: 100 } },
    adam: { ...ADAM, weight_decay: 0 },
  };
  const losses: number[] = [];
  for (let updateNumber = 1; updateNumber <= 30; updateNumber++) {
    const { value } = await update(engine, learning, loss, { ...request, updateNumber });
    losses.push(value?.loss ?? Number.NaN);
  }
  // Random targets in [−1, 1): half their mean square is about 1/6 at first, when all values are 0.
  expect(losses[0]).toBeGreaterThan(0.1);
  expect(losses.at(-1)).toBeLessThan(0.05 * losses[0]);
  engine.destroyPolicy(learning);
});

test('a policy without a head computes the bits it computes on an engine without heads', async () => {
  const steps = async (on: Engine, before: () => Promise<unknown>) => {
    const parameters = initialParameters(on.layout, 3);
    const other: Policy = on.createPolicy(parameters);
    const own = await lossOf(on);
    const results: number[] = [];
    for (let updateNumber = 1; updateNumber <= 3; updateNumber++) {
      await before();
      const parts = cutByRows(without, 20).map(packBatch);
      const request = { parts, temperature: 0.7, adam: ADAM, updateNumber };
      results.push(...Object.values(await update(on, other, own, request)));
    }
    const read = await on.readPolicy(other);
    on.destroyPolicy(other);
    return [results, ...Object.values(read).map((x) => [...x])];
  };
  // Every update follows one of the policy with a head, which leaves its gradients in the shared buffers.
  const mixed = await steps(engine, () => gradientOf(40));
  expect(mixed).toEqual(await steps(plainEngine, async () => {}));
});

test('without settings for it a head gets no gradient, and the trunk the policy’s alone', async () => {
  const parts = [packBatch(without)];
  const request = { parts, temperature: 0.7, adam: ADAM, updateNumber: 1, gradientOnly: true };
  await gradientOf(40);
  await update(engine, policy, loss, request);
  const bytes = await readBuffer(device, engine.workspace.buffer('grad'), 4 * layout.size);
  const gradient = new Float32Array(bytes);
  const alone = backward(twin, params, packed, state, exactPolicy.d_logits);
  for (const spec of layout.tensors) {
    const actual = readTensor(gradient, spec);
    if (isOfValueHead(spec)) expect(actual.every((x) => x === 0)).toBe(true);
    else expect(relativeToNorm(actual, alone.get(spec.name) ?? [])).toBeLessThan(1e-5);
  }
});

test('targets that are missing and settings without a head are refused by name', async () => {
  const request = { temperature: 1, adam: ADAM, updateNumber: 1 };
  const bare = [packBatch(without)];
  const plain = engine.createPolicy(initialParameters(engine.layout, 3));
  await expect(
    update(engine, plain, loss, { ...request, parts: bare, critic: CRITIC }),
  ).rejects.toThrow('critic needs a value head');
  await expect(
    update(engine, policy, loss, { ...request, parts: bare, critic: CRITIC }),
  ).rejects.toThrow('needs 54 targets, got 0');
});
