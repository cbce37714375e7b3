/**
 * The two ways to sample: `loop`, the decode kernels one after another for every token, and `mega`, one dispatch for
 * many tokens (shaders/rollout.wgsl). Both draw the same tokens; `mega` launches hundreds of times less, but weights are
 * read anew by every few sequences, and all that a workgroup holds must fit its memory.
 */
import { isSoftware } from '../gpu/device.ts';
import { createKernel, type Kernel, type KernelSpec } from '../gpu/kernel.ts';
import { constantsOf } from './kernels.ts';
import type { Layout } from './layout.ts';
import { sources } from './sources.ts';
import type { Sizes, Workspace } from './workspace.ts';

export type RolloutVariant = 'loop' | 'mega';

/** Bytes of workgroup memory and invocations of a workgroup that every WebGPU device has. */
const [MOST_BYTES, MOST_THREADS] = [16384, 256];
/** Sequences of a workgroup: weights are read once for all of them. With one alone, every sequence would read them all. */
const SEQUENCES = [4, 2];
/** As in rollout.wgsl. */
const PARTS = 4;

/** How an engine samples. */
export interface Decoding {
  variant: RolloutVariant;
  /** ms of the same short rollout, where they were timed. */
  times?: Record<RolloutVariant, number>;
  /** Why it is not the variant that was asked for. */
  note?: string;
}

/** How a workgroup of rollout.wgsl is made up. */
export interface MegaPlan {
  sequences: number;
  threads: number;
}

export interface RolloutVariants {
  variants: readonly RolloutVariant[];
  /** Where `mega` can run. */
  plan?: MegaPlan;
  /** Where it cannot: why. */
  note?: string;
}

type Limits = Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;

/** Of one workgroup of rollout.wgsl: activations, scores of attention, partial sums. */
export function megaBytes(layout: Layout, sequences: number, positions: number): number {
  const { CP, A, F, VP, config } = layout;
  const floats = CP + A + Math.max(F, VP) + PARTS * CP + 4;
  const scores = sequences * config.n_head * positions;
  return 4 * (sequences * floats + Math.ceil(scores / 4) * 4);
}

/** S of a workgroup, the most that fit; undefined where not even the least do. */
export const megaSequences = (layout: Layout, positions: number): number | undefined =>
  SEQUENCES.find((S) => megaBytes(layout, S, positions) <= MOST_BYTES);

/** What a model of these sizes can be sampled with on a device of these limits. */
export function rolloutVariants(layout: Layout, sizes: Sizes, limits: Limits): RolloutVariants {
  const only = (note: string): RolloutVariants => ({ variants: ['loop'], note });
  const sequences = megaSequences(layout, sizes.positions);
  if (!sequences) {
    const least = megaBytes(layout, Math.min(...SEQUENCES), sizes.positions);
    return only(`a workgroup needs ${least} bytes of memory, and has ${MOST_BYTES}`);
  }
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const bytes = Math.max(...stackedBuffers(layout, sizes).map(([, floats]) => 4 * floats));
  if (bytes > most)
    return only(`a buffer of all layers needs ${bytes} bytes, and may have ${most}`);
  // One for each partial sum; more than those of small models, whose attention has more than that to score.
  const threads = Math.min(MOST_THREADS, Math.max(128, Math.ceil((PARTS * layout.CP) / 256) * 64));
  return { variants: ['loop', 'mega'], plan: { sequences, threads } };
}

/** Whether an engine compiles `mega`: where it is asked for and can run; without a name never on a software adapter. */
export function askedMega(
  { adapterInfo, limits }: GPUDevice,
  layout: Layout,
  sizes: Sizes,
): Pick<RolloutVariants, 'plan' | 'note'> {
  const { rollout = 'loop' } = sizes;
  if (rollout === 'loop' || (rollout === 'timed' && isSoftware(adapterInfo))) return {};
  return rolloutVariants(layout, sizes, limits);
}

/**
 * Never rejects: `mega` is worth having, but nothing depends on it, and compilers differ in what they make of barriers inside
 * loops (FXC of D3D12 refuses some that WGSL allows, gpuweb issue 3691).
 */
export async function compileMega(
  device: GPUDevice,
  layout: Layout,
  eos: number,
  sizes: Sizes,
): Promise<{ kernel?: Kernel; note?: string }> {
  const { plan, note } = askedMega(device, layout, sizes);
  if (!plan) return { ...(note && { note }) };
  try {
    return { kernel: await createKernel(device, rolloutSpec(layout, eos, plan, sizes.positions)) };
  } catch (error) {
    return { note: `this adapter does not compile it: ${(error as Error).message}` };
  }
}

/** The kernel of `mega`. */
export function rolloutSpec(
  layout: Layout,
  eos: number,
  { sequences, threads }: MegaPlan,
  positions: number,
): KernelSpec {
  const { matrices, config } = layout;
  const at = (name: string): number => (matrices.get(name)?.offset ?? 0) / 4;
  return {
    ...{ entry: 'rollout_tokens', label: 'rollout' },
    sources: sources('lib/random', 'lib/rows_decode', 'lib/draw', 'rollout'),
    constants: {
      ...constantsOf(layout, 1, eos),
      ...{ LAYERS: config.n_layer, POSITIONS: positions, THREADS: threads, S4: 4 * sequences },
      ...{ EMBED: at('embed'), NORM: at('norm'), HEAD: at('head') },
      ...{ NORM1: at('0.norm1'), QKV: at('0.qkv'), OUT: at('0.o') },
      ...{ NORM2: at('0.norm2'), GATE_UP: at('0.gate_up'), DOWN: at('0.down') },
      // The last norm stands where one more layer would.
      LAYER: (at('norm') - at('0.norm1')) / config.n_layer,
    },
  };
}

/** Buffers that hold all layers, so that one binding reaches them; in floats. */
export function stackedBuffers(layout: Layout, sizes: Sizes): [name: string, floats: number][] {
  const { A, config } = layout;
  const { rows: N, sequences: B, response: R } = sizes;
  return [
    ['prompts', config.n_layer * N * 3 * A],
    ['cache', config.n_layer * B * R * 2 * A],
  ];
}

/** Of layer l in a buffer of all layers. A whole number of eights of sequences keeps to WebGPU's 256 bytes. */
export function layerOf(buffer: GPUBuffer, l: number, layers: number): GPUBufferBinding {
  const size = buffer.size / layers;
  return { buffer, offset: l * size, size };
}

/** After a prefill of N rows: what it wrote of every layer, into the buffer of all layers. */
export function stackPrompts(
  encoder: GPUCommandEncoder,
  { layout, workspace }: { layout: Layout; workspace: Workspace },
  N: number,
): void {
  const layers = layout.config.n_layer;
  const bytes = 4 * N * 3 * layout.A;
  for (let l = 0; l < layers; l++) {
    const { buffer, offset } = layerOf(workspace.buffer('prompts'), l, layers);
    encoder.copyBufferToBuffer(workspace.buffer(`${l}.qkv`), 0, buffer, offset ?? 0, bytes);
  }
}
