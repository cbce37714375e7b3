// A GPU without room: what was wanted is refused in words, nothing stays allocated, and the next try finds all as before.
import { afterEach, expect, it } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { measureCeiling } from '../../src/gpu/ceiling.ts';
import { checked } from '../../src/gpu/device.ts';
import { storage } from '../../src/gpu/launch.ts';
import { heldBytes } from '../../src/gpu/memory.ts';
import { Readback } from '../../src/gpu/readback.ts';
import { openPolicy } from '../../src/model/allocation.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { logitsOf } from '../../src/model/logits.ts';
import { saveParameters } from '../../src/model/safetensors.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Session } from '../../src/train/session.ts';
import { device } from '../helpers/dawn.ts';
import { layout } from '../helpers/session.ts';

const config = {
  ...{ n_layer: 1, n_embd: 8, n_head: 2, d_ff: 9, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 16, sequences: 8, response: 4, positions: 8, splits: 1, latent: 1 };

const { createBuffer } = device;
afterEach(() => {
  device.createBuffer = createBuffer;
});
/** No room for the buffers of this name, from the `from`th on. */
function withoutRoom(label: string, from = 0): void {
  let seen = 0;
  device.createBuffer = (asked) =>
    createBuffer.call(
      device,
      asked.label === label && seen++ >= from ? { ...asked, size: 2 ** 45 } : asked,
    );
}

it.each(['rows', 'partial', 'batch', 'critic', 'mixing', 'update 1', 'rollout 2', 'current 0'])(
  'an engine without room for %s',
  async (label) => {
    const before = heldBytes(device);
    withoutRoom(label);
    await expect(Engine.create(device, config, 0, sizes, undefined, true)).rejects.toThrow(
      /^memory: the GPU must have room for \d+ MB of what runs share, got “.*”; lower trainer\.prompts, or the model$/s,
    );
    expect(heldBytes(device)).toBe(before);
    device.createBuffer = createBuffer;
    const engine = await Engine.create(device, config, 0, sizes, undefined, true);
    engine.createPolicy(initialParameters(engine.layout, 1));
    engine.createPolicy(initialParameters(engine.layout, 1));
    // With its policies.
    engine.destroy();
    expect(heldBytes(device)).toBe(before);
  },
);

function experimentOf(settings: object = {}): Experiment {
  const file = {
    ...{ version: 1, name: 'room', task: 'chain_sum', model: 'nano', base: 'shipped' },
    methods: ['grpo', 'ppo_clip'],
    settings: {
      ...{ 'trainer.prompts': 2, 'trainer.group_size': 2, 'chain_sum.max_response': 12 },
      ...settings,
    },
    ...{ arms: [{ id: 'a' }, { id: 'b', methods: ['ib_entropy'] }], seeds: [0, 1] },
  };
  return parseExperiment(file, CATALOG).experiment;
}
const silent = {
  ...{ progress: () => {}, row: () => {}, byDifficulty: () => {}, responses: () => {} },
  runFailed: () => {},
};
const opened = { device, vendor: '', architecture: '', description: '', software: true };
const base = saveParameters(layout, initialParameters(layout, 1));

it('a session without room for its third run', async () => {
  const before = heldBytes(device);
  // The base is the first.
  withoutRoom('v', 3);
  const asked = { experiment: experimentOf(), loadBase: async () => base };
  await expect(Session.open(opened, asked, silent)).rejects.toThrow(
    /^memory: the GPU must have room for \d+ MB of weights and moments, got .*; lower arms or seeds, or the model$/s,
  );
  expect(heldBytes(device)).toBe(before);
});

it('a base that is no longer wanted while it is trained leaves nothing', async () => {
  const before = heldBytes(device);
  const { experiment } = { experiment: { ...experimentOf(), base: 'train' as const } };
  let asked = 0;
  const options = { experiment, loadBase: async () => base, cancelled: () => asked++ > 0 };
  await expect(Session.open(opened, options, silent)).rejects.toThrow('warm start: stopped');
  // The read-back of the step under way goes when it is there.
  await expect.poll(() => heldBytes(device)).toBe(before);
});

it('what is checked leaves the scopes of others as they were', async () => {
  const refusal = (reason: string) => `refused: ${reason.slice(0, 11)}`;
  const thrown = { undo: () => {}, refusal };
  const wrong = () => {
    throw new Error('none of the GPU');
  };
  await expect(checked(device, wrong, thrown)).rejects.toThrow('none of the GPU');
  // Nothing is left that would take an error of others, or give it up.
  await expect(device.popErrorScope()).rejects.toThrow();
  let isUndone = false;
  withoutRoom('much');
  const undo = () => {
    isUndone = true;
  };
  const much = () => storage(device, 'much', 4);
  await expect(checked(device, much, { undo, refusal })).rejects.toThrow('refused: Buffer size');
  expect(isUndone).toBe(true);
  await expect(device.popErrorScope()).rejects.toThrow();
});

it('read-backs that are under way when they are closed leave nothing', async () => {
  const before = heldBytes(device);
  const ring = new Readback(device, 'test', 16, 1);
  const slot = await ring.acquire();
  const waiting = ring.acquire();
  const reading = ring.read(slot, 16);
  ring.destroy();
  await expect(waiting).rejects.toThrow('test: read-backs must be open');
  expect((await reading).byteLength).toBe(16);
  await expect(ring.acquire()).rejects.toThrow('test: read-backs must be open');
  expect(heldBytes(device)).toBe(before);
});

it('a look that there is no room for is refused, and nobody else hears of it', async () => {
  const asked = { experiment: experimentOf(), loadBase: async () => base };
  const session = await Session.open(opened, asked, silent);
  const before = heldBytes(device);
  const run = { arm: 'a', seed: 0 };
  const responses = [{ prompt: [1, 2], tokens: [3, 4], logp: [-1, -1], advantage: 1 }];
  // What is read back has no name.
  const large = [undefined, '', 'source', 'theta'];
  device.createBuffer = (wanted) =>
    createBuffer.call(device, large.includes(wanted.label) ? { ...wanted, size: 2 ** 45 } : wanted);
  await expect(session.inspect(run, responses)).rejects.toThrow(
    /^inspect: the GPU must have room for \d+\.\d MB, got “Buffer size/,
  );
  await expect(measureCeiling(device)).rejects.toThrow(
    'ceiling: the GPU must have room for 67.1 MB',
  );
  await expect(openPolicy(session.engine, new Float32Array(8))).rejects.toThrow(
    /^memory: the GPU must have room for .* of weights and moments/,
  );
  device.createBuffer = createBuffer;
  expect((await session.inspect(run, responses)).responses).toHaveLength(1);
  // Losses that a look compiles stay.
  expect(heldBytes(device) - before).toBeLessThan(2000);
  session.destroy();
});

it('a look at logits that is refused leaves nothing', async () => {
  const engine = await Engine.create(device, config, 0, sizes);
  const policy = engine.createPolicy(initialParameters(engine.layout, 1));
  const before = heldBytes(device);
  await engine.turns.close();
  const sequence = { prompt: [1], response: [2, 3], weight: 1, advantage: 0, old_logp: [0, 0] };
  await expect(logitsOf(engine, policy, [packBatch([sequence])])).rejects.toThrow('must be open');
  expect(heldBytes(device)).toBe(before);
  engine.destroy();
});
