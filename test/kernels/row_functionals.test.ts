// Row functionals inside the fused loss. Every method that brings one is tested here: f32 against its own text in
// float64, whose gradient has been checked against differences (test/methods/contract.test.ts), on rows of odd length.
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import { isTerm, type Method, type TermMethod } from '../../src/methods/method.ts';
import type { Loss } from '../../src/model/engine.ts';
import { uploadBatch, uploadConstants } from '../../src/model/update.ts';
import { renyiEntropy, tsallisEntropy } from '../../src/reference/functionals.ts';
import { expectClose } from '../helpers/close.ts';
import { rowFunctional, termFunction } from '../helpers/term.ts';
import { ALIGNED, AWKWARD, type Bench, openBench, padRows } from './bench.ts';

// As in policy_loss.test.ts; sums of up to 40 terms of a size of up to 10 (p^0.2 · 1/0.8 at the lower end of q) add 4e-6.
const tolerance = { rtol: 2e-5, atol: 1e-5 };

const ROWED = [...METHODS.values()].filter(isTerm).filter((m) => m.row);

describe.each([AWKWARD, ALIGNED].map((s) => [s.name, s] as const))('%s shape', (_, shape) => {
  const { vocab_size: V } = shape.config;
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(shape, ['sum_stats']);
  });

  /** Loss and gradient of the kernel for random logits; every fourth row has no weight. */
  async function run(methods: readonly Method[], values: Values, temperature: number) {
    const { N, engine, layout } = bench;
    const composed = composeMethods(methods);
    const loss: Loss = await engine.createLoss(composed);
    engine.setValues(
      loss,
      composed.fields.map((field) => values[field]),
    );
    const weight = Array.from({ length: N }, (_, n) => (n % 4 === 1 ? 0 : 0.5 + (n % 3)));
    const constants = Float32Array.from({ length: N * loss.columns }, (_, i) => 0.25 - (i % 3));
    bench.reset();
    bench.set('logits', padRows(LOGITS(N), V, layout.VP));
    const facts = Float32Array.from(weight.flatMap((w, n) => [w, (n % 5) - 2, -1, -1]));
    const actions = Uint32Array.from({ length: N }, (_, n) => n % V);
    const batch = { N, rows: new Uint32Array(5 * N), actions, facts, constants };
    uploadBatch(engine, batch, false, temperature);
    uploadConstants(engine, loss, batch);
    bench.run([loss.launch], 'policy_loss');
    const d_logits = await bench.get('logits', N * layout.VP);
    const stats = await bench.get('stats', 8 * N);
    return { weight, constants, d_logits, loss: stats.filter((_, i) => i % 8 === 0) };
  }

  /** The same numbers for every run. Large enough that sets of likeliest tokens are small in some rows. */
  function LOGITS(N: number): Float32Array {
    return Float32Array.from({ length: N * V }, (_, i) => 5 * Math.sin(1.7 * i + (i % 7)));
  }

  const row = (n: number, temperature: number): number[] =>
    Array.from({ length: V }, (_, j) => LOGITS(bench.N)[n * V + j] / temperature);

  describe.each(ROWED.map((m) => [m.id, m] as const))('%s', (id, method) => {
    const settings = settingsOf(method);

    test.each([1, 0.6])('value and gradient at temperature %d', async (temperature) => {
      const nothing: TermMethod = { ...ZERO };
      for (const values of settings) {
        const got = await run([nothing, method], values, temperature);
        const { VP } = bench.layout;
        const f = termFunction(method, values, V);
        const losses: number[] = [];
        const gradients: number[] = [];
        got.weight.forEach((weight, n) => {
          const { value, gradient } = rowFunctional(method, values, row(n, temperature));
          const constant = method.constants ? got.constants[n] : undefined;
          const token = { logp: -1, old_logp: -1, ref_logp: -1, entropy: 1, advantage: 1 };
          const term = f({ ...token, constant, row: value });
          losses.push(weight * term.loss);
          const by = (weight * (term.d_row ?? Number.NaN)) / temperature;
          gradients.push(...Array.from(gradient, (g) => by * g));
          const own = got.d_logits.subarray(n * VP, n * VP + V);
          // V numbers of the tolerance below.
          expect(Math.abs(own.reduce((a, b) => a + b, 0))).toBeLessThan(1e-4);
        });
        const label = JSON.stringify(values);
        expectClose(got.loss, losses, { ...tolerance, label: `loss ${label}` });
        const padded = padRows(gradients, V, VP);
        // A set of one token has neither entropy nor gradient.
        const options = { ...tolerance, allowZero: values !== settings[0] };
        expectClose(got.d_logits, padded, { ...options, label: `d_logits ${label}` });
      }
    });

    test('leaves every bit alone at its neutral settings', async () => {
      const plain = ['ppo_clip', 'entropy_bonus'].map((other) => METHODS.get(other) as Method);
      const values: Values = {
        ...Object.assign({}, ...plain.map((m) => defaultsOf(m.id, m.params))),
        ...settings[0],
        ...Object.fromEntries(
          Object.entries(method.neutral ?? {}).map(([name, x]) => [`${id}.${name}`, x]),
        ),
      };
      const without = await run(plain, values, 0.8);
      const beside = await run([...plain, method], values, 0.8);
      expect(beside.d_logits).toEqual(without.d_logits);
      expect(beside.loss).toEqual(without.loss);
      expect(without.d_logits.some((x) => x !== 0)).toBe(true);
    });
  });

  // 1 is where the closed forms divide by zero; just beside it they would cancel in f32.
  test.each([0.5, 1, 1.003, 1.2, 3])('two of them beside each other add up, at %d', async (q) => {
    const ids = ['renyi_entropy', 'tsallis_entropy'];
    const methods = ids.map((id) => METHODS.get(id) as TermMethod);
    const values: Values = {
      ...{ 'renyi_entropy.alpha': 0.2, 'renyi_entropy.order': q },
      ...{ 'tsallis_entropy.alpha': 0.2, 'tsallis_entropy.q': q, 'tsallis_entropy.scaled': 0 },
    };
    const { d_logits, loss, weight } = await run([ZERO, ...methods], values, 0.9);
    const both = weight.map((_, n) => {
      const z = row(n, 0.9);
      return [renyiEntropy(z, q), tsallisEntropy(z, q)];
    });
    const losses = weight.map((w, n) => -0.2 * w * both[n].reduce((sum, f) => sum + f.value, 0));
    expectClose(loss, losses, { ...tolerance, label: 'loss' });
    const gradients = weight.flatMap((w, n) => {
      const [renyi, tsallis] = both[n];
      return Array.from(renyi.gradient, (g, j) => ((-0.2 * w) / 0.9) * (g + tsallis.gradient[j]));
    });
    expectClose(d_logits, padRows(gradients, V, bench.layout.VP), tolerance);
  });
});

/** An objective that is 0, so that the regularizer stands alone. */
const ZERO: TermMethod = {
  ...(METHODS.get('ppo_clip') as TermMethod),
  id: 'zero',
  params: {},
  wgsl: 'fn zero(t: Token) -> Term { return Term(0.0, 0.0, 0.0, 0.0); }',
};

/** Defaults; then both ends of every range, where sums are largest, and every other option. */
function settingsOf(method: TermMethod): Values[] {
  const state = Object.keys(method.state ?? {}).map((name) => [`${method.id}.${name}`, 0.7]);
  const defaults = { ...defaultsOf(method.id, method.params), ...Object.fromEntries(state) };
  const changed = Object.entries(method.params).flatMap(([name, param]) => {
    // What the term is multiplied by is for methods.test.ts.
    if (name in (method.neutral ?? {})) return [];
    const options =
      param.kind === 'number'
        ? [param.max, param.min]
        : param.kind === 'switch'
          ? [0, 1]
          : [...param.options.keys()];
    return options.map((value) => ({ ...defaults, [`${method.id}.${name}`]: value }));
  });
  return [defaults, ...changed];
}
