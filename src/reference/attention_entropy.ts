/** Twin of shaders/attention_entropy.wgsl, in float64. */
import type { Numbers } from './ops.ts';

/**
 * @param att   as attentionForward gives it: row n·H + h holds the weights of token n over first[n]..n
 * @returns [N] entropy of the heads' mean over ln of the positions looked at; 0 where there is only one
 */
export function attentionEntropy(att: readonly Numbers[], H: number): Float64Array {
  return Float64Array.from({ length: att.length / H }, (_, n) => {
    const heads = att.slice(n * H, (n + 1) * H);
    const length = heads[0]?.length ?? 0;
    let entropy = 0;
    for (let m = 0; m < length; m++) {
      const a = heads.reduce((sum, row) => sum + (row[m] as number), 0) / H;
      if (a > 0) entropy -= a * Math.log(a);
    }
    return length > 1 ? entropy / Math.log(length) : 0;
  });
}
