/**
 * What each kernel of a training step has to do, counted from its shapes: arithmetic, and traffic if every array were
 * moved exactly once. Time over these says how far a kernel is from what its adapter can do; a kernel without a row here
 * is told as not counted. Sizes are the padded ones, since padding is computed, too.
 *
 * A multiply, an add, an exp, a division count one each. Tests: test/model/costs.test.ts counts by hand.
 */
import type { PackedBatch } from './batch.ts';
import type { Layout } from './layout.ts';
import { ROW } from './rows.ts';
import type { Sizes } from './workspace.ts';

export interface Cost {
  flops: number;
  bytes: number;
}

/** What a step goes over. */
export interface Work {
  /** N */
  rows: number;
  /** Σ over rows of the rows that each attends to, its own among them: what attention's cost grows with. */
  pairs: number;
  /** Rows that predict a response token. */
  scored: number;
  /** Of the longest sequence. */
  positions: number;
}

export function workOf({ N, rows, facts }: Pick<PackedBatch, 'N' | 'rows' | 'facts'>): Work {
  let [pairs, scored, positions] = [0, 0, 0];
  for (let n = 0; n < N; n++) {
    // Its own and those before it, shared with other sequences or not.
    const seen = (rows[ROW * n + 1] as number) + 1;
    pairs += seen;
    positions = Math.max(positions, seen);
    if (facts[4 * n] !== 0) scored++;
  }
  return { rows: N, pairs, scored, positions };
}

/** Operations, and floats moved. */
type Count = [flops: number, floats: number];

/** @returns by kernel, what one launch costs */
export function stepCosts(
  layout: Layout,
  splits: number,
  work: Work,
  gates: Sizes['gates'] = 'full',
): Map<string, Cost> {
  const { CP, A, F, VP, D, size, config } = layout;
  const { n_head: H, vocab_size: V } = config;
  const { rows: N, pairs, scored, positions } = work;
  const counts = new Map<string, Count>();

  // Linear layers [out, in]; beside the product: what follows it forward, and what follows the gradient of its input.
  const rope = positions * D;
  // Gate and up as 16-bit floats are half of 2 F.
  const spared = gates === 'half' ? N * F : 0;
  const linear: [string, O: number, I: number, forward: Count, backward: Count][] = [
    ['qkv', 3 * A, CP, [N * 2 * A * 3, rope], [0, 0]],
    ['o', CP, A, [N * CP, N * CP], [0, 0]],
    // silu(gate) · up: exp, negation left out, add, division, product.
    ['gate_up', 2 * F, CP, [N * F * 4, N * F - spared], [0, 0]],
    // Reads gate and up, writes both gradients instead of one.
    ['down', CP, F, [N * CP, N * CP], [N * F * 11, N * 3 * F - spared]],
    ['head', VP, CP, [0, 0], [0, 0]],
  ];
  for (const [name, O, I, forward, backward] of linear) {
    const product: Count = [2 * N * O * I, N * I + O * I + N * O];
    counts.set(name, [product[0] + forward[0], product[1] + forward[1]]);
    // Of input and weight in one dispatch: dY is read once.
    counts.set(`${name}.backward`, [
      2 * product[0] + backward[0],
      product[1] + backward[1] + N * I + splits * O * I,
    ]);
  }

  // Of a row, what it is and where its sequence stands.
  const about = ROW * N;
  // The first layer's norm is in it.
  counts.set('embedding', [4 * N * CP, about + (Math.min(N, V) + 2 * N + 1) * CP + N]);
  counts.set('embedding.d_weight', [N * CP, about + N * CP + splits * V * CP]);
  counts.set('norm', [4 * N * CP, 2 * N * CP + CP + N]);
  // d_x: 3 an element for the sum and 5 for the rest; dw: 3.
  counts.set('norm.backward', [11 * N * CP, 4 * N * CP + CP + N + splits * CP]);
  counts.set('norm.backward_first', [10 * N * CP, 3 * N * CP + CP + N + splits * CP]);

  // For every pair and head: q · k and p v forward (2 D each); p is an exp, a difference and a term of the total. For every
  // row: scaling, dividing, delta, turning back.
  const each = H * pairs;
  counts.set('attention', [each * (4 * D + 3) + 2 * N * A, about + N * (3 * A + A + H)]);
  counts.set('attention.d_query', [
    each * (6 * D + 5) + 6 * N * A,
    about + rope + N * (3 * A + 2 * A + H) + N * (A + H),
  ]);
  counts.set('attention.d_key', [
    each * (8 * D + 5) + 4 * N * A,
    about + rope + N * (3 * A + A + 2 * H) + N * 2 * A,
  ]);

  // The row's maximum, its total and mean, then the gradient; what methods add of their own is not counted.
  counts.set('policy_loss', [scored * V * 19, 2 * N * VP + N * (1 + 4 + 8)]);
  counts.set('current_stats', [scored * V * 8, N * VP + N * (1 + 4 + 8)]);
  counts.set('reference_logp', [scored * V * 6, N * VP + N * (1 + 4 + 1)]);
  counts.set('sum_stats', [8 * N, 8 * N]);

  const squares = Math.ceil(size / 4096) * 64;
  const ending = layout.hasValue ? '.value' : '';
  counts.set(`grad_reduce${ending}`, [(splits + 2) * size, (splits + 1) * size + squares]);
  counts.set(`grad_norm${ending}`, [squares, squares]);
  counts.set(`adamw${ending}`, [16 * size, 7 * size]);

  counts.set('value.loss', [scored * 2 * CP, N * CP + CP + N * (4 + 2 + 4)]);
  counts.set('value.sum', [4 * N, 4 * N]);
  counts.set('value.d_input', [2 * N * CP, 2 * N * CP + CP + 4 * N]);
  counts.set('value.d_weight', [2 * N * CP, N * CP + 4 * N + splits * (CP + 4)]);

  return new Map(
    [...counts].map(([name, [flops, floats]]) => [name, { flops, bytes: 4 * floats }]),
  );
}
