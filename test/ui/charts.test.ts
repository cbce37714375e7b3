import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRIC_INDEX, METRICS } from '../../src/metrics/index.ts';
import { logAxis, partAxis, stepAxis } from '../../src/ui/charts/axis.ts';
import { chartData, PLAIN } from '../../src/ui/charts/chart_data.ts';
import { MAX_PHASE_POINTS, phasePath } from '../../src/ui/charts/phase_data.ts';
import { rampColor } from '../../src/ui/charts/ramp.ts';
import { chartCsv } from '../../src/ui/charts/save.ts';
import { spreadLabels } from '../../src/ui/charts/spread_labels.ts';
import { armPositions, reach, runPositions, stepAt } from '../../src/ui/charts/x_axis.ts';
import { clampDomain, pan, seenPart, zoomAround } from '../../src/ui/charts/zoom.ts';
import { smooth } from '../../src/ui/smooth.ts';
import { historyOf } from './helpers_curves.ts';

const ENTROPY = METRICS[METRIC_INDEX.entropy];
const nan = Number.NaN;

describe('smooth', () => {
  test('the mean around each step, cut off alike on both sides at the ends', () => {
    const values = Float32Array.from([0, 3, 6, 3, 0]);
    expect([...smooth(values, 3)]).toEqual([0, 3, 4, 3, 0]);
    expect([...smooth(values, 1)]).toEqual([...values]);
  });

  test('a straight line stays where it is, to both ends', () => {
    const line = Float32Array.from({ length: 30 }, (_, i) => 2 * i);
    expect([...smooth(line, 11)]).toEqual([...line]);
  });

  test('makes up nothing where nothing was measured', () => {
    const some = Float32Array.from([nan, 1, nan, 5, nan]);
    expect([...smooth(some, 3)]).toEqual([nan, 1, nan, 5, nan]);
    expect([...smooth(Float32Array.from([nan, 1, nan, 5, nan, 9]), 5)]).toEqual([
      ...[nan, 1, nan, 5, nan, 9],
    ]);
  });
});

describe('chartData', () => {
  test('smooths first and thins out afterwards: one spike is averaged, not kept', () => {
    const entropy = new Array(2000).fill(1);
    entropy[1000] = 12;
    const history = historyOf({ 'a/0': { entropy } });
    const top = (window: number) =>
      Math.max(
        ...chartData(history, ENTROPY, ['a'], { ...PLAIN, window }).rows.map(
          (row) => row.mean_a as number,
        ),
      );
    expect(top(1)).toBe(12);
    expect(top(11)).toBeCloseTo(2, 5);
  });

  test('each seed is smoothed before the interval is taken', () => {
    const wild = (sign: number) => Array.from({ length: 101 }, (_, i) => 1 + sign * (-1) ** i);
    const history = historyOf({ 'a/0': { entropy: wild(1) }, 'a/1': { entropy: wild(-1) } });
    const rows = (window: number) => chartData(history, ENTROPY, ['a'], { ...PLAIN, window }).rows;
    const width = (window: number) => {
      const [low, high] = rows(window)[50].band_a as [number, number];
      return high - low;
    };
    expect(width(25)).toBeLessThan(width(1) / 10);
  });

  test('zoom: only what is in view, with one value beyond each end, and more of it', () => {
    const entropy = Array.from({ length: 3000 }, (_, i) => Math.sin(i * 1.7));
    const history = historyOf({ 'a/0': { entropy } });
    const { rows } = chartData(history, ENTROPY, ['a'], { ...PLAIN, zoom: [1000, 1100] });
    expect(rows[0].x).toBe(999);
    expect(rows[rows.length - 1].x).toBe(1101);
    expect(rows).toHaveLength(103);
  });

  test('a line for each seed, by tokens', () => {
    const columns = { entropy: [nan, 1, 2], response_length: [nan, 10, 20] };
    const history = historyOf({ 'a/0': columns, 'a/1': { ...columns, entropy: [nan, 3, 4] } });
    const { rows, seeds } = chartData(history, ENTROPY, ['a'], {
      ...PLAIN,
      scale: { by: 'tokens', batch: 4 },
      spread: 'seeds',
    });
    expect(seeds).toEqual([
      { arm: 'a', seed: 0 },
      { arm: 'a', seed: 1 },
    ]);
    expect(rows).toEqual([
      { x: 40, seed_a_0: 1, seed_a_1: 3 },
      { x: 120, seed_a_0: 2, seed_a_1: 4 },
    ]);
  });

  test('by tokens each seed stands where it is itself, and the axis holds all of them', () => {
    const history = historyOf({
      'a/0': { entropy: [nan, 1, 2], response_length: [nan, 10, 20] },
      'a/1': { entropy: [nan, 3, 4], response_length: [nan, 30, 50] },
    });
    const scale = { by: 'tokens', batch: 2 } as const;
    const { rows } = chartData(history, ENTROPY, ['a'], { ...PLAIN, scale, spread: 'seeds' });
    expect(rows).toEqual([
      { x: 20, seed_a_0: 1 },
      { x: 60, seed_a_0: 2, seed_a_1: 3 },
      { x: 160, seed_a_1: 4 },
    ]);
    expect(reach(history, ['a'], scale)).toBe(160);
    // The mean has a place of its own, between them.
    const band = chartData(history, ENTROPY, ['a'], { ...PLAIN, scale });
    expect(band.rows.map(({ x }) => x)).toEqual([40, 110]);
  });

  test('a logarithmic axis leaves out what it has no place for, and says how much', () => {
    const history = historyOf({ 'a/0': { entropy: [0, 0.1, 1] } });
    const data = chartData(history, ENTROPY, ['a'], { ...PLAIN, isLog: true });
    expect(data.rows.filter((row) => 'mean_a' in row).map((row) => row.x)).toEqual([1, 2]);
    expect(data.dropped).toBe(1);
    expect(data.y.domain[0]).toBeGreaterThan(0);
  });
});

