// Sampling in one dispatch draws what sampling kernel by kernel draws, and stands aside where it cannot run.
import { afterAll, describe, expect, test } from 'vitest';
import { requestDawnAdapter } from '../../src/cli/dawn.ts';
import { scaleOf } from '../../src/core/entropy_standing.ts';
import { type ModelConfig, modelConfig } from '../../src/core/model_config.ts';
import { isSoftware } from '../../src/gpu/device.ts';
import { createKernel } from '../../src/gpu/kernel.ts';
import type { Launch } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { Engine, type Policy } from '../../src/model/engine.ts';
import { type Response, type RolloutRequest, rollout } from '../../src/model/generate.ts';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout } from '../../src/model/layout.ts';
import { chooseDecoding } from '../../src/model/rollout_choice.ts';
import { rolloutUniform } from '../../src/model/rollout_uniform.ts';
import {
  askedMega,
  megaBytes,
  megaSequences,
  type RolloutVariant,
  rolloutSpec,
  rolloutVariants,
} from '../../src/model/rollout_variants.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const EOS = 10;
const R = 11;
/** Three heads of width 10, odd vocabulary and MLP: nothing divides a tile. */
const AWKWARD = {
  ...{ n_layer: 2, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 64, sequences: 16, response: R, positions: 24, splits: 1 };

/** Nine sequences that share three prompts: no whole number of workgroups. The last has nothing to prefill. */
const asked: RolloutRequest = {
  ...{ prompts: [[1, 2, 3, 4, 9, 8, 7, 6, 5], [6, 7, 8], [5]], groupSize: 3 },
  ...{ temperature: 1, seed: 7, stream: 3, step: 5, firstSequence: 20 },
};

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.destroy();
});

async function open(config: ModelConfig, positions: number, scale: number, latent = 0) {
  const all = { ...sizes, positions, rollout: 'mega' as const, latent };
  const engine = await Engine.create(device, config, EOS, all);
  engines.push(engine);
  return { engine, policy: engine.createPolicy(parametersOf(engine, scale)) };
}

/** Larger weights than a fresh model's, so that distributions are far from uniform; no gain of a norm like another. */
const parametersOf = ({ layout }: Engine, scale: number): Float32Array =>
  initialParameters(layout, 3).map((x, i) => (x === 1 ? 0.6 + ((i * 7) % 97) / 97 : scale * x));

type Opened = Awaited<ReturnType<typeof open>>;

function sample(
  { engine, policy }: Opened,
  variant: RolloutVariant,
  request: RolloutRequest = asked,
  tokens = R,
): Promise<Response[]> {
  engine.decoding = { variant };
  engine.pace.run = async (_, { tokens: all }, submit) => {
    for (let from = 0; from < all; from += tokens) submit(from, Math.min(all, from + tokens));
  };
  return rollout(engine, policy, request);
}

const tokensOf = (responses: Response[]) => responses.map(({ tokens }) => [...tokens]);

const bits = (responses: Response[]) =>
  responses.map((r) => [r.tokens, r.logp, r.entropy, r.p_eos].map((column) => [...column]));

/** Norms, attention and products add in another order; some twenty sums of up to 200 terms in f32 pass that on. */
function expectAlike(mega: Response[], loop: Response[]): void {
  expect(tokensOf(mega)).toEqual(tokensOf(loop));
  for (const key of ['logp', 'entropy', 'p_eos'] as const) {
    const column = (of: Response[]) => of.flatMap((response) => [...response[key]]);
    expectClose(column(mega), column(loop), { rtol: 1e-5, atol: 2e-5, label: key });
  }
}

const awkward = await open(AWKWARD, 24, 5, 2);
// So many positions that no more than two sequences fit a workgroup.
const nano = await open(modelConfig('nano', 40), 128, 5);

test('the models differ in how many sequences a workgroup owns', () => {
  expect([awkward, nano].map(({ engine }) => engine.kernels.has('rollout'))).toEqual([true, true]);
  expect(megaSequences(awkward.engine.layout, 24)).toBe(4);
  expect(megaSequences(nano.engine.layout, 128)).toBe(2);
});

