/**
 * What an adapter can do at most, measured: a copy that streams through more memory than caches hold, and a loop of
 * multiply-adds that touches none. An adapter does not tell its own; a kernel is judged by what these two reach.
 */
import { createKernel, type Kernel } from './kernel.ts';
import { tryBuffers } from './memory.ts';
import { createStopwatch, type Stopwatch } from './timing.ts';

export interface Ceiling {
  /** GFLOP/s of multiply-adds in f32, each counted as two. */
  gflops: number;
  /** GB/s read and written together. */
  gbps: number;
}

/** vec4 each of source and target: 32 MiB. */
const STREAMED = 2 ** 21;
/** A slow adapter goes through them in so many passes, one after the other. */
const SLICES = 8;
/** vec4 that one invocation copies. */
const EACH = 8;
const WORKGROUP = 64;

const STREAM = `
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn stream(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let first = group.x * ${WORKGROUP * EACH}u + i;
  ${Array.from({ length: EACH }, (_, k) => `copied[first + ${WORKGROUP * k}u] = source[first + ${WORKGROUP * k}u];`).join('\n  ')}
}`;

/** Turns of the loop, multiply-adds of each chain in one, and workgroups of a dispatch along x. */
const [TURNS, UNROLLED, GROUPS] = [8, 8, 1024];
/** Independent sums, so that none waits for another; more than these would not stay in the registers of a processor. */
const CHAINS = ['a', 'b', 'c'];

const MULTIPLY_ADD = `
@group(0) @binding(1) var<storage, read_write> copied: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn multiply_add(@builtin(global_invocation_id) id: vec3u) {
  let x = vec4f(0.5 + f32(id.x & 7u) * 0.01);
  let y = vec4f(0.1);
  ${CHAINS.map((c, k) => `var ${c} = vec4f(${k}.0, 1.0, 2.0, 3.0) * 0.1;`).join('\n  ')}
  for (var turn = 0u; turn < ${TURNS}u; turn++) {
    ${Array.from({ length: UNROLLED }, () => CHAINS.map((c) => `${c} = ${c} * x + y;`).join(' ')).join('\n    ')}
  }
  copied[id.x] = ${CHAINS.join(' + ')};
}`;

/** Of two measurements: other work on the machine can only make a ceiling lower. */
export const higher = (a: Ceiling, b: Ceiling): Ceiling => ({
  gflops: Math.max(a.gflops, b.gflops),
  gbps: Math.max(a.gbps, b.gbps),
});

/** Takes up to 50 ms each, beside compiling. */
export async function measureCeiling(device: GPUDevice, stopwatch?: Stopwatch): Promise<Ceiling> {
  const watch = stopwatch ?? (await createStopwatch(device));
  const make = (entry: string, text: string): Promise<Kernel> =>
    createKernel(device, { entry, sources: [{ name: entry, text }] });
  const [stream, multiplyAdd] = await Promise.all([
    make('stream', STREAM),
    make('multiply_add', MULTIPLY_ADD),
  ]);
  const usage = GPUBufferUsage.STORAGE;
  const buffers = await tryBuffers(
    device,
    'ceiling',
    ['source', 'copied'].map((label) => ({ label, size: 16 * STREAMED, usage })),
  );
  const bind = (i: number, of: number): GPUBindGroup => {
    const size = (16 * STREAMED) / of;
    const [source, copied] = buffers.map((buffer) => ({ buffer, offset: i * size, size }));
    return stream.bind({ source, copied } as Record<string, GPUBufferBinding>);
  };
  try {
    const slices = Array.from({ length: SLICES }, (_, i) => bind(i, SLICES));
    const whole = STREAMED / EACH / WORKGROUP;
    const copying = { kernel: stream, groups: slices, x: whole / SLICES };
    // The first touches the memory.
    await passTime(watch, copying, 1);
    const isSlow = (await passTime(watch, copying, 1)) > 1;
    const streamed = isSlow
      ? SLICES * (await fastest(watch, copying))
      : await fastest(watch, { kernel: stream, groups: [bind(0, 1)], x: whole });
    const adding = { copied: buffers[1] as GPUBuffer };
    const groups = [multiplyAdd.bind(adding)];
    const added = await fastest(watch, { kernel: multiplyAdd, groups, x: GROUPS });
    const flops = 2 * 4 * CHAINS.length * TURNS * UNROLLED * WORKGROUP * GROUPS;
    return { gbps: (32 * STREAMED) / (streamed * 1e6), gflops: flops / (added * 1e6) };
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

interface Repeated {
  kernel: Kernel;
  /** Taken in turn, one a pass. */
  groups: GPUBindGroup[];
  /** Workgroups along x; along y everything is done again, in the same dispatch. */
  x: number;
}

async function passTime(watch: Stopwatch, work: Repeated, times: number): Promise<number> {
  const group = work.groups.shift() as GPUBindGroup;
  work.groups.push(group);
  const [ms = Number.NaN] = await watch.time([
    (pass) => {
      pass.setPipeline(work.kernel.pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(work.x, times);
    },
  ]);
  return ms;
}

/**
 * ms for once: of several passes of some milliseconds each, the one that was disturbed least. Shorter ones do not count: a
 * clock that rounds to 100 µs can take half of one away.
 */
async function fastest(watch: Stopwatch, work: Repeated): Promise<number> {
  let [times, spent, best] = [1, 0, Number.POSITIVE_INFINITY];
  for (let passes = 0; spent < 30 && passes < 30; passes++) {
    const ms = await passTime(watch, work, times);
    if (!(ms >= 2) && times < 32768) {
      times *= 2;
      continue;
    }
    if (ms / times < best) best = ms / times;
    if (ms > 0) spent += ms;
  }
  return best;
}
