// Latent positions in float64: known values, central differences, and the limits in which a mixture
// is a token.
import { describe, expect, test } from 'vitest';
import { gumbel } from '../../src/core/random.ts';
import { keptTokens, latentLoss, sampleMixture } from '../../src/reference/latent.ts';
import { type LossBatch, policyLoss, softmaxRow } from '../../src/reference/losses.ts';
import {
  backward,
  forward,
  packSequences,
  parameterShapes,
  randomParameters,
} from '../../src/reference/transformer.ts';
import { expectClose } from '../helpers/close.ts';
import { centralDifferences, randomArray, seededRandom } from './differences.ts';

const PLAIN = { temperature: 1, tau: 0.5, top_k: 0, top_p: 1, noise: true };
const ROW = [2, 1, 0, -1];

// z and y of METHODS.md 1.3 and 5.2, which come from independent Python.
test('the gradient of the latent loss is that of the golden', () => {
  const { d_logits } = latentLoss(ROW, [0.7, 0.2, 0.1, 0], 1);
  expectClose(d_logits, [-0.056086, 0.036883, -0.012856, 0.032059], { rtol: 0, atol: 6e-7 });
});

describe('the latent loss', () => {
  test.each([1, 0.6])('has its differences as gradient, at temperature %d', (temperature) => {
    const random = seededRandom(2);
    const logits = randomArray(7, random).map((x) => 3 * x);
    // Cut off, so that the shares do not add up to 1.
    const y = [0.4, 0.2, 0.1, 0, 0.15, 0, 0.05];
    const loss = () => latentLoss(logits, y, -0.7, temperature).loss;
    const differences = centralDifferences(loss, logits);
    const { d_logits } = latentLoss(logits, y, -0.7, temperature);
    // Central differences of step 1e-5 are right to 1e-10, over rounding of 1e-11.
    expectClose(d_logits, differences, { rtol: 1e-8, atol: 1e-9 });
  });

  test('is that of the plain policy gradient where the mixture is a token', () => {
    const { loss, d_logits } = latentLoss(ROW, [0, 1, 0, 0], 0.9);
    const { log_p, p } = softmaxRow(ROW, 0, 4);
    expectClose([loss], [-0.9 * log_p[1]], { rtol: 1e-14, atol: 0 });
    expectClose(
      d_logits,
      p.map((x, v) => 0.9 * (x - Number(v === 1))),
      { rtol: 1e-13, atol: 1e-15 },
    );
  });
});

test('a batch has one aggregate for tokens and mixtures, and differences as its gradient', () => {
  const random = seededRandom(4);
  const [N, V] = [8, 5];
  const logits = randomArray(N * V, random).map((x) => 2 * x);
  const y = sampleMixture(ROW.concat(0.5), PLAIN, [1, 2, 3]);
  const batch: LossBatch = {
    ...{ V, logits, action: [0, 3, 1, 4, 2, 2, 0, 1], mask: [0, 1, 1, 1, 0, 1, 1, 1] },
    ...{ sequence: [0, 0, 0, 0, 1, 1, 1, 1], old_logp: randomArray(N, random) },
    ...{ advantage: [0, 0.8, 0.8, 0.8, 0, -1.1, -1.1, -1.1], ref_logp: randomArray(N, random) },
    mixture: [undefined, y, y, undefined, undefined, y, undefined, undefined],
  };
  for (const aggregate of ['token_mean', 'seq_mean_token_mean', 'seq_mean_token_sum'] as const) {
    const settings = {
      ...{ eps_low: 0.2, eps_high: 0.28, aggregate, temperature: 0.8 },
      ...{ entropy: 'ib' as const, alpha: 0.3, kl: 'k2' as const, beta: 0.5 },
    };
    const differences = centralDifferences(() => policyLoss(batch, settings).loss, logits);
    const { d_logits, ratio } = policyLoss(batch, settings);
    expectClose(d_logits, differences, { rtol: 1e-8, atol: 1e-9, label: aggregate });
    expect([ratio[1], ratio[2], ratio[5]]).toEqual([1, 1, 1]);
  }
  // A latent position weighs as a token does.
  const alone = latentLoss(logits.subarray(V, 2 * V), y, 0.8);
  const settings = { eps_low: 0.2, eps_high: 0.28 };
  const { d_logits } = policyLoss(batch, settings);
  expectClose(
    d_logits.subarray(V, 2 * V),
    alone.d_logits.map((g) => g / 6),
    { rtol: 1e-13, atol: 1e-15 },
  );
});

