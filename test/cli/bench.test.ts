// The bench measures what it says: the same work on both sides, counted calls, and no time for unequal results.
import { describe, expect, it } from 'vitest';
import { openDawn } from '../../src/cli/dawn.ts';
import { agree } from '../bench/cases.ts';
import { countCalls, takeTurns } from '../bench/measure.ts';
import { runCase } from '../bench/run_case.ts';
import { device } from '../helpers/dawn.ts';

const gpu = await openDawn();
// jax-js looks for the browser's object.
Object.defineProperty(globalThis, 'navigator', {
  value: { gpu, userAgent: 'node' },
  configurable: true,
});
const few = { rounds: 1, seconds: 1 };

describe('a case', () => {
  it('gives ours and the peer’s time once both agree', async () => {
    const line = await runCase(gpu, 'loss_4096x64', { ...few, peer: 'jax-js' });
    expect(line.difference).toBeLessThanOrEqual(1e-5);
    expect(line.ratio).toBeCloseTo((line.peer_ms as number) / line.ours_ms, 2);
    expect(line).toMatchObject({ dispatches: 1, submits: 1, created: 0 });
    expect(line.peer_calls?.dispatches).toBeGreaterThan(1);
  });

  it('runs without a peer', async () => {
    const line = await runCase(gpu, 'rollout_nano_32x32', { ...few });
    expect(line.ours_ms).toBeGreaterThan(0);
    expect(line).not.toHaveProperty('peer_ms');
    expect(line).toMatchObject({ created: 0, tokens: 1024 });
    // In short pieces, of a token each at most.
    expect(line.submits).toBeGreaterThan(1);
    expect(line.submits).toBeLessThanOrEqual(1 + 32);
  });

  it('is named where there is none', async () => {
    const unknown = runCase(gpu, 'sorting', { ...few });
    await expect(unknown).rejects.toThrow(/--case: must be one of training_nano_32x32, .*sorting/);
  });
});

describe('agreement', () => {
  it('passes within the tolerance, relative to the largest', () => {
    expect(agree('loss', [1, 2.00001], [1, 2], 1e-5)).toBeLessThanOrEqual(1e-5);
  });
  it('fails beyond it, and on NaN', () => {
    expect(() => agree('loss', [1, 2.1], [1, 2], 1e-5)).toThrow(/must equal the peer's/);
    expect(() => agree('loss', [Number.NaN], [1], 1e-5)).toThrow(/must equal the peer's/);
  });
});

describe('measuring', () => {
  it('lets works take turns and tells the median with its spread', async () => {
    let clock = 0;
    const order: string[] = [];
    const work = (name: string, times: number[]) => async () => {
      order.push(name);
      clock += times.shift() ?? 0;
    };
    const works = [work('a', [9, 1, 5]), work('b', [2, 2, 2])];
    const [a, b] = await takeTurns(works, 3, 10, () => clock);
    expect(order.join('')).toBe('ababab');
    expect(a).toEqual({ ms: 5, least: 1, most: 9 });
    expect(b).toEqual({ ms: 2, least: 2, most: 2 });
  });

  it('stops when its time is up, after three rounds at least', async () => {
    let clock = 0;
    let rounds = 0;
    const slow = async () => {
      rounds += 1;
      clock += 800;
    };
    await takeTurns([slow], 100, 2, () => clock);
    expect(rounds).toBe(3);
  });

  it('counts calls of one run and leaves the device as it was', async () => {
    const work = async () => {
      device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
      const encoder = device.createCommandEncoder();
      encoder.beginComputePass().end();
      device.queue.submit([encoder.finish()]);
    };
    const create = device.createBuffer;
    expect(await countCalls(device, work)).toEqual({ dispatches: 0, submits: 1, created: 1 });
    expect(device.createBuffer).toBe(create);
  });
});
