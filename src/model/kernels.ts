/** Compiles every kernel of one model, in parallel, with progress. The policy loss is compiled per set of methods. */

import { TILE_WORDS } from '../core/tile_choice.ts';
import { createKernel, type Kernel, type KernelSpec, type Source } from '../gpu/kernel.ts';
import { type Compiled, compiledOr } from './fallback.ts';
import { createLayout, type Layout } from './layout.ts';
import type { LossRows } from './loss_rows.ts';
import { matmulSources, type SOURCES, sources } from './sources.ts';
import { TILES, type TileId } from './tiles.ts';
import type { Sizes } from './workspace.ts';

/** Sizes that kernels know at compile time. Same configuration, same text: the browser's pipeline cache hits. */
export function constantsOf(layout: Layout, splits: number, eos: number): Record<string, number> {
  const { config, CP, D, A, F, VP, size } = layout;
  const { n_embd: C, n_head: H, vocab_size: V } = config;
  const SCALE = 1 / Math.sqrt(C / H);
  return {
    C,
    CP,
    D,
    A,
    F,
    H,
    V,
    VP,
    P: size,
    SPLITS: splits,
    EPS: config.rms_eps,
    SCALE,
    EOS: eos,
  };
}

export type ModelKernels = ReadonlyMap<string, Kernel>;

/**
 * Kernel name → how it is made. With a value head in the layout, also for policies of the engine that have none.
 * @param hasLatent responses may begin with latent positions
 * @param gates how gate and up are kept for the backward pass
 */
export function kernelSpecs(
  layout: Layout,
  splits: number,
  eos: number,
  tile: TileId = 'alone',
  hasLatent = false,
  gates: NonNullable<Sizes['gates']> = 'full',
): Map<string, KernelSpec> {
  const { CP, A, F, VP } = layout;
  const base = constantsOf(layout, splits, eos);
  const specs = new Map<string, KernelSpec>();
  const add = (
    name: string,
    entry: string,
    files: Source[],
    constants: Record<string, number> = {},
  ): void => {
    specs.set(name, { entry, sources: files, constants: { ...base, ...constants }, label: name });
  };
  // Linear layers: [out, in], what follows them forward, and what follows the gradient of their input.
  const linear = [
    ['qkv', 3 * A, CP, 'epilogue/rope', 'epilogue/store'],
    ['o', CP, A, 'epilogue/residual', 'epilogue/store'],
    ['gate_up', 2 * F, CP, 'epilogue/swiglu', 'epilogue/store'],
    ['down', CP, F, 'epilogue/residual', 'epilogue/swiglu_backward'],
    ['head', VP, CP, 'epilogue/store', 'epilogue/store'],
  ] as const;
  const { loads } = TILES[tile];
  /** What follows a product, and how it keeps gates. */
  const followed = (name: (typeof linear)[number][3 | 4]): Source[] =>
    name.startsWith('epilogue/swiglu') ? sources(`lib/gates_${gates}`, name) : sources(name);
  for (const [name, O, I, forward, backward] of linear) {
    const nt = { K: I, O, WIDTH: O };
    add(name, 'matmul_nt', [...matmulSources(tile, 'nt'), ...followed(forward)], nt);
    add(
      `${name}.decode`,
      'matmul_nt',
      [...matmulSources(loads, 'nt', 'lib/rows_decode'), ...followed(forward)],
      nt,
    );
    // Both say that they need the rows and the tile.
    const files = [
      ...matmulSources(tile, 'nn'),
      ...matmulSources(tile, 'tn'),
      ...sources('matmul_backward'),
      ...followed(backward),
    ];
    const once = new Map(files.map((file) => [file.name, file]));
    add(`${name}.backward`, 'matmul_backward', [...once.values()], { O, I, WIDTH: I });
  }
  const packed = (name: string, entry: string, file: keyof typeof SOURCES, constants = {}): void =>
    add(name, entry, sources('lib/rows_packed', file), constants);
  add('embedding', 'rmsnorm', sources('lib/rows_packed', 'embedding', 'rmsnorm'));
  packed('embedding.d_weight', 'embedding_backward', 'embedding');
  add('norm', 'rmsnorm', sources('lib/rows_packed', 'lib/norm_stored', 'rmsnorm'));
  packed('norm.backward', 'rmsnorm_backward', 'rmsnorm_backward', { FIRST: 0 });
  packed('norm.backward_first', 'rmsnorm_backward', 'rmsnorm_backward', { FIRST: 1 });
  const attending = [
    'lib/rows_packed',
    `lib/lanes_${loads}`,
    'attention',
    `lib/attention_${loads}`,
  ];
  for (const [name, entry] of [
    ['attention', 'attention'],
    ['attention.d_query', 'attention_backward_query'],
    ['attention.d_key', 'attention_backward_key'],
  ] as const) {
    add(name, entry, sources(...(attending as Parameters<typeof sources>)));
  }
  packed('reference_logp', 'reference_logp', 'token_stats');
  packed('current_stats', 'current_stats', 'token_stats');
  packed('sum_stats', 'sum_stats', 'token_stats');
  add('norm.decode', 'rmsnorm', sources('lib/rows_decode', 'lib/norm_stored', 'rmsnorm'));
  add('attention.decode', 'attention_decode', sources('lib/rows_decode', 'attention_decode'));
  add('sample', 'sample', sources('lib/random', 'lib/draw', 'sample'));
  add('sample.begin', 'sample_begin', sources('lib/random', 'lib/draw', 'sample'));
  add('sample.compact', 'sample_compact', sources('lib/random', 'lib/draw', 'sample'));
  if (hasLatent) {
    const fed = sources('lib/rows_packed', 'lib/latent_rows', 'lib/mix', 'embedding_latent');
    add('embedding.latent', 'rmsnorm', [...fed, ...sources('rmsnorm')]);
    const choosing = sources('lib/random', 'lib/rows_decode', 'lib/token', 'lib/choice');
    const mixing = [...choosing, ...sources('lib/mix', 'sample_latent')];
    add('sample.latent', 'sample_latent', mixing);
    add('sample.mix', 'mix', mixing);
  }
  const optimizer = (ending: string, SIZE: number): void => {
    for (const entry of ['grad_reduce', 'grad_norm', 'adamw']) {
      add(`${entry}${ending}`, entry, sources('adamw'), { SIZE });
    }
  };
  optimizer('', createLayout(layout.config).size);
  if (!layout.hasValue) return specs;
  optimizer('.value', layout.size);
  packed('value', 'value', 'value_head');
  packed('value.loss', 'value_loss', 'value_head');
  packed('value.d_input', 'value_backward', 'value_head');
  packed('value.d_weight', 'value_backward_weight', 'value_head');
  packed('value.sum', 'sum_values', 'value_head');
  return specs;
}

