/**
 * How token losses become one number. Each mode is a weight per response token; the loss is
 * Σ weight · token loss. The names are verl's with underscores.
 */
export const AGGREGATES = [
  { id: 'token_mean', label: 'token mean' },
  { id: 'seq_mean_token_sum', label: 'sequence mean of token sums' },
  { id: 'seq_mean_token_mean', label: 'sequence mean of token means' },
  { id: 'seq_mean_token_sum_norm', label: 'token sums / longest response (Dr. GRPO)' },
  { id: 'token_sum', label: 'token sum' },
] as const;

export type AggregateId = (typeof AGGREGATES)[number]['id'];

/**
 * Weight of every response token of each sequence.
 * @param lengths     [B] response tokens, ≥ 0; empty sequences do not count as sequences
 * @param maxResponse L, the constant of `seq_mean_token_sum_norm` (the padded width in verl)
 * @returns           [B]
 *
 * Counts are over the whole minibatch, also when it is computed in several parts.
 * Source: verl `agg_loss`, core_algos.py at 1dda039b.
 */
export function tokenWeights(
  mode: AggregateId,
  lengths: ArrayLike<number>,
  maxResponse: number,
): Float32Array {
  let tokens = 0;
  let sequences = 0;
  for (let i = 0; i < lengths.length; i++) {
    tokens += lengths[i] as number;
    if ((lengths[i] as number) > 0) sequences++;
  }
  return Float32Array.from({ length: lengths.length }, (_, i) => {
    const length = lengths[i] as number;
    if (length === 0) return 0;
    if (mode === 'token_mean') return 1 / tokens;
    if (mode === 'seq_mean_token_sum') return 1 / sequences;
    if (mode === 'seq_mean_token_mean') return 1 / (sequences * length);
    if (mode === 'seq_mean_token_sum_norm') return 1 / (sequences * maxResponse);
    return 1;
  });
}
