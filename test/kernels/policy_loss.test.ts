// The fused loss, the reference's log-probabilities and the sums, against the float64 losses.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Values } from '../../src/core/param.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { uploadBatch } from '../../src/model/update.ts';
import {
  klEstimate,
  type LossSettings,
  policyLoss,
  rowGradient,
  softmaxRow,
} from '../../src/reference/losses.ts';
import { expectClose } from '../helpers/close.ts';
import { ALIGNED, AWKWARD, type Bench, openBench, padRows, type Shape } from './bench.ts';

// exp and log may err by a few ulp, and logits reach 6 / 0.6: 1e-6 in a log-probability, hence in
// ratios and gradients of size up to 10 by the weight: 1e-5 of the value, 2e-6 where it is small.
const tolerance = { rtol: 1e-5, atol: 2e-6 };

const CLIP = { eps_low: 0.2, eps_high: 0.28, dual_clip: 3 };
const CLIP_VALUES = {
  'ppo_clip.eps_low': CLIP.eps_low,
  'ppo_clip.eps_high': CLIP.eps_high,
  'ppo_clip.dual': CLIP.dual_clip,
};

const CASES: [name: string, ids: string[], values: Values, settings: Partial<LossSettings>][] = [
  ['clip alone', [], {}, {}],
  [
    'entropy bonus',
    ['entropy_bonus'],
    { 'entropy_bonus.alpha': 0.7 },
    { entropy: 'naive', alpha: 0.7 },
  ],
  ['IB entropy', ['ib_entropy'], { 'ib_entropy.alpha': 0.9 }, { entropy: 'ib', alpha: 0.9 }],
  [
    'entropy bonus and KL penalty',
    ['entropy_bonus', 'kl_penalty'],
    { 'entropy_bonus.alpha': 0.3, 'kl_penalty.beta': 0.8, 'kl_penalty.estimator': 2 },
    { entropy: 'naive', alpha: 0.3, kl: 'k3', beta: 0.8 },
  ],
];

/** More tokens than a workgroup's invocations, none of them dividing anything. */
const LARGE: Shape = {
  ...AWKWARD,
  ...{ name: 'large', config: { ...AWKWARD.config, vocab_size: 301 } },
};

/** Every shape with a row to one invocation, and to a workgroup together. */
const SHAPES = [AWKWARD, ALIGNED, LARGE].flatMap((shape) =>
  (['one', 'shared'] as const).map((lossRows): [string, Shape] => [
    `${shape.name} shape, rows ${lossRows}`,
    { ...shape, sizes: { ...shape.sizes, lossRows } },
  ]),
);

