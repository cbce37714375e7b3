/** Who computes a row of the fused loss. */
import { isSoftware } from '../gpu/device.ts';
import { ceilDiv, type Launch } from '../gpu/launch.ts';

/** `one` invocation, or a workgroup together: `shared`. */
export type LossRows = 'one' | 'shared';

/** From how many tokens on a workgroup of 64 has work for several turns each. */
const LARGE = 256;

/** Most workgroups of one direction of a grid, by WebGPU's default limits; row_shared.wgsl knows it, too. */
const ACROSS = 65535;

/**
 * A workgroup where the vocabulary is large. Not where a processor plays the GPU, whose barriers cost more than is saved,
 * and not where methods or latent positions walk a row by themselves.
 */
export function chooseLossRows(
  { adapterInfo }: { adapterInfo: GPUAdapterInfo },
  vocab_size: number,
  walksRows: boolean,
): LossRows {
  return vocab_size >= LARGE && !walksRows && !isSoftware(adapterInfo) ? 'shared' : 'one';
}

/** Grid for n rows. */
export function lossWorkgroups(rows: LossRows): Launch['workgroups'] {
  if (rows === 'one') return (n) => [ceilDiv(n, 32)];
  return (n) => [Math.min(n, ACROSS), ceilDiv(n, ACROSS)];
}
