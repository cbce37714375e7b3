/** What can be said of two arms by one metric: the paired difference over seeds at the last step both have. Pure. */
import { pairsLikelyEnough, sampleSd } from '../../core/stats.ts';
import { METRIC_INDEX, type MetricId, metricsOf } from '../../metrics/index.ts';
import type { History } from '../history.ts';
import { interval } from '../interval.ts';

/** Beyond this many seeds no promise is made. */
export const MOST_SEEDS = 50;

const VERDICT_METRICS: readonly MetricId[] = [
  'eval_accuracy',
  'entropy',
  'response_length',
  'p_eos',
];

/** Columns that a table on a laptop can hold. */
const MOST_METRICS = 6;

/** Those that always stand there, and others that are charted large. */
export function verdictMetrics(large: readonly string[], task: string): MetricId[] {
  const others = metricsOf(task)
    .map(({ id }) => id)
    .filter((id) => large.includes(id) && !VERDICT_METRICS.includes(id));
  return [...VERDICT_METRICS, ...others].slice(0, MOST_METRICS);
}

export type Outcome =
  /** The whole interval is on one side of zero. */
  | 'higher'
  | 'lower'
  /** The interval contains zero. */
  | 'open'
  /** Only one pair: no interval. */
  | 'one'
  /** Every pair differs by exactly the same: no spread to judge by. */
  | 'same'
  /** No step that both have. */
  | 'none';

export interface Comparison {
  outcome: Outcome;
  /** Pairs of runs, one a seed. */
  n: number;
  /** Seeds left out because one of the two runs stopped. */
  stopped: number;
  step: number;
  mean: number;
  low: number;
  high: number;
  /** Of the largest value that is compared. */
  size: number;
  /** Seeds that would likely be enough when `open`; undefined when more than MOST_SEEDS. */
  enough?: number;
}

/** a − b, at the last step at which every pair has been measured. */
export function compare(
  history: History,
  metric: MetricId,
  a: string,
  b: string,
  seeds: readonly number[],
): Comparison {
  const all = seeds.flatMap((seed) => {
    const [left, right] = [history.run({ arm: a, seed }), history.run({ arm: b, seed })];
    return left && right ? [{ left, right }] : [];
  });
  const pairs = all.filter(({ left, right }) => !left.failed && !right.failed);
  const stopped = all.length - pairs.length;
  const nothing = { mean: Number.NaN, low: Number.NaN, high: Number.NaN, size: Number.NaN };
  const index = METRIC_INDEX[metric];
  const valuesAt = (step: number) =>
    pairs.map(({ left, right }) => [left.columns[index][step], right.columns[index][step]]);
  const differencesAt = (step: number) => valuesAt(step).map(([a, b]) => a - b);
  let step = Math.min(...pairs.flatMap(({ left, right }) => [left.length, right.length])) - 1;
  // Pairs of seeds that have not begun yet count as not measured.
  const isWhole = pairs.length > 0 && all.length === seeds.length;
  while (isWhole && step >= 0 && !differencesAt(step).every(Number.isFinite)) step--;
  if (!isWhole || step < 0) return { outcome: 'none', n: 0, stopped, step: -1, ...nothing };
  const differences = differencesAt(step);
  const { n, mean, low, high } = interval(differences);
  const size = Math.max(...valuesAt(step).flat().map(Math.abs));
  const result = { n, stopped, step, mean, low, high, size };
  if (n === 1) return { outcome: 'one', ...result };
  const sd = sampleSd(differences);
  // Values are stored in single precision: equal differences differ by their rounding.
  if (sd <= 1e-6 * size) return { outcome: 'same', ...result };
  if (low > 0 || high < 0) return { outcome: low > 0 ? 'higher' : 'lower', ...result };
  return { outcome: 'open', ...result, enough: pairsLikelyEnough(mean, sd, MOST_SEEDS) };
}

/** Every two arms, the later one first: what was added, against what was there. */
export function pairsOf<T>(arms: readonly T[]): [T, T][] {
  return arms.flatMap((b, i) => arms.slice(i + 1).map((a): [T, T] => [a, b]));
}
