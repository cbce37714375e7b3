// Advantage methods and objectives against the float64 reference, on random batches.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { perToken, type TokenBatch, tokenBatch } from '../../src/core/token_batch.ts';
import { composeMethods, OBJECTIVE_WEIGHT } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { AdvantageMethod, TermMethod } from '../../src/methods/method.ts';
import { aggregateWeights as referenceWeights } from '../../src/reference/losses.ts';
import { type PolicyName, type PolicySettings, policies } from '../../src/reference/policies.ts';
import { aggregateWeights, tokenConstants } from '../../src/train/stages.ts';
import { expectClose } from '../helpers/close.ts';
import { termFunction } from '../helpers/term.ts';
import * as reference from '../reference/advantages.ts';

interface Drawn {
  lengths: number[];
  rewards: number[];
  G: number;
  random: () => number;
}

const aBatch: fc.Arbitrary<Drawn> = fc
  .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 3 }))
  .chain(([G, P]) =>
    fc.record({
      G: fc.constant(G),
      lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: G * P, maxLength: G * P }),
      rewards: fc.array(fc.constantFrom(0, 0.25, 1), { minLength: G * P, maxLength: G * P }),
      random: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })).map((stream) => () => {
        return stream.next().value as number;
      }),
    }),
  );

const groupOf = ({ lengths, G }: Drawn) => lengths.map((_, i) => Math.floor(i / G));

describe.each([
  ['rloo', {}, reference.rloo],
  ['opo', {}, reference.opo],
  ['grpo', { 'grpo.scale_by_std': 1 }, reference.grpo],
  ['grpo_passk', {}, reference.grpo_passk],
  [
    'reinforce_plus_plus',
    { 'reinforce_plus_plus.gamma': 0.9 },
    (r: reference.Rollouts) => reference.reinforce_plus_plus(r, 0.9),
  ],
  ['reinforce_plus_plus_baseline', {}, reference.reinforce_plus_plus_baseline],
] as const)('%s', (id, values, expected) => {
  const method = METHODS.get(id) as AdvantageMethod;

  test('as the reference', () => {
    fc.assert(
      fc.property(aBatch, (drawn) => {
        const { lengths, rewards } = drawn;
        const group = groupOf(drawn);
        const batch = tokenBatch(lengths, {
          ...{ group: Uint32Array.from(group), reward: Float64Array.from(rewards) },
        });
        const got = perToken(batch, method.advantages(batch, values), id);
        const T = Math.max(...lengths);
        const mask = lengths.map((n) => Array.from({ length: T }, (_, t) => (t < n ? 1 : 0)));
        const want = expected({ score: rewards, group, mask });
        const ragged = want.flatMap((row, i) => row.slice(0, lengths[i]));
        // Whitening a batch of nearly equal values magnifies rounding; 1e-8 under the root bounds it.
        expectClose(got, ragged, { rtol: 1e-5, atol: 1e-6, allowZero: true });
      }),
    );
  });
});

describe('groups of one', () => {
  const batch = tokenBatch([1, 2, 1], {
    ...{ group: Uint32Array.of(0, 1, 2), reward: Float64Array.of(0.25, 1, 0) },
  });
  const advantages = (id: string) => {
    const method = METHODS.get(id) as AdvantageMethod;
    return [...perToken(batch, method.advantages(batch, defaultsOf(id, method.params)), id)];
  };

  test.each(['grpo', 'rloo', 'opo', 'hapo_average'])('%s keeps their rewards', (id) => {
    expect(advantages(id)).toEqual([0.25, 1, 1, 0]);
  });

  test('are what REINFORCE++ sees, also with a baseline', () => {
    const wanted = advantages('reinforce_plus_plus');
    expect(wanted[1]).toBeGreaterThan(0.5);
    expect(advantages('reinforce_plus_plus_baseline')).toEqual(wanted);
  });
});

test.each([
  ...['grpo', 'grpo_passk', 'rloo', 'opo', 'hapo_average', 'reinforce'],
  ...['reinforce_plus_plus', 'reinforce_plus_plus_baseline'],
])('%s of equal rewards is exactly 0, whatever they are', (id) => {
  const method = METHODS.get(id) as AdvantageMethod;
  const values = defaultsOf(id, method.params);
  // Their sums are rounded. Prompts may differ where each is judged by itself.
  const others = ['reinforce', 'reinforce_plus_plus'].includes(id) ? [0.1, 0.7] : [0.1, 0.7, 0];
  for (const other of others) {
    const own = other === 0 ? 0.1 : other;
    const reward = Float64Array.of(own, own, own, other, other, other);
    const batch = tokenBatch([2, 1, 3, 1, 1, 2], {
      ...{ group: Uint32Array.of(0, 0, 0, 1, 1, 1), reward },
    });
    const given = method.advantages(batch, values);
    expect([...given].map(Math.abs)).toEqual([...given].map(() => 0));
  }
});