/** Of composed methods what the fused loss is made of. */
export interface LossText {
  wgsl: string;
  /** One has a row functional. */
  hasRows?: boolean;
  latentWgsl?: string;
}

/**
 * Composed methods (src/methods/compose.ts) inside the fused loss.
 * @param hasLatent rows may predict a mixture of tokens: `latentWgsl` is compiled, too
 */
export function lossSpec(
  layout: Layout,
  splits: number,
  eos: number,
  { wgsl, hasRows = false, latentWgsl = '' }: LossText,
  hasLatent = false,
  rows: LossRows = 'one',
): KernelSpec {
  return {
    entry: 'policy_loss',
    sources: [
      ...sources(
        'lib/rows_packed',
        `lib/row_${rows}`,
        'lib/token',
        hasRows ? 'lib/choice' : 'lib/rows_none',
      ),
      { name: 'methods', text: hasLatent ? `${wgsl}\n${latentWgsl}` : wgsl },
      ...sources(hasLatent ? 'lib/latent_rows' : 'lib/latent_none', 'policy_loss'),
    ],
    constants: constantsOf(layout, splits, eos),
  };
}

/** What composed methods read of a row beside logp and entropy: keys, floats of a row of stats, and the text for it. */
export interface Reads {
  reads?: readonly { key: string; column: number }[];
  readsWgsl?: string;
}

/** The kernels of these reads, by entry; both follow current_stats. */
export function readSpecs(layout: Layout, { reads = [], readsWgsl }: Reads): KernelSpec[] {
  const constants = constantsOf(layout, 1, 0);
  const specs: KernelSpec[] = [];
  if (readsWgsl) {
    const text = { name: 'methods', text: readsWgsl };
    const files = [...sources('lib/rows_packed', 'lib/token', 'lib/choice'), text];
    specs.push({ entry: 'row_reads', sources: [...files, ...sources('row_reads')], constants });
  }
  const attention = reads.find(({ key }) => key === 'attention_entropy');
  if (attention) {
    const files = sources('lib/rows_packed', 'attention_entropy');
    const COLUMN = attention.column;
    specs.push({
      ...{ entry: 'attention_entropy', sources: files },
      constants: { ...constants, COLUMN },
    });
  }
  return specs;
}

export async function compileKernels(
  device: GPUDevice,
  specs: ReadonlyMap<string, KernelSpec>,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<ModelKernels> {
  let done = 0;
  onProgress(0, specs.size);
  const compiled = await Promise.all(
    [...specs].map(async ([name, spec]) => {
      const kernel = await createKernel(device, spec);
      onProgress(++done, specs.size);
      return [name, kernel] as const;
    }),
  );
  return new Map(compiled);
}

/**
 * In the family that is wanted, which may have been kept or asked for by name, or in the one that runs everywhere.
 * @throws {Error} what the compiler says of that one
 */
export function compileFamily(
  device: GPUDevice,
  wanted: TileId,
  specsOf: (tile: TileId) => ReadonlyMap<string, KernelSpec>,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Compiled<TileId, ModelKernels>> {
  let tries = 0;
  const compile = (tile: TileId): Promise<ModelKernels> => {
    const own = ++tries;
    // What is left of a family that failed tells nothing any more.
    return compileKernels(device, specsOf(tile), (done, total) => {
      if (own === tries) onProgress(done, total);
    });
  };
  const [instead, refused] = [TILE_WORDS.alone.loads, TILE_WORDS[wanted].loads];
  return compiledOr(
    { wanted, safe: 'alone' },
    compile,
    `matrix and attention kernels have ${instead} loads, since this adapter does not compile those with ${refused} ones`,
  );
}
