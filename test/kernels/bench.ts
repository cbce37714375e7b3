// One layer of the model at a small shape, for tests of single kernels. Kernels run through the
// launches that training uses (src/model/passes.ts), so bindings and workgroup counts are tested
// with them. Every buffer but the RoPE table starts as NaN: what a kernel reads without need, or
// leaves unwritten, or writes beyond its part, shows.

import type { ModelConfig } from '../../src/core/model_config.ts';
import { TILE_IDS } from '../../src/core/tile_choice.ts';
import type { Launch } from '../../src/gpu/launch.ts';
import { record, uniform } from '../../src/gpu/launch.ts';
import { hasQuads } from '../../src/gpu/quads.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { Engine, type Policy } from '../../src/model/engine.ts';
import { compileKernels, kernelSpecs } from '../../src/model/kernels.ts';
import { createLayout, type Layout } from '../../src/model/layout.ts';
import { uploadBatch } from '../../src/model/update.ts';
import { createWorkspace, type Sizes, workspaceTable } from '../../src/model/workspace.ts';
import type { Numbers } from '../../src/reference/ops.ts';
import { type Packed, packSequences } from '../../src/reference/transformer.ts';
import { device } from '../helpers/dawn.ts';
import { seededRandom } from '../reference/differences.ts';

export interface Shape {
  name: string;
  config: ModelConfig;
  sizes: Sizes;
  /** Lengths of the packed sequences. */
  lengths: number[];
  /** The policy has a value head. */
  hasValue?: boolean;
}

const rest = { n_layer: 1, rope_theta: 100, rms_eps: 1e-5 };