describe('axes', () => {
  test('logarithmic: powers of ten, or 1, 2 and 5 where there are few', () => {
    expect(logAxis(0.0003, 40).ticks).toEqual([0.0001, 0.001, 0.01, 0.1, 1, 10, 100]);
    expect(logAxis(0.3, 4)).toEqual({ domain: [0.2, 5], ticks: [0.2, 0.5, 1, 2, 5] });
    expect(logAxis(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).domain[0]).toBeGreaterThan(
      0,
    );
  });

  test('logarithmic: always holds its values', () => {
    const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { domain, ticks } = logAxis(low, high);
        expect(domain[0]).toBeLessThanOrEqual(low * (1 + 1e-8));
        expect(domain[1]).toBeGreaterThanOrEqual(high * (1 - 1e-8));
        expect(ticks.length).toBeLessThanOrEqual(8);
      }),
    );
  });

  test('steps: whole ones in between, and the last', () => {
    expect(stepAxis(12, 5).ticks).toEqual([0, 5, 10, 12]);
    expect(stepAxis(100, 4).ticks).toEqual([0, 25, 50, 75, 100]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 2, max: 6 }), (last, n) => {
        const { ticks } = stepAxis(last, n);
        expect(ticks.every(Number.isInteger)).toBe(true);
        expect(ticks.at(-1)).toBe(last);
      }),
    );
  });

  test('a part: its ends stay, ticks are round', () => {
    expect(partAxis([13, 47])).toEqual({ domain: [13, 47], ticks: [20, 30, 40] });
  });
});

describe('zoom', () => {
  const whole = [0, 100] as const;
  test('stays inside the whole and no narrower than allowed', () => {
    expect(clampDomain([-20, 30], whole, 4)).toEqual([0, 50]);
    expect(clampDomain([98, 99], whole, 4)).toEqual([96, 100]);
    expect(clampDomain([60, 20], whole, 4)).toEqual([20, 60]);
    expect(clampDomain([-5, 120], whole, 4)).toBeUndefined();
  });

  test('what is under the crosshair stays there', () => {
    const [from, to] = zoomAround([0, 100], 25, 0.5);
    expect([from, to]).toEqual([12.5, 62.5]);
    expect((25 - from) / (to - from)).toBe(0.25);
    expect(pan([20, 40], 0.25)).toEqual([25, 45]);
  });
});

test('the crosshair stays in view, also where the curves have not come to it', () => {
  expect(seenPart([0, 60], [0, 12])).toEqual([0, 12]);
  expect(seenPart([10, 20], [0, 60])).toEqual([10, 20]);
  // Zoomed, and then back to the base.
  expect(seenPart([40, 60], [0, 1])).toEqual([40, 60]);
});

