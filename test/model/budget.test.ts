// What a step and a rollout cost in GPU calls, independent of the adapter (limits: dispatches a training step ≤ 62 for 2
// layers and ≤ 112 for 4, 32 sampled tokens ≤ 576 and ≤ 1024, one submit a step, at most 4 a rollout, nothing created).
import { describe, expect, it } from 'vitest';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { rollout } from '../../src/model/generate.ts';
import { initialParameters } from '../../src/model/init.ts';
import { update } from '../../src/model/update.ts';
import { device } from '../helpers/dawn.ts';

const CREATORS = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createShaderModule',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createTexture',
  'createQuerySet',
] as const;

/** Runs `work` on a device whose calls are counted. */
async function count(engine: Engine, work: () => Promise<unknown>) {
  const calls = { dispatches: 0, submits: 0, created: 0, maps: 0 };
  const undo: (() => void)[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: methods are wrapped by name
  const wrap = (target: any, name: string, before: () => void) => {
    const original = target[name];
    target[name] = (...args: unknown[]) => {
      before();
      return original.apply(target, args);
    };
    undo.push(() => delete target[name]);
  };
  for (const name of CREATORS) wrap(engine.device, name, () => calls.created++);
  wrap(engine.device.queue, 'submit', () => calls.submits++);
  const createEncoder = engine.device.createCommandEncoder.bind(engine.device);
  engine.device.createCommandEncoder = (descriptor) => {
    const encoder = createEncoder(descriptor);
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (d) => {
      const pass = begin(d);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (...args) => {
        calls.dispatches++;
        dispatch(...args);
      };
      return pass;
    };
    return encoder;
  };
  undo.push(() => {
    // biome-ignore lint/suspicious/noExplicitAny: back to the method of the prototype
    delete (engine.device as any).createCommandEncoder;
  });
  await work();
  for (const restore of undo) restore();
  return calls;
}

async function costs(n_layer: number, hasValue = false, latent = 0) {
  const config = {
    n_layer,
    n_embd: 8,
    n_head: 2,
    d_ff: 8,
    vocab_size: 5,
    rope_theta: 1e4,
    rms_eps: 1e-5,
  };
  const sizes = { rows: 64, sequences: 8, response: 32, positions: 40, splits: 2, latent };
  const engine = await Engine.create(device, config, 4, sizes, undefined, hasValue);
  const policy = engine.createPolicy(initialParameters(engine.layout, 0), hasValue);
  const methods = ['ppo_clip', 'ib_entropy'].map((id) => METHODS.get(id) as Method);
  const loss = await engine.createLoss(composeMethods(methods));
  const batch = packBatch([
    {
      ...{ prompt: [0, 1, 2], response: [3, 4], weight: 0.5, advantage: 1, old_logp: [-1, -1] },
      ...(latent > 0 && { mixtures: [Float32Array.of(0.5, 0.5, 0, 0, 0)] }),
    },
  ]);
  const adam = {
    learning_rate: 1e-3,
    beta1: 0.9,
    beta2: 0.98,
    eps: 1e-8,
    weight_decay: 0,
    max_grad_norm: 1,
  };
  const step = await count(engine, () =>
    update(engine, policy, loss, { parts: [batch], temperature: 1, adam, updateNumber: 1 }),
  );
  const sampling = await count(engine, () =>
    rollout(engine, policy, {
      prompts: [
        [0, 1],
        [2, 3],
      ],
      groupSize: 4,
      temperature: 1,
      seed: 0,
      stream: 3,
      step: 1,
      ...(latent > 0 && {
        latent: { positions: latent, tau: 0.5, top_k: 0, top_p: 1, noise: true },
      }),
    }),
  );
  engine.destroy();
  return { step, sampling };
}

describe('GPU calls', () => {
  it.each([
    { layers: 2, step: 62, tokens: 576 },
    { layers: 4, step: 112, tokens: 1024 },
  ])('$layers layers: at most $step dispatches a step, $tokens for 32 tokens', async (limit) => {
    const { step, sampling } = await costs(limit.layers);
    console.log(`${limit.layers} layers: step`, step, 'rollout of 32 tokens', sampling);
    // A count of 0 would mean that the counter did not see the work.
    expect(step.dispatches).toBeGreaterThan(20);
    expect(step.dispatches).toBeLessThanOrEqual(limit.step);
    expect(step.submits).toBe(1);
    expect(step.created).toBe(0);
    expect(sampling.dispatches).toBeGreaterThan(32);
    expect(sampling.dispatches).toBeLessThanOrEqual(limit.tokens);
    // The prompts, then pieces as short as the machine is slow.
    expect(sampling.submits).toBeGreaterThanOrEqual(2);
    expect(sampling.submits).toBeLessThanOrEqual(1 + 32);
    expect(sampling.created).toBe(0);
  });

  it('an engine leaves no buffer behind, its losses’ among them', async () => {
    const create = device.createBuffer;
    const [made, gone] = [new Set<string>(), new Set<string>()];
    let count = 0;
    device.createBuffer = (descriptor) => {
      const buffer = create.call(device, descriptor);
      const name = `${descriptor.label} ${count++}`;
      made.add(name);
      const destroy = buffer.destroy;
      buffer.destroy = () => {
        gone.add(name);
        return destroy.call(buffer);
      };
      return buffer;
    };
    try {
      const config = { n_layer: 1, n_embd: 8, n_head: 2, d_ff: 8, vocab_size: 5 };
      const theta = { rope_theta: 100, rms_eps: 1e-5 };
      const sizes = { rows: 16, sequences: 8, response: 4, positions: 8, splits: 1 };
      const engine = await Engine.create(device, { ...config, ...theta }, 4, sizes);
      const policy = engine.createPolicy(initialParameters(engine.layout, 0));
      const methods = ['ppo_clip', 'ib_entropy'].map((id) => METHODS.get(id) as Method);
      await engine.createLoss(composeMethods(methods));
      await engine.createLoss({ ...composeMethods(methods), columns: ['a', 'b'] });
      engine.destroyPolicy(policy);
      engine.destroy();
    } finally {
      // biome-ignore lint/suspicious/noExplicitAny: back to the method of the prototype
      delete (device as any).createBuffer;
    }
    expect([...made].some((name) => name.startsWith('constants'))).toBe(true);
    expect([...made].filter((name) => !gone.has(name))).toEqual([]);
  });

  it('a latent position adds one dispatch to sampling, and nothing to a step', async () => {
    // Sequences do not move together before the latent positions are over: one compaction fewer after the first four.
    const [plain, latent] = [await costs(2), await costs(2, false, 4)];
    expect(latent.step).toEqual(plain.step);
    expect(latent.sampling).toEqual({
      ...plain.sampling,
      dispatches: plain.sampling.dispatches + 4 - 1,
      submits: latent.sampling.submits,
    });
  });

  it('a value head adds four dispatches to a step, and nothing to sampling', async () => {
    const [plain, valued] = [await costs(2), await costs(2, true)];
    expect(valued.step).toEqual({ ...plain.step, dispatches: plain.step.dispatches + 4 });
    const { submits } = valued.sampling;
    expect(valued.sampling).toEqual({ ...plain.sampling, submits });
  });
});
