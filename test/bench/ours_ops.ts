/** Single kernels of ours on buffers of their own, launched as the engine launches them. */
import { createKernel, type Kernel, type KernelSpec } from '../../src/gpu/kernel.ts';
import { ceilDiv, type Launch, record, spread, storage, uniform } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { lossSpec } from '../../src/model/kernels.ts';
import { createLayout } from '../../src/model/layout.ts';
import { chooseLossRows, lossWorkgroups } from '../../src/model/loss_rows.ts';
import { matmulSources, sources } from '../../src/model/sources.ts';
import { TILES, type TileId } from '../../src/model/tiles.ts';
import { ADAM, ALPHA, CLIP, OLD_LOGP } from './workload.ts';

export interface Op {
  /** Submits it once and waits until the GPU is done. */
  run(): Promise<void>;
  read(count: number): Promise<Float32Array>;
}

type Data = Float32Array | Uint32Array;

async function launchOf(
  device: GPUDevice,
  spec: KernelSpec,
  buffers: Record<string, GPUBuffer>,
  groups: readonly [number, number?, number?],
): Promise<Launch> {
  const kernel: Kernel = await createKernel(device, spec);
  const used = kernel.bindings.map(({ name }) => [name, buffers[name] as GPUBuffer] as const);
  return { kernel, group: kernel.bind(Object.fromEntries(used)), workgroups: () => groups };
}

function op(device: GPUDevice, launches: Launch[], out: GPUBuffer, before?: () => void): Op {
  return {
    async run() {
      before?.();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      record(pass, launches, 0);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    },
    read: async (count) => new Float32Array(await readBuffer(device, out, 4 * count)),
  };
}

function filled(device: GPUDevice, label: string, data: Data): GPUBuffer {
  const buffer = storage(device, label, data.byteLength);
  device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
  return buffer;
}

function batchUniform(device: GPUDevice, N: number): GPUBuffer {
  const buffer = uniform(device, 'batch', 16);
  const head = new ArrayBuffer(16);
  new Uint32Array(head)[0] = N;
  new Float32Array(head)[2] = 1;
  device.queue.writeBuffer(buffer, 0, head);
  return buffer;
}

/** a [M, K] · b [K, N], either given transposed; `tn` sums over K in `splits` shares, as weight gradients do, `tile` as the engine takes it. */
export async function ourMatmul(
  device: GPUDevice,
  kind: 'nn' | 'nt' | 'tn',
  a: Float32Array,
  b: Float32Array,
  [M, K, N]: readonly [number, number, number],
  { splits, tile }: { splits: number; tile: TileId },
): Promise<Op> {
  const out = storage(device, 'out', 4 * M * N);
  const batch = batchUniform(device, kind === 'tn' ? K : M);
  const [left, right] = [filled(device, 'a', a), filled(device, 'b', b)];
  const files = [...matmulSources(tile, kind), ...sources('epilogue/store')];
  const tileRows = 8 * TILES[tile].rows;
  if (kind === 'nt') {
    const spec = { entry: 'matmul_nt', sources: files };
    const constants = { K, O: N, WIDTH: N };
    const buffers = { batch, left, weight: right, y: out };
    const groups = [ceilDiv(N / 4, 8), ceilDiv(M, tileRows)] as const;
    return op(device, [await launchOf(device, { ...spec, constants }, buffers, groups)], out);
  }
  if (kind === 'nn') {
    const spec = { entry: 'matmul_nn', sources: files };
    const constants = { O: K, I: N, WIDTH: N };
    const buffers = { batch, left, weight: right, y: out };
    const groups = [ceilDiv(N / 4, 8), ceilDiv(M, tileRows)] as const;
    return op(device, [await launchOf(device, { ...spec, constants }, buffers, groups)], out);
  }
  const P = M * N;
  const partial = storage(device, 'partial', 4 * splits * P);
  const constants = { O: M, I: N, P, SIZE: P, SPLITS: splits, WIDTH: N };
  const product = await launchOf(
    device,
    {
      entry: 'matmul_tn',
      sources: files,
      constants,
    },
    { batch, left, x: right, partial },
    [ceilDiv(N / 4, 8), ceilDiv(M, tileRows), splits],
  );
  const squares = storage(device, 'squares', 4 * ceilDiv(P, 4096) * 64);
  const sum = await launchOf(
    device,
    { entry: 'grad_reduce', sources: sources('adamw'), constants },
    { partial, grad: out, squares },
    [ceilDiv(P / 4, 1024)],
  );
  return op(device, [product, sum], out);
}

