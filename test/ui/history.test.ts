import { describe, expect, test, vi } from 'vitest';
import { METRIC_INDEX, METRICS } from '../../src/metrics/index.ts';
import { chartData, MAX_POINTS } from '../../src/ui/charts/chart_data.ts';
import { keepExtremes } from '../../src/ui/decimate.ts';
import { History } from '../../src/ui/history.ts';

/** Rows that hold one metric and nothing else. */
function rows(metric: 'entropy' | 'eval_accuracy', values: readonly number[]): Float32Array {
  const block = new Float32Array(values.length * METRICS.length).fill(Number.NaN);
  values.forEach((value, row) => {
    block[row * METRICS.length + METRIC_INDEX[metric]] = value;
  });
  return block;
}

const run = (seed: number, arm = 'none') => ({ arm, seed });
const ENTROPY = METRICS[METRIC_INDEX.entropy];

describe('keepExtremes', () => {
  test('short curves stay whole, without what was not measured', () => {
    expect(keepExtremes([1, Number.NaN, 3], 4)).toEqual([0, 2]);
  });

  test('keeps ends and spikes of a long curve', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 500));
    values[4321] = 50;
    values[7777] = -50;
    const kept = keepExtremes(values, 100);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept).toEqual(expect.arrayContaining([0, 4321, 7777, 9999]));
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  });
});

describe('History', () => {
  test('appends blocks, grows, and gives values back by step', () => {
    const history = new History();
    const values = Float32Array.from({ length: 500 }, (_, i) => i / 7);
    for (let i = 0; i < 500; i += 50) {
      history.append(run(0), i, rows('entropy', [...values.subarray(i, i + 50)]));
    }
    expect(history.lastStep()).toBe(499);
    expect(history.means('none', 'entropy')).toEqual(values);
    expect(history.at('none', 'accuracy', 3)).toBeUndefined();
  });

  test('means stop where the slowest running seed is', () => {
    const history = new History();
    history.append(run(0), 0, rows('entropy', [1, 2, 3]));
    history.append(run(1), 0, rows('entropy', [3, 4]));
    expect([...history.means('none', 'entropy')]).toEqual([2, 3]);
  });

  test('a failed seed keeps its values and no longer holds the others back', () => {
    const history = new History();
    history.append(run(0), 0, rows('entropy', [1, 2, 3]));
    history.append(run(1), 0, rows('entropy', [3]));
    history.fail(run(1), 1, 'NaN');
    expect([...history.means('none', 'entropy')]).toEqual([2, 2, 3]);
    expect(history.at('none', 'entropy', 0)?.n).toBe(2);
  });

  test('a resumed run replaces rows', () => {
    const history = new History();
    history.append(run(0), 0, rows('entropy', [1, 2, 9]));
    history.append(run(0), 2, rows('entropy', [3, 4]));
    expect([...history.means('none', 'entropy')]).toEqual([1, 2, 3, 4]);
  });

  test('readers hear once per flush', () => {
    const history = new History();
    const listener = vi.fn();
    const stop = history.subscribe(listener);
    history.append(run(0), 0, rows('entropy', [1]));
    history.append(run(1), 0, rows('entropy', [1]));
    expect(listener).not.toHaveBeenCalled();
    history.flush();
    history.flush();
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    history.clear();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(history.version).toBe(2);
  });

  test('refuses a block that is no whole number of rows', () => {
    expect(() => new History().append(run(0), 0, new Float32Array(3))).toThrow(/need rows of/);
  });
});

describe('chartData', () => {
  test('at most 300 points, a band with two seeds, none with one', () => {
    const history = new History();
    const values = Array.from({ length: 2000 }, (_, i) => 1 + Math.sin(i / 40));
    for (const arm of ['a', 'b', 'c']) {
      history.append(run(0, arm), 0, rows('entropy', values));
      if (arm !== 'c')
        history.append(
          run(1, arm),
          0,
          rows(
            'entropy',
            values.map((v) => v + 0.1),
          ),
        );
    }
    const { rows: drawn, y } = chartData(history, ENTROPY, ['a', 'b', 'c']);
    expect(drawn.length).toBeLessThanOrEqual(MAX_POINTS);
    expect(drawn.length).toBeGreaterThan(50);
    expect(drawn[0].x).toBe(0);
    expect(drawn[drawn.length - 1].x).toBe(1999);
    expect(drawn[5].band_a).toHaveLength(2);
    expect(drawn[5].band_c).toBeUndefined();
    expect(y.domain[0]).toBe(0);
    expect(y.domain[1]).toBeGreaterThanOrEqual(2.1);
  });

  test('evaluations stand only at their steps', () => {
    const history = new History();
    const some = [0.1, Number.NaN, Number.NaN, 0.4];
    history.append(run(0), 0, rows('eval_accuracy', some));
    const { rows: drawn } = chartData(history, METRICS[METRIC_INDEX.eval_accuracy], ['none']);
    expect(drawn.map((row) => row.x)).toEqual([0, 3]);
  });
});

test('a run that is gone on with and passes where it stopped is no stopped run', () => {
  const history = new History();
  history.append(run(0), 0, rows('entropy', [1, 2, 3]));
  history.fail(run(0), 3, 'loss: must be finite');
  // What was measured before it stopped may come a little later.
  history.append(run(0), 3, rows('entropy', [4]));
  expect(history.run(run(0))?.failed).toMatchObject({ step: 3 });
  history.append(run(0), 4, rows('entropy', [5]));
  expect(history.run(run(0))?.failed).toBeUndefined();
});