describe.each(SHAPES)('%s', (_, shape) => {
  const { vocab_size: V } = shape.config;
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(shape, ['sum_stats', 'reference_logp', 'current_stats']);
  });

  async function lossOf(methods: Method[], values: Values) {
    const composed = composeMethods(methods);
    const loss = await bench.engine.createLoss(composed);
    expect(loss.rows).toBe(shape.sizes.lossRows);
    bench.engine.setValues(
      loss,
      composed.fields.map((field) => values[field]),
    );
    return loss;
  }

  /** A batch in the buffers, rows after the last still NaN, and as the reference takes it. */
  function prepare(temperature: number) {
    const { N, packed, engine, layout } = bench;
    const logits = bench.numbers(N * V, 6);
    const [action, mask] = [new Uint32Array(N), new Uint8Array(N)];
    const [old_logp, ref_logp] = [new Float32Array(N), new Float32Array(N)];
    const shift = bench.numbers(2 * N, 1.5);
    const advantage = bench.numbers(N, 2);
    for (let n = 0; n < N; n++) {
      action[n] = n % V;
      mask[n] = packed.position[n] % 3 === 1 ? 0 : 1;
      const { log_p } = softmaxRow(logits, n, V, temperature);
      old_logp[n] = log_p[action[n]] + shift[2 * n];
      ref_logp[n] = log_p[action[n]] + shift[2 * n + 1];
    }
    bench.reset();
    const stored = padRows(logits, V, layout.VP);
    // Padding must not be read, and is overwritten by 0.
    bench.set(
      'logits',
      stored.map((z, i) => (i % layout.VP < V ? z : Number.NaN)),
    );
    const sequence = packed.first;
    return {
      batch: { V, logits, action, mask, sequence, old_logp, ref_logp, advantage },
      upload(weight: ArrayLike<number>) {
        const facts = Array.from(action, (_, n) =>
          // Whatever stands on rows without weight must not count.
          weight[n] ? [weight[n], advantage[n], old_logp[n], ref_logp[n]] : [0, 9, -900, -900],
        );
        const head = { N, rows: new Uint32Array(5 * N), actions: action };
        uploadBatch(
          engine,
          { ...head, facts: Float32Array.from(facts.flat()) },
          false,
          temperature,
        );
      },
    };
  }

  async function results() {
    const { N, layout } = bench;
    return {
      d_logits: await bench.get('logits', shape.sizes.rows * layout.VP),
      stats: await bench.get('stats', 8 * N),
      sums: await bench.get('sums', 8),
    };
  }

  describe.each([1, 0.6, 1.9])('temperature %d', (temperature) => {
    test.each(CASES)('%s', async (_, ids, values, settings) => {
      const { N, layout } = bench;
      const { batch, upload } = prepare(temperature);
      const methods = ['ppo_clip', ...ids].map((id) => METHODS.get(id) as Method);
      const loss = await lossOf(methods, { ...CLIP_VALUES, ...values });
      const tokens = batch.mask.reduce((a, b) => a + b, 0);
      // token_sum, and a weight of each token's own: only the kernel is under test here.
      const weight = batch.mask.map((m) => m);
      upload(weight);
      bench.run([loss.launch, loss.sum], 'policy_loss');
      bench.run([loss.launch, loss.sum], 'sum_stats');
      const expected = policyLoss(batch, {
        ...CLIP,
        aggregate: 'token_sum',
        temperature,
        ...settings,
      });
      const actual = await results();
      const { VP } = layout;
      expectClose(actual.d_logits.subarray(0, N * VP), padRows(expected.d_logits, V, VP), {
        ...tolerance,
        label: 'd_logits',
      });
      const after = actual.d_logits.subarray(N * VP);
      expect(after.every(Number.isNaN), 'rows after the last').toBe(true);

      const { logp, entropy, ratio } = expected;
      const rows = Array.from(batch.mask, (m, n) =>
        m === 0
          ? Array(8).fill(0)
          : [
              actual.stats[8 * n],
              ...[logp[n], entropy[n], actual.stats[8 * n + 3]],
              ...[klEstimate(logp[n], batch.ref_logp[n], 'k3').value, ratio[n], 1],
              Number(expected.d_logp[n] !== 0),
            ],
      );
      expectClose(actual.stats, rows.flat(), { ...tolerance, label: 'stats' });
      const sum = (c: number) => rows.reduce((s, row) => s + row[c], 0);
      // Sums of up to 72 rows of the tolerance above.
      const columns = [0, 1, 2, 3, 4, 5, 6, 7].map(sum);
      expectClose(actual.sums, columns, { rtol: 2e-5, atol: 2e-5, label: 'sums' });
      // Against the reference where a row's own value was taken from the kernel.
      expectClose([actual.sums[0]], [expected.loss], { rtol: 2e-5, atol: 2e-5, label: 'loss' });
      const clipped = Math.round(expected.clip_fraction * tokens);
      expect(actual.sums[3]).toBe(clipped);
      expect(clipped, 'some clips act').toBeGreaterThan(0);
      expect(clipped, 'some do not').toBeLessThan(tokens);
    });
  });

  test('several regularizers add up', async () => {
    const { N, layout } = bench;
    const { batch, upload } = prepare(0.9);
    const ids = ['ppo_clip', 'entropy_bonus', 'ib_entropy'];
    const methods = ids.map((id) => METHODS.get(id) as Method);
    const alphas = { 'entropy_bonus.alpha': 0.7, 'ib_entropy.alpha': 0.4 };
    const loss = await lossOf(methods, { ...CLIP_VALUES, ...alphas });
    upload(batch.mask);
    bench.run([loss.launch], 'policy_loss');
    const { d_logits } = await results();
    const settings = { ...CLIP, aggregate: 'token_sum', temperature: 0.9 } as const;
    const none = policyLoss(batch, settings).d_logits;
    const naive = policyLoss(batch, { ...settings, entropy: 'naive', alpha: 0.7 }).d_logits;
    const ib = policyLoss(batch, { ...settings, entropy: 'ib', alpha: 0.4 }).d_logits;
    const sum = none.map((d, i) => naive[i] + ib[i] - d);
    expectClose(d_logits.subarray(0, N * layout.VP), padRows(sum, V, layout.VP), tolerance);
  });

  test('every token counts by its own weight', async () => {
    const { N, layout } = bench;
    const { batch, upload } = prepare(0.8);
    const weight = bench.numbers(N).map((x, n) => (n % 4 === 2 ? 0 : x));
    const loss = await lossOf([SUPERVISED], {});
    upload(weight);
    bench.run([loss.launch], 'policy_loss');
    const { d_logits, stats } = await results();
    const rows = Array.from(weight, (w, n) => {
      const row = softmaxRow(batch.logits, n, V, 0.8);
      return {
        loss: w === 0 ? 0 : -w * row.log_p[batch.action[n]],
        gradient: [...rowGradient(row, batch.action[n], -w, 0, 0.8)],
      };
    });
    const gradients = rows.flatMap((row) => row.gradient);
    expectClose(d_logits.subarray(0, N * layout.VP), padRows(gradients, V, layout.VP), tolerance);
    const losses = rows.map((row) => row.loss);
    expectClose(
      stats.filter((_, i) => i % 8 === 0),
      losses,
      { ...tolerance, label: 'losses' },
    );
  });

  test('logits too large for exp are no harm', async () => {
    const { N, layout } = bench;
    const { upload } = prepare(1);
    const logits = Array.from({ length: N }, () => [3e4, -3e4, 3e4, ...Array(V - 3).fill(0)]);
    bench.set('logits', padRows(logits.flat(), V, layout.VP));
    const loss = await lossOf([SUPERVISED, METHODS.get('entropy_bonus') as Method], {
      'entropy_bonus.alpha': 1,
    });
    upload(new Float32Array(N).fill(1));
    bench.run([loss.launch], 'policy_loss');
    const { d_logits } = await results();
    // Two tokens at one half each: no pull from the entropy, and p − 1[v = action] from the loss.
    const expected = logits.map((_, n) =>
      logits[n].map((z, v) => (z === 3e4 ? 0.5 : 0) - (v === n % V ? 1 : 0)),
    );
    const padded = padRows(expected.flat(), V, layout.VP);
    expectClose(d_logits.subarray(0, N * layout.VP), padded, tolerance);
  });

  test('reference_logp writes the log-probability of rows with weight and nothing else', async () => {
    const { N, policy } = bench;
    const temperature = 0.6;
    const { batch, upload } = prepare(temperature);
    upload(batch.mask);
    const before = await bench.get('facts', 4 * N);
    bench.run(policy.passes.referenceLogp, 'reference_logp');
    const expected = Float64Array.from(before);
    for (let n = 0; n < N; n++) {
      if (batch.mask[n] === 0) continue;
      expected[4 * n + 3] = softmaxRow(batch.logits, n, V, temperature).log_p[batch.action[n]];
    }
    expectClose(await bench.get('facts', 4 * N), expected, tolerance);
  });

  test('current_stats writes log-probability and entropy of rows with weight, and zeros elsewhere', async () => {
    const { N, policy } = bench;
    const temperature = 0.6;
    const { batch, upload } = prepare(temperature);
    upload(batch.mask);
    const before = await bench.get('facts', 4 * N);
    bench.run(policy.passes.currentStats, 'current_stats');
    const expected = new Float64Array(8 * N);
    for (let n = 0; n < N; n++) {
      if (batch.mask[n] === 0) continue;
      const { log_p, entropy } = softmaxRow(batch.logits, n, V, temperature);
      expected.set([log_p[batch.action[n]], entropy], 8 * n + 1);
    }
    expectClose(await bench.get('stats', 8 * N), expected, tolerance);
    expect(await bench.get('facts', 4 * N)).toEqual(before);
  });

  test('sum_stats adds the rows of the batch alone', async () => {
    const { N, engine } = bench;
    bench.reset();
    const stats = bench.numbers(8 * N);
    bench.set('stats', stats);
    const loss = await lossOf([SUPERVISED], {});
    bench.run([loss.sum], 'sum_stats');
    const expected = new Float64Array(8);
    stats.forEach((x, i) => {
      expected[i % 8] += x;
    });
    // 72 numbers of size 1: an error of a few 2^-22.
    expectClose(await bench.get('sums', 8), expected, { rtol: 0, atol: 3e-6 });
    expect(engine.workspace.sizes.rows).toBeGreaterThanOrEqual(N);
  });
});
