import { beforeAll, describe, expect, test } from 'vitest';
import {
  attentionBackward,
  attentionForward,
  type Numbers,
  ropeBackward,
} from '../../src/reference/ops.ts';
import { expectClose } from '../helpers/close.ts';
import {
  ALIGNED,
  AWKWARD,
  type Bench,
  beside,
  columns,
  eachLoad,
  openBench,
  storeHeads,
} from './bench.ts';

// A softmax over at most 48 scores of size up to 20: exp may err by (3 + 2·20) ulp = 2.6e-6 of its
// value by WGSL's rules, its argument by 20 ulp more; sums of values of size 1 to 5 around it.
const tolerance = { rtol: 1e-5, atol: 1e-5 };

describe.each(eachLoad(AWKWARD, ALIGNED))('%s', (_, shape) => {
  const { n_embd: C, n_head: H, rope_theta } = shape.config;
  const width = C / H;
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(shape, [
      'attention',
      'attention.d_query',
      'attention.d_key',
      'attention.decode',
    ]);
  });

  /** [N, H, width] queries, keys, values beside one another as stored. */
  const stored = (rows: number, q: Numbers, k: Numbers, v: Numbers) => {
    const heads = (x: Numbers, turned: boolean) => storeHeads(x, width, bench.layout.D, turned);
    return beside(rows, heads(q, true), heads(k, true), heads(v, false));
  };

  function prepare() {
    const { N, packed } = bench;
    // Queries and keys up to 4: attention from nearly even to nearly one key.
    const [q, k] = [bench.numbers(N * C, 4), bench.numbers(N * C, 4)];
    const v = bench.numbers(N * C);
    bench.reset();
    bench.set('0.qkv', stored(N, q, k, v));
    return { q, k, v, ...attentionForward(q, k, v, packed.first, H, width) };
  }

  test('attention', async () => {
    const { N, layout, policy } = bench;
    const { out, lse } = prepare();
    bench.run(policy.passes.forward, 'attention');
    const expected = storeHeads(out, width, layout.D, false);
    expectClose(await bench.get('0.attention', expected.length), expected, tolerance);
    expectClose(await bench.get('0.lse', N * H), lse, { ...tolerance, label: 'lse' });
  });

  test('attention.d_query and attention.d_key', async () => {
    const { N, layout, packed, policy } = bench;
    const { A, D } = layout;
    const { q, k, v, att, out, lse } = prepare();
    const d_out = bench.numbers(N * C);
    bench.set('0.attention', storeHeads(out, width, D, false));
    bench.set('0.lse', lse);
    bench.set('d_attention', storeHeads(d_out, width, D, false));
    bench.run(policy.passes.backward, 'attention.d_query');
    const between = await bench.get('d_qkv', N * 3 * A);
    expect(columns(between, 3 * A, A, 3 * A).every(Number.isNaN), 'keys and values wait').toBe(
      true,
    );
    bench.run(policy.passes.backward, 'attention.d_key');

    const { dQ, dK, dV } = attentionBackward(d_out, q, k, v, att, packed.first, H, width);
    const back = (d: Numbers) => ropeBackward(d, packed.position, H, width, rope_theta);
    const expected = stored(N, back(dQ), back(dK), dV);
    const actual = await bench.get('d_qkv', N * 3 * A);
    // Differences of dot products of size 3, times keys of size 4, over up to 48 rows.
    expectClose(actual, expected, { rtol: 1e-5, atol: 5e-5 });
    const delta = Float64Array.from({ length: N * H }, (_, i) =>
      out
        .subarray(i * width, (i + 1) * width)
        .reduce((sum, o, d) => sum + o * d_out[i * width + d], 0),
    );
    expectClose(await bench.get('delta', N * H), delta, { ...tolerance, label: 'delta' });
  });

  test('attention.decode reads the prompt and its own cache, and extends the cache', async () => {
    const { layout, policy, engine, N } = bench;
    const { A, D } = layout;
    const R = 4;
    const head = (x: Numbers, turned: boolean) => storeHeads(x, width, D, turned);
    // First prefilled row, prefilled rows, tokens so far, finished; two share a prompt.
    const sequences = [
      [0, 0, 0, 0],
      [1, 1, 2, 0],
      [3, 5, 3, 0],
      [3, 5, 1, 0],
      [8, 9, 3, 1],
      [8, 9, 0, 0],
    ];
    const B = sequences.length;
    const prompts = [bench.numbers(N * C, 4), bench.numbers(N * C, 4), bench.numbers(N * C)];
    const own = [bench.numbers(B * C, 4), bench.numbers(B * C, 4), bench.numbers(B * C)];
    const cached = [bench.numbers(B * R * C, 4), bench.numbers(B * R * C)];
    bench.reset();
    bench.set('0.qkv', stored(N, prompts[0], prompts[1], prompts[2]));
    bench.set('decode_qkv', stored(B, own[0], own[1], own[2]));
    const before = beside(B * R, head(cached[0], true), head(cached[1], false));
    sequences.forEach(([, , t], b) => {
      before.fill(Number.NaN, (b * R + t) * 2 * A, (b + 1) * R * 2 * A);
    });
    bench.set('0.cache', before);
    engine.device.queue.writeBuffer(engine.uniforms.rollout, 0, Uint32Array.from([B, R]));
    bench.setIntegers(
      'sequences',
      sequences.flatMap(([first, rows]) => [first, rows, 0, 0]),
    );
    bench.setIntegers(
      'state',
      sequences.flatMap(([, , t, finished]) => [t, finished]),
    );
    bench.inOrder(B);
    bench.run(policy.passes.decodeToken, 'attention.decode', 0, B);

    const out = await bench.get('0.attention', B * A);
    const cache = await bench.get('0.cache', B * R * 2 * A);
    sequences.forEach(([first, rows, t, finished], b) => {
      const row = out.subarray(b * A, (b + 1) * A);
      const slots = cache.subarray(b * R * 2 * A, (b + 1) * R * 2 * A);
      const wanted = before.subarray(b * R * 2 * A, (b + 1) * R * 2 * A);
      if (finished) {
        expect(row.every(Number.isNaN)).toBe(true);
      } else {
        const slice = (x: Numbers, from: number, count: number) => [
          ...Array.from(x).slice(from * C, (from + count) * C),
        ];
        const [k, v] = [0, 1].map((i) => [
          ...slice(prompts[i + 1], first, rows),
          ...slice(cached[i], b * R, t),
          ...slice(own[i + 1], b, 1),
        ]);
        // Only the last query is new; the others' results are not looked at.
        const q = [...new Float64Array((rows + t) * C), ...slice(own[0], b, 1)];
        const all = attentionForward(q, k, v, Array(rows + t + 1).fill(0), H, width).out;
        expectClose(row, head(all.subarray(-C), false), { ...tolerance, label: `sequence ${b}` });
        wanted.set(
          [...head(slice(own[1], b, 1), true), ...head(slice(own[2], b, 1), false)],
          t * 2 * A,
        );
      }
      // Copies, and NaN after the new slot: bit for bit.
      expect([...slots], `cache of ${b}`).toEqual([...Float32Array.from(wanted)]);
    });
  });
});
