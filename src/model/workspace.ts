/**
 * All buffers that runs share: activations, gradients of activations, the sampler's state. Sizes are one table, so that
 * what a configuration needs is known, shown and checked against the adapter before anything is allocated.
 */
import { storage } from '../gpu/launch.ts';
import type { Layout } from './layout.ts';
import type { LossRows } from './loss_rows.ts';
import { type RolloutVariant, stackedBuffers } from './rollout_variants.ts';
import type { TileId } from './tiles.ts';

export interface Sizes {
  /** Rows (tokens) of one training or prefill pass, a multiple of 8. Larger batches go through in parts. */
  rows: number;
  /** B: sequences sampled at once, a multiple of 8. */
  sequences: number;
  /** R: most tokens of a response. */
  response: number;
  /** Longest sequence, prompt and response. */
  positions: number;
  /** Copies of the gradient that are summed apart (matmul_tn.wgsl). */
  splits: number;
  /** Of the matrix kernels; where none is given, the engine chooses (tiles.ts). */
  tile?: TileId;
  /**
   * How responses are sampled (rollout_variants.ts); default: loop. timed: whichever is faster, loop on a software adapter.
   * Where mega cannot be had the engine takes loop, and says why.
   */
  rollout?: RolloutVariant | 'timed';
  /** How gate and up are kept for the backward pass: as 32-bit floats (default), or as 16-bit ones. */
  gates?: 'full' | 'half';
  /** For tests, instead of what suits vocabulary and adapter. */
  lossRows?: LossRows;
  /** Most latent positions of a response; 0 or absent: nothing of them is compiled or allocated. */
  latent?: number;
}

/** Buffer name → bytes. */
export type BufferTable = ReadonlyMap<string, number>;

export function workspaceTable(layout: Layout, sizes: Sizes): BufferTable {
  const { CP, A, F, VP, D, size, config } = layout;
  const { rows: N, sequences: B, response: R } = sizes;
  const floats: [string, number][] = [
    ['rows', 5 * N],
    ['actions', N],
    ['facts', 4 * N],
    ['stats', 8 * N],
    ['sums', 8],
    ['rope', sizes.positions * D],
    ['logits', Math.max(N, B) * VP],
    ['d_residual', N * CP],
    ['d_normed', N * CP],
    ['d_qkv', N * 3 * A],
    ['d_attention', N * A],
    ['d_gate_up', N * 2 * F],
    ['delta', N * config.n_head],
    ['partial', sizes.splits * size],
    ['grad', size],
    ['squares', Math.ceil(size / 4096) * 64],
    ['norm', 4],
    ['sequences', 4 * B],
    ['state', 2 * B],
    ['order', B + 1],
    ['tokens', B * R],
    ['records', 4 * B * R],
    ['decode_qkv', B * 3 * A],
  ];
  const M = Math.max(N, B);
  const isStacked = sizes.rollout === 'mega';
  if (isStacked) floats.push(...stackedBuffers(layout, sizes));
  for (let l = 0; l < config.n_layer; l++) {
    floats.push(
      [`${l}.residual`, M * CP],
      [`${l}.normed1`, M * CP],
      [`${l}.rstd1`, M],
      [`${l}.qkv`, N * 3 * A],
      [`${l}.attention`, M * A],
      [`${l}.lse`, N * config.n_head],
      [`${l}.middle`, M * CP],
      [`${l}.normed2`, M * CP],
      [`${l}.rstd2`, M],
      [`${l}.gate_up`, sizes.gates === 'half' ? M * F : M * 2 * F],
      [`${l}.act`, M * F],
    );
    if (!isStacked) floats.push([`${l}.cache`, B * R * 2 * A]);
  }
  floats.push(['last.residual', M * CP], ['last.normed', M * CP], ['last.rstd', M]);
  if (sizes.latent) {
    const V = config.vocab_size;
    floats.push(['latent', 2 * N], ['mixtures', N * V], ['sampled_mixtures', B * sizes.latent * V]);
  }
  if (layout.hasValue) floats.push(['targets', 2 * N], ['values', 4 * N], ['value_sums', 4]);
  return new Map(floats.map(([name, count]) => [name, count * 4]));
}

type Limits = Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;

/** What to lower when a buffer is too large: by what its size grows with. */
function settingToLower(name: string): string {
  if (/cache|sequences|tokens|records|decode|sampled/.test(name))
    return 'trainer.prompts or trainer.group_size';
  if (/partial|grad|parameters/.test(name)) return 'the model';
  return 'trainer.prompts, or the model';
}

/** @throws {RangeError} naming the limit, the need and the setting to lower; nothing has been allocated then */
export function checkLimits(layout: Layout, table: BufferTable, limits: Limits): void {
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  for (const [name, bytes] of [...table, ['parameters', 4 * layout.size] as const]) {
    if (bytes > most) {
      const limit = most === limits.maxBufferSize ? 'maxBufferSize' : 'maxStorageBufferBindingSize';
      throw new RangeError(
        `memory: ${name} must fit the adapter's ${limit} of ${most} bytes, got ${bytes}; lower ${settingToLower(name)}`,
      );
    }
  }
}

export interface Workspace {
  sizes: Sizes;
  /** @throws {Error} unknown name */
  buffer(name: string): GPUBuffer;
  destroy(): void;
}

export function createWorkspace(device: GPUDevice, layout: Layout, sizes: Sizes): Workspace {
  for (const name of ['rows', 'sequences'] as const) {
    // Matrix kernels read whole groups of rows.
    if (sizes[name] < 8 || sizes[name] % 8 !== 0) {
      throw new RangeError(
        `workspace: ${name} must be a multiple of 8, at least 8, got ${sizes[name]}`,
      );
    }
  }
  const table = workspaceTable(layout, sizes);
  checkLimits(layout, table, device.limits);
  const buffers = new Map([...table].map(([name, bytes]) => [name, storage(device, name, bytes)]));
  device.queue.writeBuffer(buffers.get('rope') as GPUBuffer, 0, ropeTable(layout, sizes.positions));
  return {
    sizes,
    buffer(name) {
      const found = buffers.get(name);
      if (!found) throw new Error(`workspace: buffer must be one of its table, got ${name}`);
      return found;
    },
    destroy() {
      for (const buffer of buffers.values()) buffer.destroy();
    },
  };
}

/** [T, D] cos, sin of every pair j: angle = position · theta^(−2j / real head width). Padding pairs stay unturned. */
function ropeTable(layout: Layout, positions: number): Float32Array<ArrayBuffer> {
  const { D, config } = layout;
  const width = config.n_embd / config.n_head;
  const table = new Float32Array(positions * D);
  for (let t = 0; t < positions; t++) {
    for (let j = 0; j < D / 2; j++) {
      const angle = j < width / 2 ? t * config.rope_theta ** ((-2 * j) / width) : 0;
      table[t * D + 2 * j] = Math.cos(angle);
      table[t * D + 2 * j + 1] = Math.sin(angle);
    }
  }
  return table;
}
