/** What tokens tell through training: means over seeds, drawn on the same axes for all arms. */
import { expect, test } from 'vitest';
import type { Means } from '../../src/core/gain_profile.ts';
import { PAPER } from '../../src/ui/charts/plot_marks.ts';
import { gainHistory, kindsOf } from '../../src/ui/gains/gain_history.ts';
import { dashOf, gainAxis, kindMarks, placeMarks } from '../../src/ui/gains/gain_plots.ts';
import type { ProbesEvent } from '../../src/ui/store.ts';

const means = (sign: number, result: number, parts: (number | null)[]): Means => ({
  kinds: [
    { kind: 'sign', mean: sign, tokens: 9 },
    { kind: 'partial result', mean: result, tokens: 4 },
  ],
  parts,
});
const event = (seed: number, step: number, own?: Means): ProbesEvent => ({
  ...{ type: 'probes', arm: 'a', seed, step, samples: [] },
  ...(own && { gains: { responses: 16, gains: { entropy: own, logp: means(7, 7, [7]) } } }),
});

test('means over the seeds with their spread, at steps where all of them were read', () => {
  const history = gainHistory(
    [
      [event(0, 0), event(0, 10, means(0, 1, [1, null])), event(0, 20, means(0.5, 2, [1, 2]))],
      // A turn behind: step 20 is still of seed 0 alone.
      [event(1, 0), event(1, 10, means(0, 2, [3, null]))],
    ],
    'entropy',
  );
  expect(history.map(({ step }) => step)).toEqual([10]);
  const [{ seeds, responses, parts, kinds }] = history;
  expect([seeds, responses]).toEqual([2, 16]);
  expect(parts[0]).toBe(2);
  expect(parts[1]).toBeNaN();
  expect(kinds.get('partial result')?.mean).toBe(1.5);
  expect(kinds.get('partial result')?.sd).toBeCloseTo(Math.SQRT1_2, 12);
});

test('the other gain is that of the right answer; one seed has no spread', () => {
  const [{ parts, kinds }] = gainHistory([[event(0, 0, means(0, 1, [1]))]], 'logp');
  expect(parts).toEqual([7]);
  expect(kinds.get('sign')).toEqual({ mean: 7, sd: Number.NaN });
  expect(gainHistory([[event(0, 0)], []], 'logp')).toEqual([]);
});

test('the axis is one for all arms and has room for both signs', () => {
  const history = gainHistory([[event(0, 0, means(-0.3, 1.2, [0.1]))]], 'entropy');
  const { domain } = gainAxis([history, []]);
  expect(domain[0]).toBeLessThanOrEqual(-0.3);
  expect(domain[1]).toBeGreaterThanOrEqual(1.2);
  expect(gainAxis([[], []]).domain[0]).toBe(0);
});

test('a curve for each of a few evaluations, the newest widest; a dash for each kind', () => {
  const steps = Array.from({ length: 20 }, (_, i) => 5 * i);
  const history = gainHistory(
    [steps.map((step) => event(0, step, means(0, step / 50, [0, null, step / 100])))],
    'entropy',
  );
  const box = { width: 240, height: 150, left: 38, right: 12, top: 8, bottom: 36 };
  const y = gainAxis([history]);
  const look = { box, y, newest: 100, paper: PAPER.light, scheme: 'light' as const };
  const curves = placeMarks(history, look).filter(({ attrs }) => 'stroke-linejoin' in attrs);
  expect(curves).toHaveLength(6);
  expect(curves.map(({ attrs }) => attrs['stroke-width'])).toEqual([1.5, 1.5, 1.5, 1.5, 1.5, 2.5]);
  expect(new Set(curves.map(({ attrs }) => attrs.stroke)).size).toBe(6);
  // A tenth without a token is passed over.
  expect(String(curves[0].attrs.d).match(/[ML]/g)).toHaveLength(2);
  expect(String(curves[0].attrs.d)).not.toContain('NaN');

  const marks = kindMarks(history, '#123456', look);
  const lines = marks.filter(({ attrs }) => attrs.stroke === '#123456');
  expect(lines.map(({ attrs }) => attrs['stroke-dasharray'] ?? '')).toEqual([dashOf(0), dashOf(1)]);
  expect(kindsOf(history)).toEqual(['sign', 'partial result']);
  // Ends where its newest evaluation is, left of the end of time.
  const dots = marks.filter(({ tag }) => tag === 'circle').map(({ attrs }) => Number(attrs.cx));
  expect(Math.max(...dots)).toBeCloseTo(38 + 190 * 0.95, 6);
});

test('one evaluation is dots without a line', () => {
  const history = gainHistory([[event(0, 0, means(0, 1, [1]))]], 'entropy');
  const box = { width: 240, height: 150, left: 38, right: 12, top: 8, bottom: 36 };
  const look = {
    box,
    y: gainAxis([history]),
    newest: 0,
    paper: PAPER.dark,
    scheme: 'dark' as const,
  };
  const marks = kindMarks(history, '#123456', look);
  expect(marks.filter(({ tag }) => tag === 'circle')).toHaveLength(2);
  expect(marks.filter(({ attrs }) => attrs.stroke === '#123456')).toEqual([]);
});