describe.each([
  ['awkward', awkward],
  ['nano', nano],
] as const)('%s', (_, opened) => {
  test.each([0, 0.6, 1])('temperature %d: the same tokens and records', async (temperature) => {
    const request = { ...asked, temperature };
    const loop = await sample(opened, 'loop', request);
    expectAlike(await sample(opened, 'mega', request), loop);
    if (temperature > 0) {
      const lengths = loop.map(({ tokens }) => tokens.length);
      expect(new Set(lengths).size, `lengths ${lengths}`).toBeGreaterThan(2);
      expect(new Set(tokensOf(loop).flat()).size).toBeGreaterThan(4);
    }
  });

  test('warmth: the same, and not what is drawn without', async () => {
    const plain = await sample(opened, 'loop');
    const scale = scaleOf(
      plain.flatMap(({ entropy }) => [...entropy]),
      0.5,
    );
    const request = { ...asked, warmth: { spread: 0.6, ...scale } };
    const loop = await sample(opened, 'loop', request);
    expect(tokensOf(loop)).not.toEqual(tokensOf(plain));
    expectAlike(await sample(opened, 'mega', request), loop);
  });

  test('dispatches of any number of tokens give the same bits', async () => {
    const whole = bits(await sample(opened, 'mega', asked, R));
    for (const tokens of [1, 3]) {
      expect(bits(await sample(opened, 'mega', asked, tokens))).toEqual(whole);
    }
  });

  test('a batch in parts, and sequences of other numbers', async () => {
    const whole = bits(await sample(opened, 'mega'));
    const prompts = asked.prompts.slice(1);
    const part = { ...asked, prompts, firstSequence: 23 };
    expect(bits(await sample(opened, 'mega', part))).toEqual(whole.slice(3));
    const others = { ...asked, firstSequence: 40 };
    const loop = await sample(opened, 'loop', others);
    expectAlike(await sample(opened, 'mega', others), loop);
    expect(bits(loop)).not.toEqual(whole);
  });
});

/** Goes on with a rollout that was begun: tokens of each variant in turn, then the state, tokens and records of 9 sequences. */
async function goOn({ engine, policy }: Opened, turns: [variant: RolloutVariant, count: number][]) {
  const { passes } = policy as Policy;
  const buffer = (name: string) => engine.workspace.buffer(name);
  await sample({ engine, policy }, 'mega');
  const submit = (launches: readonly Launch[]) => {
    const encoder = device.createCommandEncoder();
    engine.pass(encoder, launches, 9);
    device.queue.submit([encoder.finish()]);
  };
  // Sequences that there are not look as if they went on.
  device.queue.writeBuffer(buffer('state'), 0, new Uint32Array(2 * sizes.sequences));
  for (const name of ['cache', 'tokens', 'records']) {
    const nan = new Float32Array(buffer(name).size / 4).fill(Number.NaN);
    device.queue.writeBuffer(buffer(name), 0, nan);
  }
  submit(passes.decodeBegin);
  for (const [variant, count] of turns) {
    device.queue.writeBuffer(engine.uniforms.rollout, 0, rolloutUniform(9, R, asked, count));
    if (variant === 'mega') submit([...(passes.decodeMany ?? []), ...passes.decodeCompact]);
    else for (let t = 0; t < count; t++) submit(passes.decodeToken);
  }
  const state = new Uint32Array(await readBuffer(device, buffer('state'), 8 * 9));
  const [tokens, past] = [
    await readBuffer(device, buffer('tokens'), 4 * 9 * R),
    await readBuffer(device, buffer('records'), 16 * 16 * R),
  ].map((data) => new Uint32Array(data)) as [Uint32Array, Uint32Array];
  // A workgroup has room for sequences that there are not: of those nothing may be written.
  expect(past.slice(4 * 9 * R).every((bits) => bits === 0x7fc00000)).toBe(true);
  return { state: [...state], tokens: [...tokens] };
}

test('one variant goes on where the other stopped', async () => {
  const loop = await sample(awkward, 'loop');
  const expected = tokensOf(loop).flatMap((tokens) => [tokens.length, 1]);
  const mixed = await goOn(awkward, [
    ['loop', 2],
    ['mega', 3],
    ['loop', 1],
    ['mega', R],
  ]);
  expect(mixed.state).toEqual(expected);
  for (const [b, { tokens }] of loop.entries()) {
    expect(mixed.tokens.slice(b * R, b * R + tokens.length)).toEqual([...tokens]);
  }
  const back = await goOn(awkward, [
    ['mega', 4],
    ['loop', R - 4],
  ]);
  expect(back.state).toEqual(mixed.state);
  // Nothing is written past the end of a response: what stood there still does.
  expect(back.tokens).toEqual(mixed.tokens);
});

