// The memory that the page promises, against the bytes of the buffers that a session then makes.
import { expect, it } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { createBuffer, heldBytes } from '../../src/gpu/memory.ts';
import { Engine } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout } from '../../src/model/layout.ts';
import { engineBytes } from '../../src/model/memory.ts';
import { saveParameters } from '../../src/model/safetensors.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { estimate } from '../../src/train/estimate.ts';
import { Session } from '../../src/train/session.ts';
import { device } from '../helpers/dawn.ts';
import { task } from '../helpers/session.ts';

const opened = { device, vendor: '', architecture: '', description: '', software: true };
const adapter = {
  ...{ vendor: '', architecture: '', description: '', software: true, gflops: 1, dispatch_us: 1 },
  ...{ maxBufferBytes: 0, maxBindingBytes: 0 },
  proposal: { model: 'nano' as const, seeds: 1, values: {}, why: '' },
};

function experimentOf(
  model: Experiment['model'],
  prompts: number,
  methods: string[] = ['grpo', 'ppo_clip'],
  seeds = [0],
): Experiment {
  const settings = {
    ...{ 'trainer.prompts': prompts, 'trainer.group_size': 4, 'trainer.steps': 1 },
    ...{ 'trainer.eval_prompts': 4, 'chain_sum.max_response': 12 },
  };
  const arms = [{ id: 'plain' }, { id: 'ib', methods: ['ib_entropy'] }];
  const head = { version: 1, name: 'memory', task: 'chain_sum', model, base: 'shipped' };
  return parseExperiment({ ...head, methods, settings, arms, seeds }, CATALOG).experiment;
}

/** Bytes that a session holds, and those that were promised. */
async function measured(experiment: Experiment, steps = false) {
  const before = heldBytes(device);
  const layout = createLayout(modelConfig(experiment.model, task.vocabulary.length));
  const base = saveParameters(layout, initialParameters(layout, 1));
  const session = await Session.open(
    opened,
    { experiment, loadBase: async () => base },
    {
      ...{ progress: () => {}, row: () => {}, byDifficulty: () => {}, responses: () => {} },
      runFailed: (_, __, message) => {
        throw new Error(message);
      },
    },
  );
  const atOnce = heldBytes(device) - before;
  if (steps) await session.run();
  const held = heldBytes(device) - before;
  // Nothing of a step stays.
  expect(held).toBe(atOnce);
  session.destroy();
  expect(heldBytes(device)).toBe(before);
  const promised = estimate(experiment, task, adapter, device.limits).memory_bytes;
  return { held, promised };
}

it.each([
  ['nano', 64],
  ['micro', 2],
  ['micro', 32],
] as const)('%s with %i prompts: within 10 % of what was promised', async (model, prompts) => {
  const { held, promised } = await measured(experimentOf(model, prompts));
  console.log(`${model}, ${prompts} x 4: promised ${promised}, held ${held}`);
  expect(held).toBeGreaterThan(1e6);
  expect(Math.abs(promised / held - 1)).toBeLessThan(0.1);
});

it('with a value head and several seeds, before and after a step', async () => {
  const experiment = experimentOf('nano', 4, ['gae', 'ppo_clip'], [0, 1, 2]);
  const { held, promised } = await measured(experiment, true);
  expect(Math.abs(promised / held - 1)).toBeLessThan(0.1);
});

it.each([
  [false, 0],
  [true, 0],
  [false, 3],
])(
  'an engine takes its tables to the byte (value head %s, %i latent)',
  async (hasValue, latent) => {
    const config = { ...modelConfig('nano', 7), n_layer: 1, n_embd: 8, n_head: 2, d_ff: 8 };
    const asked = { rows: 72, sequences: 8, response: 5, positions: 9, splits: 3 };
    const sizes = { ...asked, ...(latent > 0 && { latent }) };
    const before = heldBytes(device);
    const engine = await Engine.create(device, config, 0, sizes, undefined, hasValue);
    expect(heldBytes(device) - before).toBe(engineBytes(createLayout(config, hasValue), sizes));
    engine.destroy();
    expect(heldBytes(device)).toBe(before);
  },
);

it('counts a buffer once, and not after it is destroyed', () => {
  const before = heldBytes(device);
  const buffer = createBuffer(device, { size: 48, usage: GPUBufferUsage.STORAGE });
  expect(heldBytes(device)).toBe(before + 48);
  buffer.destroy();
  buffer.destroy();
  expect(heldBytes(device)).toBe(before);
});
