/**
 * κ: what is left of a token's entropy for a model that is told the right answer (arXiv:2507.18391, in the hint-conditioned
 * reading). 1: the answer says nothing about this token; 0: the token was uncertain, and the answer settles it.
 */
import { correlation } from './statistics.ts';
import type { TokenBatch } from './token_batch.ts';

/** [N] clip(Hᵃ / (H + 1e-6), 0, 1), both under the policy that sampled. */
export function hintRatios({
  hint_entropy,
  old_entropy,
}: Pick<TokenBatch, 'hint_entropy' | 'old_entropy'>): Float32Array {
  return hint_entropy.map((told, n) =>
    Math.min(1, Math.max(0, told / ((old_entropy[n] as number) + 1e-6))),
  );
}

/** Pearson's r of λ = βκ − 1 and −A over all tokens; β > 0 does not matter to it. NaN where one of them does not vary. */
export function hintCorrelation(batch: TokenBatch): number {
  return correlation(
    hintRatios(batch),
    batch.advantage.map((a) => -a),
  );
}
