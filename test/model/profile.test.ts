// Profiling times every kernel of a step, and leaves no trace: the step after it has the same bits as without.
import { expect, it } from 'vitest';
import { rates, sumOf } from '../../src/core/profile.ts';
import { higher, measureCeiling } from '../../src/gpu/ceiling.ts';
import { createStopwatch } from '../../src/gpu/timing.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { rollout } from '../../src/model/generate.ts';
import { initialParameters } from '../../src/model/init.ts';
import { fallbacksOf, profileStep } from '../../src/model/profile.ts';
import { chooseTile } from '../../src/model/tiles.ts';
import { update, uploadBatch } from '../../src/model/update.ts';
import { device } from '../helpers/dawn.ts';

const config = {
  ...{ n_layer: 2, n_embd: 16, n_head: 2, d_ff: 24, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 64, sequences: 8, response: 4, positions: 16, splits: 2 };
const adam = {
  ...{ learning_rate: 1e-3, beta1: 0.9, beta2: 0.98, eps: 1e-8 },
  ...{ weight_decay: 0, max_grad_norm: 1 },
};
const batch = packBatch(
  Array.from({ length: 6 }, (_, i) => ({
    ...{ prompt: [i, 1, 2], response: [3, 4, i], weight: 0.1, advantage: i - 2 },
    ...{ old_logp: [-2, -2, -2], targets: [0, 1, 0, 1, 0, 1] },
  })),
);

async function open(hasValue: boolean) {
  const engine = await Engine.create(device, config, 0, sizes, undefined, hasValue);
  const policy = engine.createPolicy(initialParameters(engine.layout, 0), hasValue);
  const loss = await engine.createLoss(composeMethods([METHODS.get('ppo_clip') as Method]));
  engine.setValues(loss, [0.2, 0.28, 3]);
  const step = (updateNumber: number) =>
    update(engine, policy, loss, { parts: [batch], temperature: 1, adam, updateNumber });
  return { engine, policy, loss, step };
}

it.each([
  ['timestamps', false],
  ['waits', true],
] as const)(
  'by %s: every kernel is counted and timed, and no trace is left',
  async (how, hasValue) => {
    const { engine, policy, loss, step } = await open(hasValue);
    const plain = await open(hasValue);
    await step(1);
    await plain.step(1);
    const stopwatch = await createStopwatch(device, how === 'timestamps');
    expect(stopwatch.how).toBe(how);
    const { kernels, step_ms } = await profileStep(engine, { policy, loss }, batch, stopwatch);
    const uncounted = kernels.filter(({ flops, bytes }) => flops === undefined || !bytes);
    expect(uncounted.map(({ kernel }) => kernel)).toEqual([]);
    const { value, forward, backward } = policy.passes;
    const launches = forward.length + 2 + (value?.loss.length ?? 0) + backward.length + 3;
    expect(kernels.reduce((sum, { dispatches }) => sum + dispatches, 0)).toBe(launches);
    const times = kernels.map(({ ms }) => ms);
    // A wait may be too short to tell; what is told is above zero and sorted.
    expect(times.filter((ms) => ms > 0).length).toBeGreaterThan(how === 'waits' ? 0 : 20);
    expect(times.every((ms) => ms > 0 || Number.isNaN(ms))).toBe(true);
    const told = times.map((ms) => ms || 0);
    expect(told).toEqual([...told].sort((a, b) => b - a));
    if (how === 'timestamps') {
      // Alone and together within a factor that other work on the machine may make.
      expect(sumOf(kernels) / step_ms).toBeGreaterThan(0.2);
      expect(sumOf(kernels) / step_ms).toBeLessThan(5);
    }
    const tile = await chooseTile(device);
    expect(kernels.find(({ kernel }) => kernel === 'qkv')?.variant).toBe(tile);
    expect(kernels.find(({ kernel }) => kernel === 'attention')?.variant).toBe(tile);
    expect(
      kernels.find(({ kernel }) => kernel === 'adamw.value' || kernel === 'adamw')?.variant,
    ).toBe(undefined);

    expect(await step(2)).toEqual(await plain.step(2));
    const [after, untouched] = [
      await engine.readPolicy(policy),
      await plain.engine.readPolicy(plain.policy),
    ];
    expect(after).toEqual(untouched);
    for (const { engine: own, policy: its } of [{ engine, policy }, plain]) {
      own.destroyPolicy(its);
      own.destroy();
    }
  },
);

it('waits for a rollout in pieces, and leaves what it draws alone', async () => {
  const { engine, policy, loss, step } = await open(false);
  const request = {
    prompts: [
      [1, 2, 3],
      [4, 5],
    ],
    groupSize: 4,
    temperature: 1,
  };
  const draw = () => rollout(engine, policy, { ...request, seed: 1, stream: 0, step: 0 });
  // One token a piece, so that there is room between them.
  engine.pace.run = async (queue, { tokens }, submit) => {
    for (let from = 0; from < tokens; from++) {
      submit(from, from + 1);
      await queue.onSubmittedWorkDone();
    }
  };
  const alone = await draw();
  const stopwatch = await createStopwatch(device);
  const drawing = draw();
  await new Promise((resolve) => setTimeout(resolve));
  const profiling = profileStep(engine, { policy, loss }, batch, stopwatch);
  const updating = step(1);
  expect(await drawing).toEqual(alone);
  expect((await profiling).step_ms).toBeGreaterThan(0);
  const plain = await open(false);
  expect(await updating).toEqual(await plain.step(1));
  for (const { engine: own, policy: its } of [{ engine, policy }, plain]) {
    own.destroyPolicy(its);
    own.destroy();
  }
});

it('is refused when something else uses the engine meanwhile', async () => {
  const { engine, policy, loss } = await open(false);
  const stopwatch = await createStopwatch(device);
  const disturbed = {
    ...stopwatch,
    async time(passes: Parameters<typeof stopwatch.time>[0]) {
      const times = await stopwatch.time(passes);
      uploadBatch(engine, batch, false, 1);
      return times;
    },
  };
  await expect(profileStep(engine, { policy, loss }, batch, disturbed)).rejects.toThrow(
    'nothing else to do meanwhile',
  );
  engine.destroyPolicy(policy);
  engine.destroy();
});

it('a ceiling is a rate, and of two measurements the higher one', async () => {
  const { gflops, gbps } = await measureCeiling(device);
  expect(gflops).toBeGreaterThan(0.01);
  expect(Number.isFinite(gflops) && Number.isFinite(gbps)).toBe(true);
  expect(gbps).toBeGreaterThan(0.01);
  expect(higher({ gflops: 1, gbps: 4 }, { gflops: 3, gbps: 2 })).toEqual({ gflops: 3, gbps: 4 });
});

it('rates are of what is counted and timed only', () => {
  const kernel = { kernel: 'k', dispatches: 2, ms: 2, flops: 4e6, bytes: 8e6 };
  expect(rates(kernel)).toEqual({ gflops: 2, gbps: 4 });
  expect(rates({ ...kernel, ms: Number.NaN })).toEqual({});
  expect(rates({ kernel: 'k', dispatches: 1, ms: 1, bytes: 1e6 })).toEqual({ gbps: 1 });
  expect(sumOf([kernel, { ...kernel, ms: Number.NaN }])).toBe(2);
});

it('says what an adapter lacks', () => {
  const bare = { features: new Set<string>() } as unknown as GPUDevice;
  expect(fallbacksOf(bare, false).map((text) => text.split(':')[0])).toEqual([
    'timestamp-query',
    'subgroups',
  ]);
  const features = new Set(['timestamp-query', 'subgroups']);
  const full = { features } as unknown as GPUDevice;
  expect(fallbacksOf(full, true)).toEqual([]);
  expect(fallbacksOf(full, true, ['rows: alone', undefined])).toEqual(['rows: alone']);
  expect(fallbacksOf(full, false)).toEqual([expect.stringContaining('do not lie along x')]);
});
