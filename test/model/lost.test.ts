// A device that is lost in the middle of what is chosen when a program starts: nobody waits for ever, nothing stays that
// was found on it, and the next device can be opened.
import { expect, it, test } from 'vitest';
import { heldBytes } from '../../src/gpu/memory.ts';
import { Engine } from '../../src/model/engine.ts';
import { rollout } from '../../src/model/generate.ts';
import { initialParameters } from '../../src/model/init.ts';
import { chooseDecoding } from '../../src/model/rollout_choice.ts';
import { measureTiles, settleTile } from '../../src/model/tile_choice.ts';
import { canRun, knowsQuads } from '../../src/model/tiles.ts';
import { device, openTestDevice } from '../helpers/dawn.ts';

const config = {
  ...{ n_layer: 1, n_embd: 8, n_head: 2, d_ff: 9, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 16, sequences: 8, response: 4, positions: 8, splits: 1 };
const hasQuads = await canRun(device, 'quad');

/** Loses the device when it submits for the `count`th time. */
function loseAt(fresh: GPUDevice, count: number): void {
  const { queue } = fresh;
  const submit = queue.submit.bind(queue);
  let seen = 0;
  queue.submit = (commands) => {
    if (++seen === count) fresh.destroy();
    return submit(commands);
  };
}

test('while it tries whether there are quads: told, and tried again when asked again', async () => {
  if (!hasQuads) return expect(await knowsQuads(device)).toBe(false);
  const fresh = await openTestDevice();
  loseAt(fresh, 1);
  await expect(settleTile(fresh)).rejects.toThrow();
  // Not what the first try ended in: whoever asks later gets an answer of their own.
  const later = knowsQuads(fresh);
  await expect(later).rejects.toThrow();
  expect(knowsQuads(fresh)).not.toBe(later);
  await expect(knowsQuads(fresh)).rejects.toThrow();
  // Of two shapes that were tried at once, one may have told before the other.
  await expect.poll(() => heldBytes(fresh)).toBe(0);
});

test('while it times families of kernels: the usual one, and why it was not measured', async () => {
  if (!hasQuads) return expect(await knowsQuads(device)).toBe(false);
  const fresh = await openTestDevice();
  await knowsQuads(fresh);
  loseAt(fresh, 4);
  const choice = await measureTiles(fresh, 60_000);
  expect(choice).toMatchObject({ how: 'usual', note: 'the GPU was lost while they were timed' });
  expect(heldBytes(fresh)).toBe(0);
});

it('while it times ways to sample: not tried again on the next device', async () => {
  const own = { ...sizes, positions: 14, rollout: 'mega' as const };
  const fresh = await openTestDevice();
  const lost = await Engine.create(fresh, config, 0, own);
  loseAt(fresh, 6);
  await expect(chooseDecoding(lost, true)).rejects.toThrow('the GPU was lost while');
  const engine = await Engine.create(device, config, 0, own);
  expect(await chooseDecoding(engine, true)).toEqual({
    ...{ variant: 'loop', note: 'the GPU was lost while one dispatch for many tokens was tried' },
  });
  engine.destroy();
});

test('what cannot be timed for another reason is sampled in the loop', async () => {
  const own = { ...sizes, positions: 20, rollout: 'mega' as const };
  const engine = await Engine.create(device, config, 0, own);
  const { createCommandEncoder } = device;
  device.createCommandEncoder = () => {
    throw new TypeError('no encoder');
  };
  try {
    expect(await chooseDecoding(engine, true)).toEqual({
      ...{ variant: 'loop', note: 'they could not be timed: no encoder' },
    });
  } finally {
    device.createCommandEncoder = createCommandEncoder;
  }
  const policy = engine.createPolicy(initialParameters(engine.layout, 1));
  engine.decoding = await chooseDecoding(engine, true);
  const request = { prompts: [[1, 2]], groupSize: 2, temperature: 1, seed: 1, stream: 0, step: 0 };
  expect(await rollout(engine, policy, request)).toHaveLength(2);
  engine.destroy();
});

test('in the middle of rollouts: every one of more than there are read-backs ends', async () => {
  const fresh = await openTestDevice();
  const engine = await Engine.create(fresh, config, 0, sizes);
  const policy = engine.createPolicy(initialParameters(engine.layout, 1));
  const request = { prompts: [[1, 2]], groupSize: 2, temperature: 1, seed: 1, stream: 0, step: 0 };
  await rollout(engine, policy, request);
  loseAt(fresh, 2);
  const all = await Promise.allSettled(
    Array.from({ length: 6 }, () => rollout(engine, policy, request)),
  );
  expect(all.map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
  await engine.turns.close();
  engine.destroy();
  expect(heldBytes(fresh)).toBe(0);
});
