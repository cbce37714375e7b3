// What a browser that looks for finished work only every 100 ms makes of the look at an adapter.
import { expect, it } from 'vitest';
import { probe } from '../../src/train/probe.ts';
import { device } from '../helpers/dawn.ts';

const opened = { device, vendor: 'v', architecture: 'a', description: 'd', software: false };

/** The same adapter where the browser looks only every 100 ms whether work is done. */
async function probeWithSlowNews() {
  const { queue } = device;
  const done = queue.onSubmittedWorkDone;
  queue.onSubmittedWorkDone = async () => {
    const from = performance.now();
    await done.call(queue);
    const rest = 100 - ((performance.now() - from) % 100);
    await new Promise((resolve) => setTimeout(resolve, rest));
  };
  try {
    return await probe(opened);
  } finally {
    queue.onSubmittedWorkDone = done;
  }
}

it('slow news does not make an adapter slow', async () => {
  let [gflops, dispatch_us] = [Number.NaN, Number.NaN];
  const isAsUsual = () => Math.abs(Math.log(gflops)) < Math.log(5) && dispatch_us < 1000;
  // Other work on the machine may slow either of two looks, not every pair of them.
  for (let i = 0; i < 8 && !isAsUsual(); i++) {
    const usual = await probe(opened);
    expect(usual.gflops).toBeGreaterThan(0.01);
    const slow = await probeWithSlowNews();
    gflops = slow.gflops / usual.gflops;
    dispatch_us = slow.dispatch_us;
  }
  // Work of at least two looks, told one look late at most: half as fast, and a busy machine. With news for work it is 0.06.
  expect(gflops).toBeGreaterThan(1 / 5);
  expect(gflops).toBeLessThan(5);
  expect(dispatch_us).toBeLessThan(1000);
}, 120_000);
