import { expect, test } from 'vitest';
import { AGGREGATES, type AggregateId, tokenWeights } from '../../src/core/aggregate.ts';

// One prompt, four responses of 3, 5, 4 and 2 tokens, advantages ±0.866024, clip 0.2/0.28, dual 3:
// the clipped losses, and what verl's agg_loss (1dda039b) makes of them.
const LOSSES = [
  [-0.910426, -1.108511, -0.783611],
  [0.70904, 0.874728, 0.692819, 1.111997, 0.866024],
  [0.957104, 0.692819, 0.883519, 0.823787],
  [-1.108511, -0.848875],
];
const EXPECTED: Record<AggregateId, number> = {
  token_mean: 0.2037074,
  seq_mean_token_sum: 0.712976,
  seq_mean_token_mean: -0.0556616,
  seq_mean_token_sum_norm: 0.1425952,
  token_sum: 4 * 0.712976,
};

const aggregated = (mode: AggregateId, losses: number[][], longest: number) => {
  const lengths = losses.map((row) => row.length);
  const weights = tokenWeights(mode, lengths, longest);
  return losses.reduce((sum, row, i) => sum + weights[i] * row.reduce((a, b) => a + b, 0), 0);
};

test.each(AGGREGATES.map((a) => a.id))('%s as verl aggregates', (mode) => {
  expect(aggregated(mode, LOSSES, 5)).toBeCloseTo(EXPECTED[mode], 5);
});

test.each(AGGREGATES.map((a) => a.id))('%s: an empty response weighs nothing', (mode) => {
  const weights = tokenWeights(mode, [3, 0, 2], 5);
  expect(weights[1]).toBe(0);
  expect(weights.every(Number.isFinite)).toBe(true);
  // Only the sum norm divides by all sequences, empty ones too, as verl does.
  if (mode !== 'seq_mean_token_sum_norm') {
    expect([weights[0], weights[2]]).toEqual([...tokenWeights(mode, [3, 2], 5)]);
  }
});

test('nothing to learn from gives no NaN', () => {
  for (const { id } of AGGREGATES) expect([...tokenWeights(id, [0, 0], 5)]).toEqual([0, 0]);
});
