/** The text of every kernel, and which files make up those that come in families. */
import adamw from '../../shaders/adamw.wgsl?raw';
import attention from '../../shaders/attention.wgsl?raw';
import attentionDecode from '../../shaders/attention_decode.wgsl?raw';
import attentionEntropy from '../../shaders/attention_entropy.wgsl?raw';
import embedding from '../../shaders/embedding.wgsl?raw';
import embeddingLatent from '../../shaders/embedding_latent.wgsl?raw';
import residual from '../../shaders/epilogue/residual.wgsl?raw';
import rope from '../../shaders/epilogue/rope.wgsl?raw';
import store from '../../shaders/epilogue/store.wgsl?raw';
import swiglu from '../../shaders/epilogue/swiglu.wgsl?raw';
import swigluBackward from '../../shaders/epilogue/swiglu_backward.wgsl?raw';
import attentionAlone from '../../shaders/lib/attention_alone.wgsl?raw';
import attentionQuad from '../../shaders/lib/attention_quad.wgsl?raw';
import choice from '../../shaders/lib/choice.wgsl?raw';
import draw from '../../shaders/lib/draw.wgsl?raw';
import gatesFull from '../../shaders/lib/gates_full.wgsl?raw';
import gatesHalf from '../../shaders/lib/gates_half.wgsl?raw';
import lanesAlone from '../../shaders/lib/lanes_alone.wgsl?raw';
import lanesQuad from '../../shaders/lib/lanes_quad.wgsl?raw';
import latentNone from '../../shaders/lib/latent_none.wgsl?raw';
import latentRows from '../../shaders/lib/latent_rows.wgsl?raw';
import mix from '../../shaders/lib/mix.wgsl?raw';
import normStored from '../../shaders/lib/norm_stored.wgsl?raw';
import random from '../../shaders/lib/random.wgsl?raw';
import rowOne from '../../shaders/lib/row_one.wgsl?raw';
import rowShared from '../../shaders/lib/row_shared.wgsl?raw';
import rowsDecode from '../../shaders/lib/rows_decode.wgsl?raw';
import rowsNone from '../../shaders/lib/rows_none.wgsl?raw';
import rowsPacked from '../../shaders/lib/rows_packed.wgsl?raw';
import staged from '../../shaders/lib/staged.wgsl?raw';
import tileAlone from '../../shaders/lib/tile_alone.wgsl?raw';
import tileQuad from '../../shaders/lib/tile_quad.wgsl?raw';
import token from '../../shaders/lib/token.wgsl?raw';
import turnedAlone from '../../shaders/lib/turned_alone.wgsl?raw';
import turnedQuad from '../../shaders/lib/turned_quad.wgsl?raw';
import matmulBackward from '../../shaders/matmul_backward.wgsl?raw';
import matmulNN from '../../shaders/matmul_nn.wgsl?raw';
import matmulNNStaged from '../../shaders/matmul_nn_staged.wgsl?raw';
import matmulNT from '../../shaders/matmul_nt.wgsl?raw';
import matmulNTStaged from '../../shaders/matmul_nt_staged.wgsl?raw';
import matmulTN from '../../shaders/matmul_tn.wgsl?raw';
import matmulTNStaged from '../../shaders/matmul_tn_staged.wgsl?raw';
import policyLoss from '../../shaders/policy_loss.wgsl?raw';
import rmsnorm from '../../shaders/rmsnorm.wgsl?raw';
import rmsnormBackward from '../../shaders/rmsnorm_backward.wgsl?raw';
import rollout from '../../shaders/rollout.wgsl?raw';
import rowReads from '../../shaders/row_reads.wgsl?raw';
import sample from '../../shaders/sample.wgsl?raw';
import sampleLatent from '../../shaders/sample_latent.wgsl?raw';
import tokenStats from '../../shaders/token_stats.wgsl?raw';
import valueHead from '../../shaders/value_head.wgsl?raw';
import type { Source } from '../gpu/kernel.ts';
import { TILES, type TileId } from './tiles.ts';

export const SOURCES = {
  'epilogue/residual': residual,
  'epilogue/rope': rope,
  'epilogue/store': store,
  'epilogue/swiglu': swiglu,
  'epilogue/swiglu_backward': swigluBackward,
  'lib/attention_alone': attentionAlone,
  'lib/attention_quad': attentionQuad,
  'lib/choice': choice,
  'lib/draw': draw,
  'lib/gates_full': gatesFull,
  'lib/gates_half': gatesHalf,
  'lib/lanes_alone': lanesAlone,
  'lib/lanes_quad': lanesQuad,
  'lib/latent_none': latentNone,
  'lib/latent_rows': latentRows,
  'lib/mix': mix,
  'lib/norm_stored': normStored,
  'lib/random': random,
  'lib/row_one': rowOne,
  'lib/row_shared': rowShared,
  'lib/rows_decode': rowsDecode,
  'lib/rows_none': rowsNone,
  'lib/rows_packed': rowsPacked,
  'lib/staged': staged,
  'lib/tile_alone': tileAlone,
  'lib/tile_quad': tileQuad,
  'lib/token': token,
  'lib/turned_alone': turnedAlone,
  'lib/turned_quad': turnedQuad,
  adamw,
  attention,
  attention_decode: attentionDecode,
  attention_entropy: attentionEntropy,
  embedding,
  embedding_latent: embeddingLatent,
  matmul_backward: matmulBackward,
  matmul_nn: matmulNN,
  matmul_nn_staged: matmulNNStaged,
  matmul_nt: matmulNT,
  matmul_nt_staged: matmulNTStaged,
  matmul_tn: matmulTN,
  matmul_tn_staged: matmulTNStaged,
  policy_loss: policyLoss,
  rmsnorm,
  rmsnorm_backward: rmsnormBackward,
  rollout,
  row_reads: rowReads,
  sample,
  sample_latent: sampleLatent,
  token_stats: tokenStats,
  value_head: valueHead,
} as const;

/** Files of `shaders/` by path without ending. */
export function sources(...names: (keyof typeof SOURCES)[]): Source[] {
  return names.map((name) => ({ name: `shaders/${name}.wgsl`, text: SOURCES[name] }));
}

/** Changes with the text of any kernel: FNV-1a, 32 bits. */
export function sourcesHash(): string {
  let hash = 0x811c9dc5;
  for (const text of Object.values(SOURCES)) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/** A matrix kernel without what follows it, as a family has it. */
export function matmulSources(
  tile: TileId,
  kind: 'nn' | 'nt' | 'tn',
  rows: 'lib/rows_packed' | 'lib/rows_decode' = 'lib/rows_packed',
): Source[] {
  const { loads } = TILES[tile];
  const files = [rows, `lib/lanes_${loads}`, `lib/tile_${loads}`] as const;
  const turned = kind === 'tn' ? ([`lib/turned_${loads}`] as const) : [];
  if (tile !== 'staged') return sources(...files, ...turned, `matmul_${kind}`);
  return sources(...files, ...turned, 'lib/staged', `matmul_${kind}_staged`);
}
