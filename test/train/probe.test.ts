// What a browser that looks for finished work only every 100 ms makes of the look at an adapter.
import { expect, it } from 'vitest';
import { probe } from '../../src/train/probe.ts';
import { device } from '../helpers/dawn.ts';

const opened = { device, vendor: 'v', architecture: 'a', description: 'd', software: false };

it('slow news does not make an adapter slow', async () => {
  const { gflops } = await probe(opened);
  expect(gflops).toBeGreaterThan(0.01);
  const { queue } = device;
  const done = queue.onSubmittedWorkDone;
  queue.onSubmittedWorkDone = async () => {
    const from = performance.now();
    await done.call(queue);
    const rest = 100 - ((performance.now() - from) % 100);
    await new Promise((resolve) => setTimeout(resolve, rest));
  };
  try {
    const slow = await probe(opened);
    // Work of at least two looks, told one look late at most; and other work on the machine.
    expect(slow.gflops / gflops).toBeGreaterThan(0.4);
    expect(slow.gflops / gflops).toBeLessThan(2.5);
    expect(slow.dispatch_us).toBeLessThan(400);
  } finally {
    queue.onSubmittedWorkDone = done;
  }
});
