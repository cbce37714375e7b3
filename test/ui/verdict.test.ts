import { describe, expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/index.ts';
import { overlaid } from '../../src/ui/runs/overlays.ts';
import { compare, pairsOf, verdictMetrics } from '../../src/ui/verdict/compare.ts';
import { difference, range, seedsAdvice, verdict } from '../../src/ui/verdict/words.ts';
import { shippedPreset } from './helpers.ts';
import { historyOf } from './helpers_curves.ts';

const nan = Number.NaN;
/** Entropy of arms a and b at steps 0 to 1, one pair of values a seed at step 1. */
function pairs(values: readonly [number, number][]) {
  const runs = values.flatMap(([a, b], seed) => [
    [`a/${seed}`, { entropy: [nan, a] }],
    [`b/${seed}`, { entropy: [nan, b] }],
  ]);
  return historyOf(Object.fromEntries(runs));
}

describe('compare', () => {
  test('paired over seeds: a shift that all seeds share is told although the seeds differ', () => {
    const history = pairs([
      [1.1, 1],
      [5.12, 5],
      [9.09, 9],
    ]);
    const found = compare(history, 'entropy', 'a', 'b', [0, 1, 2]);
    expect(found.outcome).toBe('higher');
    expect(found).toMatchObject({ n: 3, step: 1, stopped: 0 });
    // By hand: differences 0.10, 0.12, 0.09; sd 0.015275; t 4.3027.
    expect(found.mean).toBeCloseTo(0.103333, 5);
    expect(found.high - found.mean).toBeCloseTo((4.3027 * 0.0152753) / Math.sqrt(3), 5);
    expect(compare(history, 'entropy', 'b', 'a', [0, 1, 2]).outcome).toBe('lower');
    expect(verdict(found)).toBe('higher');
    expect(seedsAdvice(found)).toBe('');
  });

  test('an interval with zero in it: not yet distinguishable, and how many seeds may tell', () => {
    const history = pairs([
      [1.5, 1],
      [1.1, 1],
      [0.9, 1],
    ]);
    const found = compare(history, 'entropy', 'a', 'b', [0, 1, 2]);
    expect(verdict(found)).toBe('not yet distinguishable');
    expect(found.enough).toBeGreaterThan(3);
    expect(found.enough).toBeLessThanOrEqual(50);
    expect(seedsAdvice(found)).toBe(`likely enough: ${found.enough} seeds`);
    const even = compare(
      pairs([
        [2, 1],
        [1, 2.01],
      ]),
      'entropy',
      'a',
      'b',
      [0, 1],
    );
    expect(seedsAdvice(even)).toBe('likely enough: over 50 seeds');
  });

  test('one seed, no spread, nothing measured', () => {
    const one = compare(pairs([[2, 1]]), 'entropy', 'a', 'b', [0]);
    expect(verdict(one)).toBe('one seed: nothing can be said about chance');
    expect(range(one)).toBe('');
    expect(difference(one)).toBe('+1.000');
    const zero: [number, number] = [0.5, 0.5];
    expect(compare(pairs([zero, zero]), 'entropy', 'a', 'b', [0, 1]).outcome).toBe('same');
    // Differences that are equal but for the rounding of single precision.
    const rounded = pairs([
      [0.0078125, 0.9348958],
      [0.010416667, 0.9375],
      [0.0026041667, 0.9296875],
    ]);
    expect(compare(rounded, 'entropy', 'a', 'b', [0, 1, 2]).outcome).toBe('same');
    expect(compare(pairs([zero]), 'reward', 'a', 'b', [0]).outcome).toBe('none');
    // A seed whose turn has not come yet must not be left out silently.
    expect(compare(pairs([zero]), 'entropy', 'a', 'b', [0, 1]).outcome).toBe('none');
  });

  test('the last step that all pairs have; a stopped run is left out and counted', () => {
    const history = historyOf({
      'a/0': { eval_accuracy: [0.1, nan, 0.3, nan, 0.9] },
      'b/0': { eval_accuracy: [0.1, nan, 0.2, nan] },
      'a/1': { eval_accuracy: [0.1, nan, 0.4] },
      'b/1': { eval_accuracy: [0.1, nan, 0.2] },
      'a/2': { eval_accuracy: [0.1] },
      'b/2': { eval_accuracy: [0.1, nan, 0.2] },
    });
    expect(compare(history, 'eval_accuracy', 'a', 'b', [0, 1]).step).toBe(2);
    history.fail({ arm: 'a', seed: 2 }, 1, 'not finite');
    const found = compare(history, 'eval_accuracy', 'a', 'b', [0, 1, 2]);
    expect(found).toMatchObject({ step: 2, n: 2, stopped: 1 });
  });
});

test('with a kept run drawn over them, the live runs are compared as before', () => {
  const live = pairs([
    [1.1, 1],
    [5.12, 5],
  ]);
  const kept = pairs([[9, 1]]);
  const overlay = { id: 'k-1', name: 'kept', experiment: shippedPreset(), history: kept };
  const arms = overlay.experiment.arms.map((arm, i) => ({ ...arm, id: ['a', 'b', 'c'][i] }));
  const both = overlaid(live, [{ ...overlay, experiment: { ...overlay.experiment, arms } }]);
  const seeds = [0, 1];
  expect(compare(both, 'entropy', 'a', 'b', seeds)).toEqual(
    compare(live, 'entropy', 'a', 'b', seeds),
  );
  expect(both.completeStep([{ arm: 'a', seed: 0 }])).toBe(1);
  expect(both.run({ arm: 'RECk1_a', seed: 0 })?.length).toBe(2);
  expect(both.runs()).toHaveLength(6);
});

test('every two arms, the later one first', () => {
  expect(pairsOf(['none', 'naive', 'ib'])).toEqual([
    ['naive', 'none'],
    ['ib', 'none'],
    ['ib', 'naive'],
  ]);
});

describe('the difference and its interval have the same digits', () => {
  const written = (values: readonly [number, number][]) => {
    const seeds = values.map((_, seed) => seed);
    const found = compare(pairs(values), 'entropy', 'a', 'b', seeds);
    return [difference(found), range(found), found.outcome];
  };

  test.each<[string, [number, number][], string, string, string]>([
    // Means of 2.4e−5 and −2.4e−5 among seeds that differ by some thousandths.
    [
      'a difference far below what the seeds differ by is 0',
      [
        [0.5, 0.5],
        [0.604036, 0.6],
        [0.696036, 0.7],
      ],
      '0.000',
      '−0.010 to 0.010',
      'open',
    ],
    [
      'below zero, too',
      [
        [0.5, 0.5],
        [0.6, 0.604036],
        [0.7, 0.696036],
      ],
      '0.000',
      '−0.010 to 0.010',
      'open',
    ],
    [
      'as the values are written',
      [
        [21, 20.5],
        [22, 21.2],
        [18, 18.1],
      ],
      '+0.40',
      '−0.74 to 1.54',
      'open',
    ],
    [
      'more where an interval is narrow',
      [
        [0.500023, 0.5],
        [0.600025, 0.6],
        [0.700024, 0.7],
      ],
      '+0.000024',
      '0.000022 to 0.000026',
      'higher',
    ],
    [
      'an end near zero that is told apart from it',
      [
        [2.02, 1],
        [1.82, 1],
        [1.4235, 1],
      ],
      '+0.7545',
      '0.0003 to 1.5087',
      'higher',
    ],
    [
      'values far below a thousandth keep digits',
      [
        [0.00031, 0.0003],
        [0.00032, 0.00029],
      ],
      '+0.00002',
      '−0.00011 to 0.00015',
      'open',
    ],
    ['one seed alone', [[0.500024, 0.5]], '0.000', '', 'one'],
    ['hardly a value at all', [[2e-30, 1e-30]], '+1.0e−30', '', 'one'],
    ['large values as everywhere', [[12345, 45]], '+12.3k', '', 'one'],
  ])('%s', (_, values, mean, interval, outcome) => {
    expect(written(values)).toEqual([mean, interval, outcome]);
  });

  test('equal in every seed: no width that rounding made', () => {
    const values: [number, number][] = [
      [0.0078125, 0.9348958],
      [0.010416667, 0.9375],
      [0.0026041667, 0.9296875],
    ];
    expect(written(values)).toEqual(['−0.927', '−0.927 to −0.927', 'same']);
  });
});

test('no verdict says significant', () => {
  for (const outcome of ['none', 'one', 'same', 'open', 'higher', 'lower'] as const) {
    const blank = { n: 0, stopped: 0, step: 0, mean: 0, low: 0, high: 0, size: 0 };
    expect(verdict({ outcome, ...blank })).not.toMatch(/significan/i);
  }
});

test('a metric that is charted large stands in the table, at most six', () => {
  const usual = verdictMetrics([], 'chain_sum');
  expect(verdictMetrics(['entropy', 'grad_cosine'], 'chain_sum')).toEqual([
    ...usual,
    'grad_cosine',
  ]);
  const all = METRICS.map(({ id }) => id);
  expect(verdictMetrics(all, 'chain_sum')).toHaveLength(6);
  // What another task measures does not.
  expect(verdictMetrics(['think_share'], 'chain_sum')).toEqual(usual);
});