/** Nothing divides anything: heads of 10 stand in 12, C=30 in 32, F=13 in 16, V=11 in 12. */
export const AWKWARD: Shape = {
  name: 'awkward',
  config: { ...rest, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  sizes: { rows: 24, sequences: 8, response: 4, positions: 16, splits: 3 },
  lengths: [1, 2, 5, 9],
};

/** No padding, and more than one workgroup in every direction. */
export const ALIGNED: Shape = {
  name: 'aligned',
  config: { ...rest, n_embd: 160, n_head: 4, d_ff: 48, vocab_size: 40 },
  sizes: { rows: 72, sequences: 8, response: 4, positions: 48, splits: 2 },
  lengths: [8, 16, 48],
};

export const EOS = 1;

const hasQuad = await hasQuads(device);

/** Every shape with every family of kernels that the adapter can run (src/model/tiles.ts), by name. */
export function eachTile(...shapes: Shape[]): [name: string, shape: Shape][] {
  const tiles = TILE_IDS.filter((tile) => tile !== 'quad' || hasQuad);
  return shapes.flatMap((shape) =>
    tiles.map((tile): [string, Shape] => [
      `${shape.name} shape, tile ${tile}`,
      { ...shape, sizes: { ...shape.sizes, tile } },
    ]),
  );
}

/** The same for kernels that come in two ways only: `staged` has those that load alone. */
export const eachLoad = (...shapes: Shape[]): [name: string, shape: Shape][] =>
  eachTile(...shapes).filter(([, { sizes }]) => sizes.tile !== 'staged');

export interface Bench {
  engine: Engine;
  layout: Layout;
  policy: Policy;
  /** Rows of the packed sequences, with tokens that leave some of the vocabulary out. */
  N: number;
  packed: Packed;
  /** `size` numbers in [−scale, scale), as f32 holds them. */
  numbers(size: number, scale?: number): Float32Array;
  /** NaN everywhere, then the packed rows and the batch's uniform; `count` < N: the first rows alone. */
  reset(count?: number): void;
  /** The batch's uniform and rows once more: with `accumulate`, or at a temperature. */
  batch(options: { count?: number; accumulate?: boolean; temperature?: number }): void;
  set(buffer: string, values: Numbers): void;
  setIntegers(buffer: string, values: Numbers): void;
  /** Decoding: row b is sequence b, all B in use. */
  inOrder(B: number): void;
  /** One matrix of the parameters, as it is stored. */
  setWeight(matrix: string, values: Numbers): void;
  /** Submits the launches of this name: `at` counts them from 0, or from −1 backwards. */
  run(pass: Launch[], label: string, at?: number, n?: number): void;
  get(buffer: string, count: number): Promise<Float32Array>;
  getIntegers(buffer: string, count: number): Promise<Uint32Array>;
}

/** A bench on the file's device, with these kernels of the model: to compile them all takes seconds. */
export async function openBench(
  { config, sizes, lengths, hasValue = false }: Shape,
  names: readonly string[],
): Promise<Bench> {
  const engine = await openEngine(config, sizes, names, hasValue);
  const { workspace } = engine;
  const random = seededRandom(1);
  // Id 0 and the last id never occur: their embeddings must get a gradient of exactly zero.
  const token = () => 1 + Math.floor(random() * (config.vocab_size - 2));
  const packed = packSequences(lengths.map((length) => Array.from({ length }, token)));
  const N = packed.token.length;
  const ends = packed.first.map((first) => packed.first.lastIndexOf(first) + 1);
  const policy = engine.createPolicy(new Float32Array(engine.layout.size), hasValue);
  const { layout } = policy;
  const table = workspaceTable(layout, sizes);
  const buffer = (name: string) => workspace.buffer(name);
  const bytes = async (name: string, count: number) => readBuffer(device, buffer(name), 4 * count);

  const batch: Bench['batch'] = ({ count = N, accumulate = false, temperature = 1 }) => {
    const { token, position, first } = packed;
    const rows = token.map((id, n) => [id, position[n], first[n], ends[n], first[n]]);
    const empty = { actions: new Uint32Array(0), facts: new Float32Array(0) };
    const head = { N: count, rows: Uint32Array.from(rows.slice(0, count).flat()) };
    uploadBatch(engine, { ...head, ...empty }, accumulate, temperature);
  };

  return {
    ...{ engine, layout, policy, N, packed, batch },
    numbers: (size, scale = 1) =>
      Float32Array.from({ length: size }, () => scale * (2 * random() - 1)),
    reset(count = N) {
      const nan = new Float32Array(Math.max(...table.values()) / 4 + 4).fill(Number.NaN);
      for (const name of table.keys()) {
        if (name !== 'rope')
          device.queue.writeBuffer(buffer(name), 0, nan, 0, buffer(name).size / 4);
      }
      device.queue.writeBuffer(policy.theta, 0, nan, 0, Math.min(layout.size, nan.length));
      batch({ count });
    },
    set: (name, values) => device.queue.writeBuffer(buffer(name), 0, Float32Array.from(values)),
    setIntegers: (name, values) =>
      device.queue.writeBuffer(buffer(name), 0, Uint32Array.from(values)),
    inOrder: (B) =>
      device.queue.writeBuffer(
        buffer('order'),
        0,
        Uint32Array.from({ length: B + 1 }, (_, i) => (i === 0 ? B : i - 1)),
      ),
    setWeight(matrix, values) {
      const spec = layout.matrices.get(matrix);
      if (!spec) throw new Error(`setWeight: matrix must be one of the layout, got ${matrix}`);
      device.queue.writeBuffer(policy.theta, 4 * spec.offset, Float32Array.from(values));
    },
    run(pass, label, at = 0, n = N) {
      const launch = pass.filter((l) => l.kernel.label === label).at(at);
      if (!launch) throw new Error(`run: pass must hold a launch of ${label}, got none`);
      const encoder = device.createCommandEncoder();
      const compute = encoder.beginComputePass();
      record(compute, [launch], n);
      compute.end();
      device.queue.submit([encoder.finish()]);
    },
    get: async (name, count) => new Float32Array(await bytes(name, count)),
    getIntegers: async (name, count) => new Uint32Array(await bytes(name, count)),
  };
}

/** Only tests want an engine with some of its kernels, hence not one of Engine.create. */
async function openEngine(
  config: ModelConfig,
  sizes: Sizes,
  names: readonly string[],
  hasValue: boolean,
): Promise<Engine> {
  const valueLayout = hasValue ? createLayout(config, true) : undefined;
  const layout = createLayout(config);
  const specs = kernelSpecs(
    ...([valueLayout ?? layout, sizes.splits, EOS, sizes.tile, false, sizes.gates] as const),
  );
  const unknown = names.find((name) => !specs.has(name));
  if (unknown) throw new Error(`openBench: kernel must be one of the model's, got ${unknown}`);
  const asked = new Map([...specs].filter(([name]) => names.includes(name)));
  const compiled = await compileKernels(device, asked);
  const absent = { bindings: [], bind: () => undefined };
  const kernels = new Map(
    [...specs.keys()].map((name) => [
      name,
      compiled.get(name) ?? { ...absent, label: `no ${name}` },
    ]),
  );
  const uniforms = {
    batch: uniform(device, 'batch', 16),
    rollout: uniform(device, 'rollout', 48),
    adam: uniform(device, 'adam', 32),
    critic: uniform(device, 'critic', 16),
  };
  const workspace = createWorkspace(device, valueLayout ?? layout, sizes);
  const shared = { workspace, uniforms, destroy: () => workspace.destroy() };
  return Reflect.construct(Engine, [device, layout, valueLayout, EOS, kernels, shared]);
}

/**
 * The gradient that one launch leaves in `partial` at a matrix, summed over the splits. Runs it
 * twice: a first part of a minibatch must overwrite (NaN here), a second must add. Nothing but the
 * matrix may be written, in any split.
 */
export async function weightGradient(
  bench: Bench,
  label: string,
  matrix: string,
  { at = 0, count = bench.N } = {},
): Promise<Float64Array> {
  const { layout, engine, policy } = bench;
  const { splits } = engine.workspace.sizes;
  const spec = layout.matrices.get(matrix);
  if (!spec) throw new Error(`weightGradient: matrix must be one of the layout, got ${matrix}`);
  const size = spec.rows * spec.columns;
  const read = async () => {
    const all = await bench.get('partial', splits * layout.size);
    const sum = new Float64Array(size);
    for (let s = 0; s < splits; s++) {
      const start = s * layout.size + spec.offset;
      for (let i = 0; i < size; i++) sum[i] += all[start + i];
      all.fill(Number.NaN, start, start + size);
    }
    const stray = all.findIndex((x) => !Number.isNaN(x));
    if (stray >= 0) throw new Error(`${label}: wrote ${all[stray]} beside ${matrix}, at ${stray}`);
    return sum;
  };
  bench.run(policy.passes.backward, label, at, count);
  const once = await read();
  bench.batch({ count, accumulate: true });
  bench.run(policy.passes.backward, label, at, count);
  const twice = await read();
  bench.batch({ count });
  const wrong = twice.findIndex((x, i) => x !== 2 * once[i]);
  if (wrong >= 0) {
    throw new Error(`${label}: [${wrong}] must add up to ${2 * once[wrong]}, got ${twice[wrong]}`);
  }
  return once;
}

/** [N, columns] into rows of `width`, zeros after each. */
export function padRows(values: Numbers, columns: number, width: number): Float64Array {
  const rows = values.length / columns;
  const out = new Float64Array(rows * width);
  for (let n = 0; n < rows; n++) {
    for (let c = 0; c < Math.min(columns, width); c++) out[n * width + c] = values[n * columns + c];
  }
  return out;
}

/** Where channel d of a head stands: `turned` puts the two halves of RoPE's pairs side by side. */
function slot(d: number, width: number, turned: boolean): number {
  if (!turned) return d;
  return d < width / 2 ? 2 * d : 2 * (d - width / 2) + 1;
}

/** [N, H, width] as the kernels store queries and keys (turned) or values: [N, H, D], zeros after each head. */
export function storeHeads(
  values: Numbers,
  width: number,
  D: number,
  turned: boolean,
): Float64Array {
  const out = new Float64Array((values.length / width) * D);
  for (let i = 0; i < values.length; i++) {
    out[Math.floor(i / width) * D + slot(i % width, width, turned)] = values[i];
  }
  return out;
}

/** The inverse of storeHeads; what stands in the padding is dropped. */
export function fileHeads(
  stored: Numbers,
  width: number,
  D: number,
  turned: boolean,
): Float64Array {
  const out = new Float64Array((stored.length / D) * width);
  for (let i = 0; i < out.length; i++) {
    out[i] = stored[Math.floor(i / width) * D + slot(i % width, width, turned)];
  }
  return out;
}

/** Columns from to to−1 of an [N, width] array. */
export function columns(values: Numbers, width: number, from: number, to: number): Float64Array {
  const rows = values.length / width;
  const out = new Float64Array(rows * (to - from));
  for (let n = 0; n < rows; n++) {
    for (let c = from; c < to; c++) out[n * (to - from) + c - from] = values[n * width + c];
  }
  return out;
}

/** [N, a] beside [N, b] beside …: [N, a + b + …]. */
export function beside(N: number, ...parts: Numbers[]): Float64Array {
  const widths = parts.map((part) => part.length / N);
  const width = widths.reduce((a, b) => a + b, 0);
  const out = new Float64Array(N * width);
  let start = 0;
  parts.forEach((part, i) => {
    for (let n = 0; n < N; n++) {
      for (let c = 0; c < widths[i]; c++) out[n * width + start + c] = part[n * widths[i] + c];
    }
    start += widths[i];
  });
  return out;
}
