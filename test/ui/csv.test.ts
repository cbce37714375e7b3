import { describe, expect, test } from 'vitest';
import { METRICS, metricsOf } from '../../src/metrics/index.ts';
import { curvesFromCsv, curvesToCsv } from '../../src/ui/csv.ts';
import { History } from '../../src/ui/history.ts';

const headerOf = (task: string) =>
  ['arm', 'seed', 'step', ...metricsOf(task).map((metric) => metric.id)].join(',');
const header = headerOf('guess_or_think');

function sample(): History {
  const history = new History();
  for (const seed of [0, 7]) {
    const block = Float32Array.from({ length: 3 * METRICS.length }, (_, i) =>
      i % 5 === 0 ? Number.NaN : (i + seed) / 3,
    );
    history.append({ arm: 'naive', seed }, 0, block);
  }
  return history;
}

describe('curves as CSV', () => {
  test('columns: arm, seed, step, then the metric ids', () => {
    expect(curvesToCsv(sample(), 'guess_or_think').split('\n')[0]).toBe(header);
  });

  test('a task does not have the columns of another', () => {
    const [first, ...lines] = curvesToCsv(sample(), 'chain_sum').trim().split('\n');
    expect(first).toBe(headerOf('chain_sum'));
    expect(first).not.toContain('think_share');
    for (const line of lines) expect(line.split(',')).toHaveLength(first.split(',').length);
  });

  test('come back bit for bit', () => {
    const before = sample();
    const after = curvesFromCsv(curvesToCsv(before, 'guess_or_think'), ['naive']);
    expect(after.runs().map(({ arm, seed, length }) => [arm, seed, length])).toEqual([
      ['naive', 0, 3],
      ['naive', 7, 3],
    ]);
    after.runs().forEach((run, r) => {
      run.columns.forEach((column, m) => {
        expect([...column.subarray(0, 3)]).toEqual([...before.runs()[r].columns[m].subarray(0, 3)]);
      });
    });
  });

  test('other orders and unknown columns are read', () => {
    const text = 'step,extra,entropy,seed,arm\r\n0,x,0.5,3,ib\r\n1,x,,3,ib\r\n';
    const history = curvesFromCsv(text, ['ib']);
    expect([...history.means('ib', 'entropy')]).toEqual([0.5, Number.NaN]);
  });

  test.each([
    ['', 'curves.csv line 1: must have the columns arm, seed and step, got ""'],
    ['arm,seed,step\n', 'curves.csv: must have a line of values, got none'],
    ['arm,seed,step\nib,0\n', 'curves.csv line 2: must have 3 cells, got 2'],
    ['arm,seed,step\nother,0,0\n', 'curves.csv line 2: arm must be one of ib, got "other"'],
    ['arm,seed,step\nib,-1,0\n', 'curves.csv line 2: seed must be a whole number from 0, got "-1"'],
    [
      'arm,seed,step\nib,0,1e9\n',
      'curves.csv line 2: step must be a whole number from 0, got "1e9"',
    ],
    [
      'arm,seed,step,entropy\nib,0,0,high\n',
      'curves.csv line 2: entropy must be a number or empty, got "high"',
    ],
  ])('refuses %j', (text, message) => {
    expect(() => curvesFromCsv(text, ['ib'])).toThrow(message);
  });
});
