// What kernels cost, counted by hand from their loops for one small shape, and that no kernel of a step is left out.
import { expect, it } from 'vitest';
import { packBatch } from '../../src/model/batch.ts';
import { stepCosts, workOf } from '../../src/model/costs.ts';
import { createLayout } from '../../src/model/layout.ts';

// Two heads of 2, stored in 4: A = 8; 3 gates stored in 4, 5 tokens in 8.
const layout = createLayout({
  ...{ n_layer: 1, n_embd: 4, n_head: 2, d_ff: 3, vocab_size: 5 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
});
const sequence = (prompt: number[], response: number[]) => ({
  ...{ prompt, response, weight: 1, advantage: 1, old_logp: response.map(() => -1) },
});
// Fed: 3 and 1 rows; the first row predicts a token of the prompt.
const batch = packBatch([sequence([1, 2], [3, 4]), sequence([1], [2])]);
const work = workOf(batch);
const costs = stepCosts(layout, 2, work);

it('counts rows, pairs, scored rows and positions', () => {
  expect(work).toEqual({ rows: 4, pairs: 1 + 2 + 3 + 1, scored: 3, positions: 3 });
});

it('a response sees the prompt that it shares, and itself', () => {
  const shared = packBatch([sequence([1, 2], [3, 4]), sequence([1, 2], [4, 3])]);
  // The first token of the prompt once; of each response a row of the last one, which predicts, and of its own first.
  expect(workOf(shared)).toEqual({ rows: 5, pairs: 1 + 2 + 3 + 2 + 3, scored: 4, positions: 3 });
});

it.each([
  // x [4, 4] · W [24, 4]ᵀ: 4 · 24 dots of 4; q and k turned: 16 of each row's numbers at 3 operations each.
  ['qkv', 4 * 24 * 4 * 2 + 4 * 16 * 3, 4 * 4 + 24 * 4 + 4 * 24 + 3 * 4],
  // [4, 8] · [4, 8]ᵀ and the residual stream.
  ['o', 4 * 4 * 8 * 2 + 4 * 4, 4 * 8 + 4 * 8 + 4 * 4 + 4 * 4],
  // Gates and ups of 4 each, and their products.
  ['gate_up', 4 * 8 * 4 * 2 + 4 * 4 * 4, 4 * 4 + 8 * 4 + 4 * 8 + 4 * 4],
  ['head', 4 * 8 * 4 * 2, 4 * 4 + 8 * 4 + 4 * 8],
  // dY [4, 4] · W [4, 4], gate and up read and both gradients written; dYᵀ [4, 4] · X [4, 4] into two copies.
  [
    'down.backward',
    2 * (4 * 4 * 4 * 2) + 4 * 4 * 11,
    4 * 4 + 4 * 4 + 4 * 8 + 4 * 8 + 4 * 4 + 2 * 4 * 4,
  ],
  // dY [4, 4] · W [4, 8] and dYᵀ [4, 4] · X [4, 8] into two copies; dY is read once.
  ['o.backward', 2 * (4 * 4 * 8 * 2), 4 * 4 + 4 * 8 + 4 * 8 + 4 * 8 + 2 * 4 * 8],
  // 7 pairs of 2 heads: q · k and p · v of 4 each, and 3 for p; scaled and divided at the end.
  ['attention', 7 * 2 * (8 + 8 + 3) + 4 * 8 * 2, 5 * 4 + 4 * 24 + 4 * 8 + 4 * 2],
  [
    'attention.d_query',
    7 * 2 * (8 + 8 + 8 + 5) + 4 * 8 * 6,
    5 * 4 + 3 * 4 + 4 * 24 + 2 * (4 * 8) + 4 * 2 + 4 * 2 + 4 * 8,
  ],
  [
    'attention.d_key',
    7 * 2 * (8 + 8 + 8 + 8 + 5) + 4 * 8 * 4,
    5 * 4 + 3 * 4 + 4 * 24 + 4 * 8 + 2 * (4 * 2) + 4 * 16,
  ],
  ['norm', 4 * 4 * 4, 4 * 4 + 4 + 4 * 4 + 4],
  ['norm.backward', 4 * 4 * 11, 2 * 16 + 2 * 16 + 4 + 4 + 2 * 4],
  // Four rows are looked up, kept and normed.
  ['embedding', 4 * 4 * 4, 5 * 4 + 4 * 4 + 2 * (4 * 4) + 4 + 4],
  ['embedding.d_weight', 4 * 4, 5 * 4 + 4 * 4 + 2 * 5 * 4],
  // Three rows of five tokens; all rows are read and written.
  ['policy_loss', 3 * 5 * 19, 2 * 4 * 8 + 4 + 4 * 4 + 4 * 8],
  ['sum_stats', 4 * 8, 4 * 8],
])('%s: %i operations, %i floats moved', (kernel, flops, floats) => {
  expect(costs.get(kernel)).toEqual({ flops, bytes: 4 * floats });
});

it('the optimizer goes over every parameter', () => {
  const P = layout.size;
  expect(costs.get('adamw')).toEqual({ flops: 16 * P, bytes: 4 * 7 * P });
  expect(costs.get('grad_reduce')?.flops).toBe((2 + 2) * P);
  const valued = createLayout(layout.config, true);
  expect(stepCosts(valued, 2, work).get('adamw.value')?.bytes).toBe(4 * 7 * valued.size);
});
