import { describe, expect, test } from 'vitest';
import { METRIC_INDEX, METRICS } from '../../src/metrics/index.ts';
import { stepAxis } from '../../src/ui/charts/axis.ts';
import { chartData } from '../../src/ui/charts/chart_data.ts';
import { drawnAs, settingsNote } from '../../src/ui/charts/notes.ts';
import { curvePicture } from '../../src/ui/charts/picture.ts';
import { PAPER } from '../../src/ui/charts/plot_marks.ts';
import { chartCsv } from '../../src/ui/charts/save.ts';
import { toSvg, wrap } from '../../src/ui/charts/scene.ts';
import { shippedPreset } from './helpers.ts';
import { historyOf } from './helpers_curves.ts';

const nan = Number.NaN;
const history = historyOf({
  'a/0': { entropy: [nan, 1, 2], response_length: [nan, 5, 5], tokens_per_second: [nan, 10, 20] },
  'a/1': { entropy: [nan, 2, 4], response_length: [nan, 5, 5], tokens_per_second: [nan, 10, 20] },
});

describe('curvePicture', () => {
  const arm = { id: 'a', name: 'one & <two>', stroke: '#0b6bb0', dash: '8 4', color: 0 };
  const svg = curvePicture({
    title: 'entropy',
    arms: [arm],
    xName: 'step',
    yName: 'nats',
    notes: ['The caption.', settingsNote(shippedPreset(), 'Measured live by Entroscope.')],
    paper: PAPER.light,
    data: chartData(history, METRICS[METRIC_INDEX.entropy], ['a']),
    x: stepAxis(2),
    isLog: false,
  });

  test('carries title, legend, caption and settings in the picture', () => {
    expect(svg).toContain('<title>entropy</title>');
    expect(svg).toContain('>one &amp; &lt;two&gt;</text>');
    expect(svg).toContain('>The caption.</text>');
    expect(svg).toMatch(/task chain_sum, model nano/);
    expect(svg).toMatch(/seeds 0, 1, 2/);
    expect(svg).toContain('>nats</text>');
  });

  test('needs no style sheet and nothing from outside', () => {
    expect(svg).not.toMatch(/class=|style=|var\(|href|<script|url\(/);
    expect(svg).toContain('stroke-dasharray="8 4"');
  });

  test('is well-formed, with finite numbers', () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const tags = [...svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)];
    const open: string[] = [];
    for (const [, closing, name, empty] of tags) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
    }
    expect(open).toEqual([]);
  });
});

test('texts are escaped, control characters left out', () => {
  const svg = toSvg([], 10, 10, { title: 'a\u0001"<&>', description: '' });
  expect(svg).toContain('<title>a&quot;&lt;&amp;&gt;</title>');
});

test('wrap breaks between words', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrap('', 8)).toEqual([]);
});

test('chartCsv: values as measured, with tokens and seconds', () => {
  expect(chartCsv(history, ['entropy'], ['a'], 4)).toBe(
    [
      'arm,seed,step,tokens,seconds,entropy',
      'a,0,1,20,2,1',
      'a,0,2,40,3,2',
      'a,1,1,20,2,2',
      'a,1,2,40,3,4',
      '',
    ].join('\n'),
  );
});

test('how a line came about', () => {
  expect(drawnAs({ window: 5, spread: 'band' }, 3)).toBe(
    'Line: mean of 3 seeds. Band: 95 % t-interval of the mean. Each seed smoothed over 5 steps.',
  );
  expect(drawnAs({ window: 1, spread: 'seeds' }, 1)).toMatch(/no word on chance/);
});
