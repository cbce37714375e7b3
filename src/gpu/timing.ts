/**
 * How long the GPU takes for passes: by timestamps around each where the adapter has them, otherwise by waiting for each,
 * less what waiting for nothing takes. Browsers round timestamps to 100 µs and a wait takes some hundred itself, so what
 * is timed should be repeated until it takes a few milliseconds.
 */
import { createKernel } from './kernel.ts';
import { createBuffer } from './memory.ts';
import { readBuffer } from './readback.ts';

/** What a pass does. */
export type Recorder = (pass: GPUComputePassEncoder) => void;

export interface Stopwatch {
  how: 'timestamps' | 'waits';
  /** ms of each pass, one after the other; NaN of one that is too short to be told from nothing. */
  time(passes: readonly Recorder[]): Promise<number[]>;
}

export async function createStopwatch(
  device: GPUDevice,
  hasTimestamps = device.features.has('timestamp-query'),
): Promise<Stopwatch> {
  return hasTimestamps
    ? { how: 'timestamps', time: (passes) => byTimestamps(device, passes) }
    : byWaits(device);
}

async function byTimestamps(device: GPUDevice, passes: readonly Recorder[]): Promise<number[]> {
  const count = 2 * passes.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const resolved = createBuffer(device, {
    size: 8 * count,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  try {
    const encoder = device.createCommandEncoder();
    passes.forEach((work, i) => {
      const [beginningOfPassWriteIndex, endOfPassWriteIndex] = [2 * i, 2 * i + 1];
      const timestampWrites = { querySet, beginningOfPassWriteIndex, endOfPassWriteIndex };
      const pass = encoder.beginComputePass({ timestampWrites });
      work(pass);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    device.queue.submit([encoder.finish()]);
    const stamps = new BigInt64Array(await readBuffer(device, resolved, 8 * count));
    return passes.map((_, i) => {
      const ms = Number((stamps[2 * i + 1] as bigint) - (stamps[2 * i] as bigint)) / 1e6;
      return ms > 0 ? ms : Number.NaN;
    });
  } finally {
    querySet.destroy();
    resolved.destroy();
  }
}

/** A clock that rounds to 100 µs is then wrong by no more than 7%. */
const LEAST_MS = 1.5;
const WANTED_MS = 2;
/** Repetitions in one pass at most. */
const MOST = 256;

/**
 * ms of each of several works, once: the pass that was disturbed least, among those that are long against the clock.
 * Infinity of one that no pass of MOST repetitions can tell from nothing.
 * @param time ms of passes with so many repetitions of each, one after the other
 * @param limits rounds of one pass each, and ms of GPU time of each after which none is begun
 */
export async function compare(
  works: number,
  time: (repetitions: readonly number[]) => Promise<number[]>,
  { rounds, ms: most }: { rounds: number; ms: number },
): Promise<number[]> {
  const repetitions = Array<number>(works).fill(1);
  const spent = Array<number>(works).fill(0);
  const best = Array<number>(works).fill(Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds && Math.max(...spent) < most; ) {
    const took = await time(repetitions);
    let isCounted = true;
    took.forEach((ms, i) => {
      const times = repetitions[i] as number;
      spent[i] = (spent[i] as number) + (ms || 0);
      if (!(ms >= LEAST_MS) && times < MOST) {
        // Of what is too short little is known: not more than eight times as often at once.
        const more = ms > 0 ? Math.ceil(WANTED_MS / ms) : 8;
        repetitions[i] = Math.min(MOST, times * Math.min(8, more));
        isCounted = false;
      } else if (ms > 0) best[i] = Math.min(best[i] as number, ms / times);
    });
    if (isCounted) round++;
  }
  return best;
}

const NOTHING = '@compute @workgroup_size(1) fn nothing() {}';

async function byWaits(device: GPUDevice): Promise<Stopwatch> {
  const kernel = await createKernel(device, {
    entry: 'nothing',
    sources: [{ name: 'nothing', text: NOTHING }],
  });
  const group = kernel.bind({});
  const wait = async (work: Recorder): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    work(pass);
    pass.end();
    const commands = encoder.finish();
    const from = performance.now();
    device.queue.submit([commands]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - from;
  };
  const nothing: Recorder = (pass) => {
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(1);
  };
  const empty: number[] = [];
  for (let i = 0; i < 7; i++) empty.push(await wait(nothing));
  empty.sort((a, b) => a - b);
  const [overhead, worst] = [empty[3] as number, empty[5] as number];
  return {
    how: 'waits',
    async time(passes) {
      const times: number[] = [];
      for (const work of passes) {
        const ms = await wait(work);
        // Shorter than waits differ among themselves, it says nothing.
        times.push(ms > worst ? ms - overhead : Number.NaN);
      }
      return times;
    },
  };
}
