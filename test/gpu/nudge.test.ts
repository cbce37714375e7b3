// Where news of finished work is late, whoever waits for it submits nothing until it is there; elsewhere nobody does.
import { afterEach, expect, test, vi } from 'vitest';
import { storage } from '../../src/gpu/launch.ts';
import { noteDelay, nudged } from '../../src/gpu/nudge.ts';
import { Readback, readBuffer } from '../../src/gpu/readback.ts';
import { Pace } from '../../src/model/pace.ts';
import { device } from '../helpers/dawn.ts';

afterEach(() => {
  vi.restoreAllMocks();
  noteDelay(device.queue, 0);
});

/** A queue that looks whether work is done every 100 ms, or when something is submitted. */
function firefox() {
  const waiting: { end: number; tell: () => void }[] = [];
  const look = (): undefined => {
    for (const news of waiting.splice(0)) {
      if (news.end <= performance.now()) news.tell();
      else waiting.push(news);
    }
  };
  const timer = setInterval(look, 100);
  const after = (ms: number): Promise<undefined> =>
    new Promise((resolve) =>
      waiting.push({ end: performance.now() + ms, tell: () => resolve(undefined) }),
    );
  const submit = vi.fn((_: Iterable<GPUCommandBuffer>): undefined => look());
  return { after, submit, onSubmittedWorkDone: () => after(0), close: () => clearInterval(timer) };
}

test('late news comes at once when it is waited for, and nothing is submitted afterwards', async () => {
  const queue = firefox();
  // As a rollout finds out, on a queue that has nothing to do.
  await new Pace().run(queue, { tokens: 1, sequences: 1 }, () => {});
  const from = performance.now();
  await nudged(queue, queue.after(10));
  // Far less than what is left of the 100 ms, on a machine that does other things.
  expect(performance.now() - from).toBeLessThan(80);
  const submits = queue.submit.mock.calls.length;
  expect(submits).toBeGreaterThan(0);
  expect(queue.submit.mock.calls.every(([commands]) => [...commands].length === 0)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(queue.submit).toHaveBeenCalledTimes(submits);
  queue.close();
});

test('refused news is told, and nothing is submitted afterwards', async () => {
  const submit = vi.fn();
  const queue = { submit };
  noteDelay(queue, 100);
  const refused = new Promise((_, reject) => setTimeout(() => reject(new Error('lost')), 20));
  await expect(nudged(queue, refused)).rejects.toThrow('lost');
  const submits = submit.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(submit).toHaveBeenCalledTimes(submits);
});

test('nothing is submitted where news comes in time, or where that is not known', async () => {
  for (const ms of [undefined, 0.1, 20]) {
    const queue = { submit: vi.fn() };
    if (ms !== undefined) noteDelay(queue, ms);
    await nudged(queue, new Promise((resolve) => setTimeout(resolve, 30)));
    expect(queue.submit).not.toHaveBeenCalled();
  }
});

test('reads give the same while nothing is submitted over and over', async () => {
  const source = storage(device, 'source', 16);
  device.queue.writeBuffer(source, 0, Uint32Array.of(1, 2, 3, 4));
  const ring = new Readback(device, 'nudged', 16, 1);
  noteDelay(device.queue, 100);
  const submit = vi.spyOn(device.queue, 'submit');
  const empty = () => submit.mock.calls.filter(([commands]) => [...commands].length === 0).length;
  const late = (slot: GPUBuffer): void => {
    const map = slot.mapAsync.bind(slot);
    slot.mapAsync = async (...asked) => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return map(...asked);
    };
  };
  const slot = await ring.acquire();
  late(slot);
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, slot, 0, 16);
  device.queue.submit([encoder.finish()]);
  expect([...new Uint32Array(await ring.read(slot, 16))]).toEqual([1, 2, 3, 4]);
  expect(empty()).toBeGreaterThan(0);
  expect([...new Uint32Array(await readBuffer(device, source))]).toEqual([1, 2, 3, 4]);
  ring.destroy();
  source.destroy();
});
