/**
 * A second's look at an adapter: how fast is our own matmul on it, what does one more dispatch cost, and what does that
 * suggest to begin with. Everything the page promises about time comes from here.
 */
import type { AdapterReport } from '../core/report.ts';
import type { OpenedDevice } from '../gpu/device.ts';
import { createKernel } from '../gpu/kernel.ts';
import { type Launch, record, storage, uniform } from '../gpu/launch.ts';
import { matmulSources, sources } from '../model/sources.ts';
import { chooseTile, TILES } from '../model/tiles.ts';

/** Rows, inputs and outputs of the timed product: a linear layer of the nano model. */
const N = 2048;
const K = 64;
const O = 192;

export async function probe(opened: OpenedDevice): Promise<AdapterReport> {
  const { device, vendor, architecture, description, software } = opened;
  const tile = await chooseTile(device);
  const tileRows = TILES[tile].rows;
  const kernel = await createKernel(device, {
    entry: 'matmul_nt',
    sources: [...matmulSources(tile, 'nt'), ...sources('epilogue/store')],
    constants: { K, O, WIDTH: O },
    label: 'probe',
  });
  const batch = uniform(device, 'probe batch', 16);
  const [x, weight, y] = [N * K, O * K, N * O].map((n, i) =>
    storage(device, `probe ${i}`, 4 * n),
  ) as [GPUBuffer, GPUBuffer, GPUBuffer];
  const group = kernel.bind({ batch, left: x, weight, y });
  const launch = (rows: number): Launch => ({
    kernel,
    group,
    workgroups: () => [O / 32, Math.ceil(rows / (8 * tileRows))],
  });

  /** Milliseconds of `count` dispatches over `rows` rows, in one submit. */
  const time = async (count: number, rows: number): Promise<number> => {
    device.queue.writeBuffer(batch, 0, Uint32Array.from([rows, 0, 0, 0]));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(
      pass,
      Array.from({ length: count }, () => launch(rows)),
      rows,
    );
    pass.end();
    device.queue.submit([encoder.finish()]);
    const from = performance.now();
    await device.queue.onSubmittedWorkDone();
    return performance.now() - from;
  };
  /** Of three: other work on the machine only makes it longer. */
  const least = async (dispatches: number, rows: number): Promise<number> => {
    const times = [];
    for (let i = 0; i < 3; i++) times.push(await time(dispatches, rows));
    return Math.min(...times);
  };
  await time(1, N);
  // What the news takes when there is nothing to tell: Firefox looks every 100 ms whether the GPU is done.
  const idle = await least(1, 8);
  // More repetitions until the measurement is long against timer, submission and news.
  let count = 1;
  let ms = await time(count, N);
  while (ms - idle < Math.max(40, 2 * idle) && count < 4096) {
    count *= 4;
    ms = await time(count, N);
  }
  // Where even the most are done before anybody looks, they took no longer than that.
  const own = ms - idle > 40 ? ms - idle : ms;
  const gflops = (2 * N * K * O * count) / (own * 1e6);
  await time(16, 8);
  const few = await least(64, 8);
  const many = await least(320, 8);
  const dispatch_us = Math.max(0.5, (1000 * (many - few)) / 256);
  for (const buffer of [batch, x, weight, y]) buffer.destroy();

  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const measured = { vendor, architecture, description, software, gflops, dispatch_us };
  const limits = { maxBufferBytes: maxBufferSize, maxBindingBytes: maxStorageBufferBindingSize };
  return { ...measured, ...limits, proposal: propose(gflops, software) };
}

/** The default preset takes about 7 GFLOP a step and run; what is proposed keeps a step of all arms near or under a second or two. */
function propose(gflops: number, software: boolean): AdapterReport['proposal'] {
  const speed = gflops < 10 ? gflops.toFixed(1) : gflops.toFixed(0);
  if (software) {
    return {
      model: 'nano',
      seeds: 1,
      values: { 'trainer.prompts': 16, 'trainer.eval_prompts': 16 },
      why: `This browser has no GPU to offer and computes on the CPU (${speed} GFLOP/s): half the preset's batch and one seed keep a step short. In our own runs with this batch the arms part in the same way; curves are noisier.`,
    };
  }
  if (gflops < 150) {
    return {
      model: 'nano',
      seeds: 1,
      values: { 'trainer.prompts': 16, 'trainer.eval_prompts': 48 },
      why: `This GPU does ${speed} GFLOP/s on a small model: 16 prompts and one seed keep a step short. Add seeds when you have time.`,
    };
  }
  return {
    model: 'nano',
    seeds: 3,
    values: {},
    why: `This GPU does ${speed} GFLOP/s on a small model: the preset runs as it is.`,
  };
}