/** The fused policy loss over [N, V] logits; `value` is the mean loss. */
export async function ourLoss(
  device: GPUDevice,
  logits: Float32Array,
  actions: Uint32Array,
  advantages: Float32Array,
): Promise<Op & { value(): Promise<number> }> {
  const N = actions.length;
  const V = logits.length / N;
  const narrow = { n_layer: 1, n_embd: 4, n_head: 1, d_ff: 4, rope_theta: 1e4, rms_eps: 1e-5 };
  const composed = composeMethods(
    ['ppo_clip', 'ib_entropy'].map((id) => METHODS.get(id) as Method),
  );
  const rows = chooseLossRows(device, V, false);
  const spec = lossSpec(createLayout({ ...narrow, vocab_size: V }), 1, 0, composed, false, rows);
  const values: Record<string, number> = {
    'ppo_clip.eps_low': CLIP.low,
    'ppo_clip.eps_high': CLIP.high,
    'ppo_clip.dual': CLIP.dual,
    'ib_entropy.alpha': ALPHA,
  };
  const params = uniform(device, 'methods', 4 * composed.fields.length);
  device.queue.writeBuffer(
    params,
    0,
    Float32Array.from(composed.fields, (field) => values[field] as number),
  );
  const facts = Float32Array.from({ length: 4 * N }, (_, i) => {
    const column = i % 4;
    if (column === 0) return 1 / N;
    return column === 1 ? (advantages[Math.floor(i / 4)] as number) : OLD_LOGP;
  });
  const [z, stats] = [filled(device, 'logits', logits), storage(device, 'stats', 32 * N)];
  const buffers = {
    batch: batchUniform(device, N),
    params,
    logits: z,
    actions: filled(device, 'actions', actions),
    facts: filled(device, 'facts', facts),
    stats,
  };
  const launch = await launchOf(device, spec, buffers, lossWorkgroups(rows)(N));
  // The kernel overwrites the logits; what they hold then is as good for timing, and finite.
  const inner = op(device, [launch], z);
  return {
    ...inner,
    async value() {
      device.queue.writeBuffer(z, 0, logits as Float32Array<ArrayBuffer>);
      await inner.run();
      const all = new Float32Array(await readBuffer(device, stats, 32 * N));
      let sum = 0;
      for (let n = 0; n < N; n++) sum += all[8 * n] as number;
      return sum;
    },
  };
}

/** Norm, clip and AdamW over one flat array. */
export async function ourAdamW(
  device: GPUDevice,
  start: Float32Array,
  gradient: Float32Array,
): Promise<Op> {
  const P = start.length;
  const adam = uniform(device, 'adam', 32);
  const { learning_rate, beta1, beta2, eps, weight_decay, max_grad_norm } = ADAM;
  device.queue.writeBuffer(
    adam,
    0,
    Float32Array.of(learning_rate, beta1, beta2, eps, weight_decay, max_grad_norm, 1, 1),
  );
  const theta = filled(device, 'theta', start);
  const buffers = {
    adam,
    theta,
    partial: filled(device, 'partial', gradient),
    grad: storage(device, 'grad', 4 * P),
    squares: storage(device, 'squares', 4 * ceilDiv(P, 4096) * 64),
    norm: storage(device, 'norm', 16),
    m: storage(device, 'm', 4 * P),
    v: storage(device, 'v', 4 * P),
  };
  const spec = (entry: string): KernelSpec => ({
    entry,
    sources: sources('adamw'),
    constants: { P, SIZE: P, SPLITS: 1 },
  });
  const launches = [
    await launchOf(device, spec('grad_reduce'), buffers, [ceilDiv(P / 4, 1024)]),
    await launchOf(device, spec('grad_norm'), buffers, [1]),
    await launchOf(device, spec('adamw'), buffers, spread(ceilDiv(P / 4, 64))),
  ];
  return op(device, launches, theta);
}
