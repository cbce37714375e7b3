// The bench's fit of how time grows, and its picture, on times of which the growth is known.
import { expect, test } from 'vitest';
import { AXES, fitsOf, type Point, scalingText, slope } from '../bench/scaling.ts';
import { scalingPlot } from '../bench/scaling_plot.ts';

// Linear but for attention, which is a third of the first step and quadratic.
const points: Point[] = AXES.flatMap(({ axis, values }) =>
  values.map((value) => {
    const n = value / (values[0] as number);
    const [own, rest] = axis === 'tokens' ? [n * n, 2 * n] : [n, 2 * n];
    return { axis, value, ms: own + rest, attention: own / (own + rest) };
  }),
);

test('slopes of powers, whatever their factor', () => {
  expect(slope([1, 2, 4, 8].map((x) => [x, 7 * x ** 1.5] as const))).toBeCloseTo(1.5, 10);
  expect(
    slope([
      [1, 1],
      [10, 100],
    ]),
  ).toBeCloseTo(2, 10);
});

test('attention is told from the rest', () => {
  const fits = new Map(fitsOf(points).map((fit) => [fit.axis, fit]));
  for (const axis of ['sequences', 'channels', 'layers'] as const) {
    expect(fits.get(axis)?.exponent).toBeCloseTo(1, 10);
    expect(fits.get(axis)?.attention).toBeCloseTo(1, 10);
  }
  const tokens = fits.get('tokens');
  expect(tokens?.attention).toBeCloseTo(2, 10);
  expect(tokens?.others).toBeCloseTo(1, 10);
  expect(tokens?.exponent).toBeGreaterThan(1.3);
  expect(tokens?.last).toBeGreaterThan(tokens?.exponent as number);
});

test('table and picture hold every point', () => {
  expect(scalingText({ points }).split('\n')).toHaveLength(2 + AXES.length);
  const svg = scalingPlot({ adapter: 'a <b> & c', clock: 'wall', points });
  expect(svg.match(/class="all-dot"/g)).toHaveLength(points.length);
  expect(svg).toContain('attention ∝ size^2.00');
  expect(svg).toContain('a &lt;b&gt; &amp; c');
  expect(svg).not.toContain('NaN');
});
