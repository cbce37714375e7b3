// The term methods against verl: the same batches, losses and gradients (test/goldens/losses.json).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LossCase } from '../../src/cli/goldens_losses.ts';
import { type AggregateId, tokenWeights } from '../../src/core/aggregate.ts';
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import { isTerm, type TermMethod } from '../../src/methods/method.ts';
import { expectClose } from '../helpers/close.ts';
import { type Term, type Token, termFunction } from '../helpers/term.ts';

/** Of the clipped policy, whose share of held tokens verl tells. */
type Case = LossCase & { expect: { pg_clipfrac: number } };

const GOLDENS = JSON.parse(readFileSync('test/goldens/losses.json', 'utf8'));
const CASES = (GOLDENS.cases as Case[]).filter((c) => c.policy === 'vanilla');
const ESTIMATORS: Record<string, number> = { k1: 0, k2: 1, k3: 2, 'k3+': 3 };

function method(id: string): TermMethod {
  const found = METHODS.get(id);
  if (!found || !isTerm(found)) throw new Error(`${id}: must be a term`);
  return found;
}

/** The methods of a golden case, with its settings. */
function termsOf(c: Case): ((t: Token) => Term)[] {
  const terms: [string, Values][] = [
    [
      'ppo_clip',
      {
        'ppo_clip.eps_low': c.clip.low,
        'ppo_clip.eps_high': c.clip.high,
        'ppo_clip.dual': c.clip.dual,
      },
    ],
  ];
  if (c.entropy === 'naive') terms.push(['entropy_bonus', { 'entropy_bonus.alpha': c.alpha }]);
  if (c.entropy === 'ib') terms.push(['ib_entropy', { 'ib_entropy.alpha': c.alpha }]);
  if (c.kl !== 'none') {
    const estimator = ESTIMATORS[c.kl];
    terms.push(['kl_penalty', { 'kl_penalty.beta': c.beta, 'kl_penalty.estimator': estimator }]);
  }
  return terms.map(([id, values]) => termFunction(method(id), values));
}

function softmax(logits: readonly number[]) {
  const most = Math.max(...logits);
  const total = Math.log(logits.reduce((sum, z) => sum + Math.exp(z - most), 0)) + most;
  const logp = logits.map((z) => z - total);
  const p = logp.map(Math.exp);
  return { logp, p, entropy: -p.reduce((sum, q, j) => sum + q * logp[j], 0) };
}

test.each(CASES.map((c) => [c.name, c] as const))('%s: loss and gradient of verl', (_, c) => {
  const terms = termsOf(c);
  const lengths = c.mask.map((row) => row.reduce((a, b) => a + b, 0));
  const mode = c.agg.replaceAll('-', '_') as AggregateId;
  const weights = tokenWeights(mode, lengths, c.mask[0].length);
  const gradient: number[] = [];
  let [loss, bound, tokens] = [0, 0, 0];
  c.mask.forEach((row, b) => {
    row.forEach((isResponse, t) => {
      const { logp, p, entropy } = softmax(c.logits[b][t]);
      const action = c.tokens[b][t];
      const token = {
        ...{ logp: logp[action], entropy, advantage: c.advantages[b][t] },
        ...{ old_logp: c.old_logp[b][t], ref_logp: c.ref_logp[b][t] },
      };
      const all = terms.map((term) => term(token));
      const weight = isResponse * weights[b];
      const sum = (key: 'loss' | 'd_logp' | 'd_entropy') =>
        weight * all.reduce((a, term) => a + term[key], 0);
      loss += sum('loss');
      bound += isResponse * Math.max(...all.map((term) => term.bound));
      tokens += isResponse;
      for (let j = 0; j < p.length; j++) {
        const score = (j === action ? 1 : 0) - p[j];
        gradient.push(sum('d_logp') * score - sum('d_entropy') * p[j] * (logp[j] + entropy));
      }
    });
  });
  // The weights are f32, all else float64.
  expectClose([loss], [c.expect.loss], { rtol: 1e-6, label: 'loss' });
  expectClose(gradient, c.expect.dlogits.flat(2), { rtol: 1e-6, atol: 1e-9, label: 'dlogits' });
  expectClose([bound / tokens], [c.expect.pg_clipfrac], { label: 'pg_clipfrac' });
});

test('the goldens hold what they are trusted for', () => {
  expect(CASES.length).toBeGreaterThan(10);
  expect(new Set(CASES.map((c) => c.kl))).toEqual(new Set(['none', 'k1', 'k2', 'k3', 'k3+']));
});

/** Every term at the upper end of each range, where a wrong sign shows. */
const TERMS = [SUPERVISED, ...[...METHODS.values()].filter(isTerm)];

