import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRIC_INDEX, METRICS } from '../../src/metrics/index.ts';
import { History } from '../../src/ui/history.ts';
import { basisOf, compare } from '../../src/ui/tour/comparison.ts';
import { ASKED, startOf, topOf } from '../../src/ui/tour/scale.ts';
import {
  distance,
  POINTS,
  SHAPES,
  type Shape,
  shapeOf,
  shapePoints,
} from '../../src/ui/tour/shapes.ts';
import { predictionKey } from '../../src/ui/tour/state.ts';
import { shippedPreset } from './helpers.ts';

const shapes = Object.keys(SHAPES) as Shape[];

describe('shapes', () => {
  test.each(shapes)('%s is recognized in its own points, on any scale', (shape) => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 100, noNaN: true }), (top) => {
        const points = shapePoints(shape, 0.25 * top, top);
        expect(points).toHaveLength(POINTS);
        expect(Math.min(...points)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...points)).toBeLessThanOrEqual(top);
        expect(shapeOf(points, top)).toBe(shape);
        expect(distance(points, points, [...points.keys()], POINTS - 1)).toBeCloseTo(0);
      }),
    );
  });

  test('a dip is named, noise is not a shape, few points say nothing', () => {
    expect(shapeOf([13, 9, 5, 4, 5, 9, 13, 14, 13], 40)).toBe('falls_rises');
    expect(shapeOf([0.5, 0.52, 0.49, 0.51, 0.5, 0.5], 1)).toBe('stays');
    expect(shapeOf([0, 1, 2], 2)).toBeUndefined();
  });
});

describe('comparison', () => {
  const experiment = shippedPreset();
  const history = new History();
  const rows = 40;
  for (const { id } of experiment.arms) {
    for (const seed of experiment.seeds) {
      const values = new Float32Array(rows * METRICS.length).fill(Number.NaN);
      for (let step = 0; step < rows; step++) {
        const at = (metric: keyof typeof METRIC_INDEX) =>
          step * METRICS.length + METRIC_INDEX[metric];
        values[at('entropy')] = id === 'naive' ? 0.5 + 0.04 * step : 0.5 * 0.9 ** step;
        if (step % 10 === 0) values[at('eval_accuracy')] = 0.1 + 0.02 * step;
      }
      history.append({ arm: id, seed }, 0, values);
    }
  }

  test('scales are what the task allows, starts are measured', () => {
    expect(ASKED.map((metric) => topOf(metric, experiment))).toEqual([1, Math.log(15), 40]);
    expect(startOf('entropy', experiment, history)).toBeCloseTo(0.5);
    expect(startOf('response_length', experiment, history)).toBe(8);
  });

  test('says what was said, what was measured, and whether they agree', () => {
    const top = topOf('entropy', experiment);
    const of = (by: Shape | 'drawn', shape: Shape) => ({
      by,
      points: shapePoints(shape, 0.5, top),
    });
    const [accuracy, entropy, length] = compare(experiment, history, {
      [predictionKey('entropy', 'naive')]: of('rises', 'rises'),
      [predictionKey('entropy', 'ib')]: of('drawn', 'rises_falls'),
    });
    const [none, naive, ib] = entropy.lines;
    expect(none).toMatchObject({ text: 'Measured: falls, from about 0.475 to 0.009.' });
    expect(none.isRight).toBeUndefined();
    expect(naive.text).toMatch(
      /^You said: rises\. Measured: rises, from about 0\.520 to 2\.020\.$/,
    );
    expect(naive.isRight).toBe(true);
    expect(ib.text).toMatch(
      /^You drew: rises, then falls\. Measured: falls.* nats away on average\.$/,
    );
    expect(ib.isRight).toBe(false);
    expect(accuracy.lines[0].text).toBe('Too few points to say.');
    expect(length.lines[0].text).toBe('Too few points to say.');
    expect(basisOf(experiment, history)).toBe(
      'Up to step 39 of 100. Means of 3 seeds; other seeds may differ.',
    );
  });
});