describe('a mixture', () => {
  const logits = [0.3, 2, -1, 1.7, 0.2, -0.5];

  test('is a distribution, and only over what is kept', () => {
    const { p } = softmaxRow(logits, 0, 6);
    for (const [top_k, top_p, kept] of [
      [0, 1, [1, 3, 0, 4, 5, 2]],
      [3, 1, [1, 3, 0]],
      // p = .47, .35, .09, .08 …: the third is the one that reaches .85; of the first two, .57 reaches half.
      [0, 0.85, [1, 3, 0]],
      [2, 0.5, [1]],
      [1, 0.05, [1]],
    ] as const) {
      const settings = { ...PLAIN, top_k, top_p };
      expect(keptTokens(p, settings)).toEqual(kept);
      const y = sampleMixture(logits, settings, [5]);
      expectClose([y.reduce((a, b) => a + b)], [1], { rtol: 1e-14, atol: 0 });
      expect([...y].flatMap((x, v) => (x > 0 ? [v] : []))).toEqual([...kept].sort());
    }
  });

  test('is one token, the likeliest, as tau goes to 0 without noise', () => {
    const y = sampleMixture(logits, { ...PLAIN, tau: 0.01, noise: false }, [1]);
    expectClose(y, [0, 1, 0, 0, 0, 0], { rtol: 0, atol: 1e-12 });
  });

  test('is softmax(z / tau) without noise, whatever the counter, and at temperature 0', () => {
    const exact = softmaxRow(logits, 0, 6, 0.5).p;
    const close = { rtol: 1e-13, atol: 1e-16 };
    expectClose(sampleMixture(logits, { ...PLAIN, noise: false }, [1]), exact, close);
    expectClose(sampleMixture(logits, { ...PLAIN, noise: false }, [2]), exact, close);
    expectClose(sampleMixture(logits, { ...PLAIN, temperature: 0 }, [2]), exact, close);
  });

  test('has its largest share on a fair draw from p', () => {
    const { p } = softmaxRow(logits, 0, 6);
    const counts = new Float64Array(6);
    const n = 40_000;
    for (let i = 0; i < n; i++) {
      const y = sampleMixture(logits, PLAIN, [1, 2, i]);
      counts[y.indexOf(Math.max(...y))]++;
    }
    // Four standard deviations of a share.
    p.forEach((x, v) => {
      expect(Math.abs(counts[v] / n - x)).toBeLessThan(4 * Math.sqrt((x * (1 - x)) / n));
    });
  });
});

test('Gumbel draws have mean γ, variance π²/6, and are finite', () => {
  const n = 100_000;
  const draws = Float64Array.from({ length: n }, (_, i) => gumbel(1, i));
  const mean = draws.reduce((a, b) => a + b) / n;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
  expect(draws.every(Number.isFinite)).toBe(true);
  // Standard deviations of the two: 1.28/√n, and about 3.3/√n since the kurtosis is 5.4.
  expect(Math.abs(mean - 0.5772156649)).toBeLessThan((4 * 1.28) / Math.sqrt(n));
  expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan((4 * 3.5) / Math.sqrt(n));
});

describe('a transformer that is fed mixtures', () => {
  const config = {
    ...{ vocab: 6, d_model: 8, layers: 2, heads: 2, d_ff: 5 },
    ...{ rope_theta: 100, rms_eps: 1e-5 },
  };
  const random = seededRandom(9);
  const params = randomParameters(config, random);
  const packed = packSequences([
    [1, 2, 3],
    [4, 0, 5, 2],
  ]);
  const oneHot = (token: number) => Float64Array.from({ length: 6 }, (_, v) => Number(v === token));

  test('reads tokens where the mixtures are tokens', () => {
    const { logits } = forward(config, params, packed);
    const mixture = packed.token.map((t, n) => (n % 2 === 1 ? oneHot(t) : undefined));
    expectClose(forward(config, params, { ...packed, mixture }).logits, logits, {
      ...{ rtol: 1e-13, atol: 1e-15 },
    });
  });

  test('has its differences as gradient but in the embeddings, which get none through mixtures', () => {
    const y = [0.5, 0, 0.2, 0.3, 0, 0];
    const mixed = { ...packed, mixture: packed.token.map((_, n) => (n === 4 ? y : undefined)) };
    const direction = randomArray(7 * 6, random);
    const value = () => {
      const { logits } = forward(config, params, mixed);
      return logits.reduce((sum, z, i) => sum + z * direction[i], 0);
    };
    const state = forward(config, params, mixed);
    const grads = backward(config, params, mixed, state, direction);
    for (const [name] of parameterShapes(config)) {
      if (name === 'model.embed_tokens.weight') continue;
      const differences = centralDifferences(value, params.get(name) as Float64Array);
      expectClose(grads.get(name) ?? [], differences, { rtol: 1e-6, atol: 1e-8, label: name });
    }
    // Token 0 stands at the mixed place alone: its embedding has a derivative, and gets none.
    const embedding = params.get('model.embed_tokens.weight') as Float64Array;
    const differences = centralDifferences(value, embedding);
    const own = grads.get('model.embed_tokens.weight') as Float64Array;
    expect(Math.max(...Array.from(differences.subarray(0, 8), Math.abs))).toBeGreaterThan(1e-3);
    expect([...own.subarray(0, 8)]).toEqual(Array(8).fill(0));
    // Token 1 is fed as a token and has no share.
    expectClose(own.subarray(8, 16), differences.subarray(8, 16), { rtol: 1e-6, atol: 1e-8 });
  });
});