describe.each(TERMS.map((m) => [m.id, m] as const))('%s', (id, term) => {
  const aToken = fc.record({
    logp: fc.double({ min: -8, max: 0, noNaN: true }),
    old_logp: fc.double({ min: -8, max: 0, noNaN: true }),
    ref_logp: fc.double({ min: -8, max: 0, noNaN: true }),
    entropy: fc.double({ min: 0, max: 3, noNaN: true }),
    advantage: fc.double({ min: -3, max: 3, noNaN: true }),
    // Shares, marks and shifts of logp alike.
    constant: fc.double({ min: -1, max: 1, noNaN: true }),
    row: fc.double({ min: 0, max: 3, noNaN: true }),
  });
  // Values that the method steers itself: anything that is not 0.
  const state = Object.keys(term.state ?? {}).map((name) => [`${id}.${name}`, 0.7]);
  const most = Object.fromEntries([
    ...Object.entries(term.params).map(([name, p]) => [
      `${id}.${name}`,
      p.kind === 'number' ? p.max : 0,
    ]),
    ...state,
  ]);
  const choices = Object.entries(term.params).flatMap(([name, p]) =>
    p.kind === 'choice' ? p.options.map((_, i) => ({ ...most, [`${id}.${name}`]: i })) : [],
  );
  const settings = [
    { ...defaultsOf(id, term.params), ...Object.fromEntries(state) },
    ...(choices.length > 0 ? choices : [most]),
  ];

  test('its derivatives lie between the differences to both sides', () => {
    fc.assert(
      fc.property(aToken, fc.constantFrom(...settings), (token, values) => {
        // The straight-through variant says one value and another gradient on purpose.
        if (values['kl_penalty.estimator'] === 3) return;
        const f = termFunction(term, values);
        const ratio = Math.exp(Math.min(Math.max(token.logp - token.old_logp, -20), 20));
        if (term.holds_ratio) Object.assign(token, { ratio });
        const at = f(token);
        for (const [key, claimed] of [
          ['logp', at.d_logp],
          ['entropy', at.d_entropy],
          ['row', at.d_row ?? 0],
        ] as const) {
          const h = 1e-6;
          const right = (f({ ...token, [key]: token[key] + h }).loss - at.loss) / h;
          const left = (at.loss - f({ ...token, [key]: token[key] - h }).loss) / h;
          const slack = 1e-4 * (1 + Math.abs(left) + Math.abs(right));
          expect(claimed).toBeGreaterThanOrEqual(Math.min(left, right) - slack);
          expect(claimed).toBeLessThanOrEqual(Math.max(left, right) + slack);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const token = { logp: -1, old_logp: -1, ref_logp: -1, entropy: 0.5, advantage: 1 };

// A, ratio, eps_high, c, loss, bound. Values of verl's compute_policy_loss_vanilla.
test.each([
  [-1, 5, 0.2, 3, 3, 0],
  [-1, 5, 0.2, 10, 5, 0],
  [-1, 0.5, 0.2, 3, 0.8, 1],
  [1, 1.5, 0.28, 3, -1.28, 1],
  [1, 0.5, 0.2, 3, -0.5, 0],
  [1, 1, 0.2, 3, -1, 0],
])('ppo_clip: A=%d, ratio %d, high %d, c=%d costs %d', (advantage, ratio, high, c, loss, bound) => {
  const values = { 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': high, 'ppo_clip.dual': c };
  const result = termFunction(
    method('ppo_clip'),
    values,
  )({
    ...token,
    advantage,
    logp: -1 + Math.log(ratio),
  });
  expect(result.loss).toBeCloseTo(loss, 12);
  expect(result.bound).toBe(bound);
  const isHeld = bound === 1 || (advantage < 0 && ratio > c);
  expect(result.d_logp).toBeCloseTo(isHeld ? 0 : -advantage * ratio, 12);
});

test('kl_penalty clamps like verl, and a clamp stops the gradient', () => {
  const at = (estimator: number, delta: number) =>
    termFunction(method('kl_penalty'), { 'kl_penalty.beta': 1, 'kl_penalty.estimator': estimator })(
      {
        ...token,
        logp: token.ref_logp + delta,
      },
    );
  expect(at(2, -5)).toMatchObject({ loss: 10, d_logp: 0 });
  expect(at(2, 30)).toMatchObject({ loss: 10, d_logp: 0 });
  expect(at(3, -5)).toMatchObject({ loss: 10, d_logp: -5 });
  expect(at(2, 0).loss).toBe(0);
  for (const estimator of [1, 2, 3]) expect(at(estimator, 0).d_logp).toBeCloseTo(0, 12);
});
