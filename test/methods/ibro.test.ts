// λ of IBRO: goldens of κ, its sign, and what its term does to the gradient.
import { expect, test } from 'vitest';
import { hintCorrelation, hintRatios } from '../../src/core/hint_ratio.ts';
import { defaultsOf } from '../../src/core/param.ts';
import { correlation } from '../../src/core/statistics.ts';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { isTerm } from '../../src/methods/method.ts';
import { expectClose } from '../helpers/close.ts';
import { termFunction } from '../helpers/term.ts';
import { method, numbers } from './fixture.ts';

/** Entropies of sampling, and what is left of them with the answer told: κ = 0, .25, .5, 1, and 3, which is cut to 1. */
const batch = tokenBatch([3, 2], {
  old_entropy: Float32Array.of(1.2, 0.8, 2, 0.5, 0.1),
  hint_entropy: Float32Array.of(0, 0.2, 1, 0.5, 0.3),
  advantage: Float32Array.of(1, 1, 1, -0.5, -0.5),
  // Of a later policy: it must not matter.
  entropy: Float32Array.of(9, 9, 9, 9, 9),
});
const CLOSE = { rtol: 0, atol: 1e-5, allowZero: true };

test('goldens: β = 2, κ = 0, .25, .5, 1 → λ = −1, −.5, 0, 1; κ is never above 1', () => {
  expectClose(hintRatios(batch), [0, 0.25, 0.5, 1, 1], CLOSE);
  expectClose(numbers('ibro', {}, batch), [-1, -0.5, 0, 1, 1], CLOSE);
  expectClose(numbers('ibro', { beta: 4 }, batch), [-1, 0, 1, 3, 3], CLOSE);
});

test('a token without entropy has κ 0, whatever rounding leaves of either', () => {
  const sure = { ...batch, old_entropy: new Float32Array(5), hint_entropy: new Float32Array(5) };
  expectClose(hintRatios(sure), [0, 0, 0, 0, 0], CLOSE);
  const below = { ...sure, hint_entropy: new Float32Array(5).fill(-1e-7) };
  expectClose(hintRatios(below), [0, 0, 0, 0, 0], CLOSE);
});

test('what the answer settles is paid for its entropy, what it leaves open is charged', () => {
  const ibro = method('ibro');
  if (!isTerm(ibro)) throw new Error('ibro: must be a term');
  const term = termFunction(ibro, { ...defaultsOf('ibro', ibro.params), 'ibro.c': 0.5 });
  const token = { logp: -1, old_logp: -1, ref_logp: -1, advantage: 3, entropy: 0.8 };
  const [settled, open] = [-1, 1].map((lambda) => term({ ...token, constant: lambda }));
  // Loss is minimized: a negative derivative raises entropy.
  expectClose([settled.loss, settled.d_entropy, settled.d_logp], [-0.4, -0.5, 0], CLOSE);
  expectClose([open.loss, open.d_entropy, open.d_logp], [0.4, 0.5, 0], CLOSE);
});

test('the correlation is that of λ and −A, for every β', () => {
  const minusA = batch.advantage.map((a) => -a);
  const r = hintCorrelation(batch);
  expect(r).toBeGreaterThan(0.8);
  for (const beta of [0.5, 2, 8]) {
    expect(correlation(numbers('ibro', { beta }, batch), minusA)).toBeCloseTo(r, 5);
  }
  // By hand: κ − mean = −.55, −.3, −.05, .45, .45; −A − mean = −.6, −.6, −.6, .9, .9; (.33 + .18 + .03 + .81) / √(.8 · 2.7).
  expect(r).toBeCloseTo(1.35 / Math.sqrt(0.8 * 2.7), 5);
  expect(hintCorrelation({ ...batch, advantage: new Float32Array(5) })).toBeNaN();
});
