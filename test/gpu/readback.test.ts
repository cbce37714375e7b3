import { afterAll, expect, test } from 'vitest';
import { storage } from '../../src/gpu/launch.ts';
import { Readback, readBuffer } from '../../src/gpu/readback.ts';
import { device } from '../helpers/dawn.ts';

const BYTES = 20;
const source = storage(device, 'source', BYTES);
const ring = new Readback(device, 'test', BYTES, 2);
afterAll(() => ring.destroy());

/** Writes `value` everywhere, copies it into a slot and reads the slot back. */
async function roundTrip(value: number, trace: string[] = []) {
  const slot = await ring.acquire();
  trace.push(`acquired ${value}`);
  device.queue.writeBuffer(source, 0, new Uint32Array(BYTES / 4).fill(value));
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, slot, 0, BYTES);
  device.queue.submit([encoder.finish()]);
  const data = new Uint32Array(await ring.read(slot, BYTES));
  trace.push(`read ${value}`);
  return [...data];
}

test('more reads than slots: each waits its turn and gets its own data', async () => {
  const trace: string[] = [];
  const values = [1, 2, 3, 4, 5, 6, 7];
  const results = await Promise.all(values.map((value) => roundTrip(value, trace)));
  expect(results).toEqual(values.map((value) => Array(BYTES / 4).fill(value)));
  const order = (kind: string) =>
    trace.filter((x) => x.startsWith(kind)).map((x) => Number(x.split(' ')[1]));
  // First come, first served.
  expect(order('acquired')).toEqual(values);
  expect(order('read')).toEqual(values);
  // Never more than two under way: the third slot is handed out once the first is back.
  let underWay = 0;
  for (const step of trace) {
    underWay += step.startsWith('acquired') ? 1 : -1;
    // A slot passes on just before its reader is told.
    expect(underWay).toBeLessThanOrEqual(3);
  }
});

test('all slots are free again afterwards', async () => {
  const [a, b] = [await ring.acquire(), await ring.acquire()];
  expect(a).not.toBe(b);
  let third: GPUBuffer | undefined;
  const waiting = ring.acquire().then((slot) => {
    third = slot;
  });
  await Promise.resolve();
  expect(third).toBeUndefined();
  await ring.read(a, 4);
  await waiting;
  expect(third).toBe(a);
  await ring.read(a, 4);
  await ring.read(b, 4);
  expect(await roundTrip(9)).toEqual(Array(5).fill(9));
});

test('reads the first bytes alone', async () => {
  const slot = await ring.acquire();
  expect((await ring.read(slot, 6)).byteLength).toBe(8);
});

test('readBuffer reads a part of a buffer', async () => {
  device.queue.writeBuffer(source, 0, Uint32Array.from([1, 2, 3, 4, 5]));
  expect([...new Uint32Array(await readBuffer(device, source, 8, 4))]).toEqual([2, 3]);
});