const OBJECTIVES: [PolicyName, string, Values, PolicySettings][] = [
  ['gspo', 'gspo', { 'gspo.eps_low': 0.1, 'gspo.eps_high': 0.2 }, { eps_low: 0.1, eps_high: 0.2 }],
  [
    'geo_mean',
    'gmpo',
    { 'gmpo.eps_low': 0.3, 'gmpo.eps_high': 0.4 },
    { eps_low: 0.3, eps_high: 0.4 },
  ],
  [
    'cispo',
    'cispo',
    { 'cispo.eps_low': 0.3, 'cispo.eps_high': 0.28 },
    { eps_low: 0.3, eps_high: 0.28 },
  ],
  [
    'kl_cov',
    'kl_cov',
    { 'kl_cov.share': 0.3, 'kl_cov.coefficient': 0.7 },
    { eps_low: 0, eps_high: 0, kl_cov_ratio: 0.3, ppo_kl_coef: 0.7 },
  ],
  [
    'clip_cov',
    'clip_cov',
    {
      ...defaultsOf('clip_cov', METHODS.get('clip_cov')!.params),
      ...{ 'clip_cov.lower_by': 1, 'clip_cov.lower': 0.1, 'clip_cov.share': 1 },
    },
    { eps_low: 0.2, eps_high: 0.2, clip_cov_lb: 0.1, clip_cov_ub: 5, clip_cov_ratio: 1 },
  ],
];

describe.each(OBJECTIVES)('%s', (policy, id, values, settings) => {
  const method = METHODS.get(id) as TermMethod;
  const composed = composeMethods([method]);

  test.each(['token_mean', 'seq_mean_token_mean'] as const)('as the reference: %s', (mode) => {
    let acted = 0;
    fc.assert(
      fc.property(aBatch, (drawn) => {
        const { lengths, random } = drawn;
        const N = lengths.reduce((a, b) => a + b, 0);
        const sequence = lengths.flatMap((n, i) => Array<number>(n).fill(i));
        const perResponse = lengths.map(() => 4 * random() - 2);
        const logp = Float32Array.from({ length: N }, () => -3 * random());
        const batch: TokenBatch = tokenBatch(lengths, {
          advantage: Float32Array.from(sequence, (i) => perResponse[i]),
          old_logp: logp.map((x) => x + random() - 0.5),
          logp,
        });
        const mask = Array<number>(N).fill(1);
        const aggregate = { mode, maxResponse: 6 };
        // GSPO's aggregation is forced by whoever calls verl's function, GMPO's inside it.
        const weight = referenceWeights(method.aggregate ?? mode, mask, sequence, 6);
        const { old_logp, advantage } = batch;
        const input = { logp, old_logp, advantage, mask, sequence, weight };
        const want = policies[policy](input, settings);

        const constants = tokenConstants([method], composed, batch, aggregate, values);
        const K = composed.columns.length;
        const column = (name: string, n: number, otherwise: number) => {
          const c = composed.columns.indexOf(name);
          return c < 0 ? otherwise : constants[K * n + c];
        };
        const weights = aggregateWeights(batch, aggregate);
        const f = termFunction(method, values);
        const token = (n: number) => ({
          ...{ logp: logp[n], old_logp: old_logp[n], advantage: advantage[n] },
          ...{ ref_logp: 0, entropy: 0, constant: column(id, n, 0) },
        });
        const terms = Array.from({ length: N }, (_, n) => f(token(n)));
        const factor = (n: number) => weights[sequence[n]] * column(OBJECTIVE_WEIGHT, n, 1);
        const loss = terms.reduce((sum, term, n) => sum + factor(n) * term.loss, 0);
        const gradient = terms.map((term, n) => factor(n) * term.d_logp);
        expectClose([loss], [want.loss], { rtol: 1e-5, atol: 1e-6, allowZero: true });
        expectClose(gradient, want.d_logp, { rtol: 1e-5, atol: 1e-6, allowZero: true });
        expect(terms.map((term) => term.bound === 1)).toEqual(want.clipped);
        acted += want.clipped.filter(Boolean).length;
      }),
    );
    if (policy !== 'kl_cov') expect(acted).toBeGreaterThan(10);
  });
});