describe('positions', () => {
  const columns = { response_length: [nan, 10, 20, 30], tokens_per_second: [nan, 100, 50, 60] };
  const history = historyOf({
    'a/0': columns,
    'a/1': { ...columns, response_length: [nan, 20, 20, 20] },
    'b/0': { entropy: [1, 2, 3] },
  });

  test('tokens are lengths times the batch, seconds are tokens by the measured speed', () => {
    const run = history.run({ arm: 'a', seed: 0 }) ?? expect.fail('no run');
    expect([...runPositions(run, { by: 'step', batch: 5 })]).toEqual([0, 1, 2, 3]);
    expect([...runPositions(run, { by: 'tokens', batch: 5 })]).toEqual([0, 50, 150, 300]);
    expect([...runPositions(run, { by: 'seconds', batch: 5 })]).toEqual([0, 0.5, 2.5, 5]);
  });

  test('an arm stands at the mean of its seeds; what was not measured has no place', () => {
    expect([...armPositions(history, 'a', { by: 'tokens', batch: 5 })]).toEqual([0, 75, 175, 300]);
    expect([...armPositions(history, 'b', { by: 'tokens', batch: 5 })]).toEqual([0, nan, nan]);
    expect(reach(history, ['a', 'b'], { by: 'tokens', batch: 5 })).toBe(300);
  });

  test('a fork goes on from where its source was; before it has no place', () => {
    const fork = (from: readonly number[], more: number[]) => [nan, nan, from[2], ...more];
    const forked = historyOf({
      'a/0': columns,
      'fork/0': {
        response_length: fork(columns.response_length, [40, 2]),
        tokens_per_second: fork(columns.tokens_per_second, [100, 10]),
      },
    });
    const xs = armPositions(forked, 'fork', { by: 'tokens', batch: 5 });
    expect([...xs]).toEqual([-Infinity, -Infinity, 150, 350, 360]);
    expect([...armPositions(forked, 'fork', { by: 'seconds', batch: 5 })].slice(2)).toEqual([
      2.5, 4.5, 5.5,
    ]);
    expect([100, 150, 355, 1e9].map((x) => stepAt(xs, x))).toEqual([1, 2, 3, 4]);
    const options = { ...PLAIN, scale: { by: 'tokens', batch: 5 } } as const;
    const { rows } = chartData(forked, METRICS[METRIC_INDEX.response_length], ['fork'], options);
    expect(rows.map(({ x }) => x)).toEqual([150, 350, 360]);
    expect(chartCsv(forked, ['response_length'], ['fork'], 5).split('\n')[1]).toBe(
      'fork,0,2,150,2.5,20',
    );
  });

  test('the step at or before a place', () => {
    const xs = Float64Array.from([0, 75, 175, 300]);
    expect([-1, 0, 74, 75, 200, 1e9].map((x) => stepAt(xs, x))).toEqual([-1, 0, 0, 1, 2, 3]);
  });
});

describe('phase plots', () => {
  const phase = { x: 'entropy', y: 'accuracy' } as const;

  test('only steps where both were measured, in order of time', () => {
    const history = historyOf({
      'a/0': { entropy: [1, nan, 3, 4], accuracy: [nan, 0.2, 0.3, 0.4] },
    });
    const path = phasePath(history, phase, 'a', 1);
    expect(path.map(({ step }) => step)).toEqual([2, 3]);
    expect(path[0].x).toBe(3);
    expect(path[0].y).toBeCloseTo(0.3, 6);
  });

  test('thinned out to evenly spaced steps, both ends kept', () => {
    const column = Array.from({ length: 1000 }, (_, i) => i / 1000);
    const history = historyOf({ 'a/0': { entropy: column, accuracy: column } });
    const path = phasePath(history, phase, 'a', 1);
    expect(path.length).toBeLessThanOrEqual(MAX_PHASE_POINTS + 1);
    expect([path[0].step, path[path.length - 1].step]).toEqual([0, 999]);
  });

  test('the ramp goes one way in lightness and has 3:1 against the page', () => {
    for (const [scheme, page] of [
      ['light', '#ffffff'],
      ['dark', '#171c22'],
    ] as const) {
      const shades = Array.from({ length: 21 }, (_, i) => luminance(rampColor(i / 20, scheme)));
      for (let i = 1; i < shades.length; i++) {
        const change = shades[i] - shades[i - 1];
        expect(scheme === 'light' ? change : -change).toBeLessThan(0);
      }
      for (const shade of shades) {
        const [low, high] = [shade, luminance(page)].sort((a, b) => a - b);
        expect((high + 0.05) / (low + 0.05)).toBeGreaterThanOrEqual(3);
      }
    }
  });
});

/** Relative luminance as WCAG defines it. */
function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(color.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe('spreadLabels', () => {
  test('moves apart only what would overlap', () => {
    expect(spreadLabels([10, 50], 12, 0, 100)).toEqual([10, 50]);
    expect(spreadLabels([50, 48, 52], 12, 0, 100)).toEqual([60, 48, 72]);
  });

  test('keeps labels inside', () => {
    expect(spreadLabels([99, 98], 12, 0, 100)).toEqual([100, 88]);
    expect(spreadLabels([-5, 0], 12, 0, 100)).toEqual([0, 12]);
  });
});