test('an engine that is asked for mega and cannot have it takes the loop, says why, and gives the same bits', async () => {
  const all = { ...sizes, positions: 2000, rollout: 'mega' as const };
  const engine = await Engine.create(device, AWKWARD, EOS, all);
  engines.push(engine);
  expect(engine.workspace.sizes.rollout).toBe('loop');
  expect(engine.kernels.has('rollout')).toBe(false);
  expect(engine.decoding).toEqual({
    variant: 'loop',
    note: expect.stringMatching(/^a workgroup needs \d+ bytes of memory, and has 16384$/),
  });
  const policy = engine.createPolicy(parametersOf(engine, 5));
  const alone = await sample({ engine, policy }, 'loop');
  expect(bits(await sample(awkward, 'loop'))).toEqual(bits(alone));
});

test('latent positions stay with the loop', async () => {
  const latent = { positions: 2, tau: 0.5, top_k: 0, top_p: 1, noise: true };
  const loop = await sample(awkward, 'loop', { ...asked, latent });
  expect(bits(await sample(awkward, 'mega', { ...asked, latent }))).toEqual(bits(loop));
  expect(bits(await sample(awkward, 'loop'))).not.toEqual(bits(loop));
});

describe('where mega can run', () => {
  const layout = (preset: Parameters<typeof modelConfig>[0]) =>
    createLayout(modelConfig(preset, 20));
  const of = { rows: 1024, sequences: 64, response: 32, positions: 48, splits: 1 };
  const { limits } = device;

  test('by the memory of a workgroup', () => {
    const plans = (['nano', 'micro'] as const).map((preset) =>
      rolloutVariants(layout(preset), of, limits),
    );
    expect(plans.map(({ plan }) => plan)).toEqual([
      { sequences: 4, threads: 128 },
      { sequences: 2, threads: 128 },
    ]);
    expect(plans.map(({ variants }) => variants)).toEqual(Array(2).fill(['loop', 'mega']));
    const small = rolloutVariants(layout('small'), of, limits);
    expect(small.variants).toEqual(['loop']);
    expect(small.note).toBe('a workgroup needs 21536 bytes of memory, and has 16384');
  });

  test('bytes are as WebGPU counts them', async () => {
    const plain = await (await requestDawnAdapter()).requestDevice();
    const spec = rolloutSpec(layout('nano'), 1, { sequences: 4, threads: 128 }, 112);
    const bytes = megaBytes(layout('nano'), 4, 112);
    expect(bytes).toBeGreaterThan(16384);
    expect(megaBytes(layout('nano'), 4, 111)).toBe(16384);
    await expect(createKernel(plain, spec)).rejects.toThrow(`workgroup storage (${bytes} bytes)`);
    plain.destroy();
  });

  test('by the largest buffer', () => {
    const least = { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 20 };
    expect(rolloutVariants(layout('nano'), of, least)).toEqual({
      variants: ['loop'],
      note: 'a buffer of all layers needs 2097152 bytes, and may have 1048576',
    });
  });

  test('without a name never on a processor that plays a GPU', () => {
    expect(isSoftware(device.adapterInfo)).toBe(true);
    expect(askedMega(device, layout('nano'), { ...of, rollout: 'timed' })).toEqual({});
    expect(askedMega(device, layout('nano'), of)).toEqual({});
    expect(askedMega(device, layout('nano'), { ...of, rollout: 'mega' }).plan).toBeDefined();
  });

  test('by a compiler that refuses it: the engine samples kernel by kernel', async () => {
    const compile = device.createComputePipelineAsync;
    device.createComputePipelineAsync = (descriptor) =>
      descriptor.label === 'rollout'
        ? Promise.reject(new Error('X3663: thread sync operation found in varying flow control'))
        : compile.call(device, descriptor);
    try {
      const { engine, policy } = await open(AWKWARD, 24, 5);
      expect(engine.decoding.variant).toBe('loop');
      expect(engine.decoding.note).toContain('does not compile it: rollout: Error: X3663');
      expect(policy.passes.decodeMany).toBeUndefined();
      const responses = await rollout(engine, policy, asked);
      expect(tokensOf(responses)).toEqual(tokensOf(await sample(awkward, 'loop')));
    } finally {
      device.createComputePipelineAsync = compile;
    }
  });

  test('timed: both run, and one engine after another samples alike', async () => {
    const { engine } = awkward;
    const first = await chooseDecoding(engine, true);
    const { loop, mega } = first.times ?? { loop: Number.NaN, mega: Number.NaN };
    expect(loop).toBeGreaterThan(0);
    expect(mega).toBeGreaterThan(0);
    expect(first.variant).toBe(mega < 0.9 * loop ? 'mega' : 'loop');
    expect(await chooseDecoding(engine, true)).toEqual(first);
  });
});
