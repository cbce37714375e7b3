// What methods read of a row before an update: their row functionals, and the attention entropy of one layer.
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultsOf } from '../../src/core/param.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { uploadBatch } from '../../src/model/update.ts';
import { attentionEntropy } from '../../src/reference/attention_entropy.ts';
import { expectedDiscriminator } from '../../src/reference/functionals.ts';
import { expectClose } from '../helpers/close.ts';
import { rowFunctional } from '../helpers/term.ts';
import { ALIGNED, AWKWARD, type Bench, openBench, padRows } from './bench.ts';

// As in policy_loss.test.ts: 1e-6 in a log-probability; sums of up to 40 terms.
const tolerance = { rtol: 1e-5, atol: 4e-6 };

const READERS = [...METHODS.values()].filter((m) => m.needs?.includes('row'));

describe.each([AWKWARD, ALIGNED].map((s) => [s.name, s] as const))('%s shape', (_, shape) => {
  const { vocab_size: V } = shape.config;
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(shape, ['sum_stats', 'current_stats']);
  });

  /** Rows 1, 5, 9, … have no weight, nor may they be touched. */
  const hasWeight = (n: number): boolean => n % 4 !== 1;

  function upload(temperature: number): void {
    const { N, engine, packed } = bench;
    const facts = Float32Array.from({ length: 4 * N }, (_, i) => {
      return i % 4 === 0 && !hasWeight(i / 4) ? 0 : 1;
    });
    const rows = new Uint32Array(5 * N);
    packed.first.forEach((first, n) => {
      rows.set([packed.token[n], packed.position[n], first, 0, first], 5 * n);
    });
    const actions = new Uint32Array(N);
    uploadBatch(engine, { N, rows, actions, facts }, false, temperature);
  }

  test('row functionals of all methods that need them, beside each other', async () => {
    const { N, engine, layout, policy } = bench;
    const composed = composeMethods([SUPERVISED, ...READERS]);
    const loss = await engine.createLoss(composed);
    const values = Object.assign({}, ...READERS.map((m) => defaultsOf(m.id, m.params)));
    const begin = READERS.flatMap(({ id, state = {} }) =>
      Object.entries(state).map(([name, of]) => [`${id}.${name}`, of(values)]),
    );
    Object.assign(values, Object.fromEntries(begin));
    engine.setValues(
      loss,
      composed.fields.map((field) => values[field]),
    );
    const logits = bench.numbers(N * V, 6);
    bench.reset();
    bench.set('logits', padRows(logits, V, layout.VP));
    upload(0.7);
    bench.run(policy.passes.currentStats, 'current_stats');
    const before = await bench.get('stats', 8 * N);
    bench.run(loss.readLaunches, 'row_reads');
    const after = await bench.get('stats', 8 * N);
    const expected = Float64Array.from(before);
    composed.reads.forEach(({ key, column }) => {
      const method = METHODS.get(key) as Method;
      for (let n = 0; n < N; n++) {
        if (!hasWeight(n)) continue;
        const z = Array.from(logits.subarray(n * V, (n + 1) * V), (x) => x / 0.7);
        expected[8 * n + column] = rowFunctional(method, values, z).value;
      }
    });
    expect(composed.reads.length).toBe(READERS.length);
    expectClose(after, expected, tolerance);
    const { column } = composed.reads.find(({ key }) => key === 'clip_v') ?? { column: -1 };
    const z = Array.from(logits.subarray(0, V), (x) => x / 0.7);
    expectClose([after[column]], [expectedDiscriminator(z)], tolerance);
  });

  test('attention entropy of the middle layer', async () => {
    const { N, engine, layout, packed, policy } = bench;
    const { A, D, config } = layout;
    const method = METHODS.get('attention_weights') as Method;
    const composed = composeMethods([SUPERVISED, ...READERS, method]);
    const loss = await engine.createLoss(composed);
    bench.reset();
    const qkv = bench.numbers(N * 3 * A, 1.5);
    const H = config.n_head;
    const scale = Math.sqrt(H / config.n_embd);
    const lse = new Float64Array(N * H);
    const att: number[][] = [];
    for (let n = 0; n < N; n++) {
      const first = packed.first[n];
      for (let h = 0; h < H; h++) {
        const scores = Array.from({ length: n - first + 1 }, (_, i) => {
          let s = 0;
          for (let d = 0; d < D; d++)
            s += qkv[n * 3 * A + h * D + d] * qkv[(first + i) * 3 * A + A + h * D + d];
          return s * scale;
        });
        const total = Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0));
        lse[n * H + h] = total;
        att.push(scores.map((s) => Math.exp(s - total)));
      }
    }
    const expected = [...attentionEntropy(att, H)];
    const middle = Math.floor(config.n_layer / 2);
    bench.set(`${middle}.qkv`, qkv);
    bench.set(`${middle}.lse`, lse);
    bench.set('logits', padRows(bench.numbers(N * V), V, layout.VP));
    upload(1);
    bench.run(policy.passes.currentStats, 'current_stats');
    const before = await bench.get('stats', 8 * N);
    bench.run(loss.readLaunches, 'attention_entropy');
    const after = await bench.get('stats', 8 * N);
    const { column } = composed.reads.at(-1) ?? { column: -1 };
    const all = Float64Array.from(before);
    expected.forEach((e, n) => {
      if (hasWeight(n)) all[8 * n + column] = e;
    });
    expectClose(after, all, tolerance);
    expect(Math.max(...expected)).toBeLessThanOrEqual(1);
    expect(new Set(expected).size).toBeGreaterThan(N / 2);
  });
});
