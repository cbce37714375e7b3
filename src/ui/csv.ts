/** Curves as text: `arm,seed,step,` then the metric ids, one line per run and step. The command line writes the same. */
import type { RunId } from '../core/experiment.ts';
import { csvHeader, csvRow } from '../metrics/columns.ts';
import { METRICS } from '../metrics/index.ts';
import { History } from './history.ts';

/** @param task whose metrics are the columns */
export function curvesToCsv(history: History, task: string): string {
  const lines = [csvHeader(task)];
  for (const run of history.runs()) {
    for (let step = 0; step < run.length; step++) {
      const values = run.columns.map((column) => column[step] ?? Number.NaN);
      lines.push(csvRow(task, run, step, values));
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Reads curves back. Columns may stand in any order; unknown ones are passed over.
 * @param arms ids that the experiment beside the file has
 * @throws {RangeError} `curves.csv line n: what must hold, got what`
 */
export function curvesFromCsv(text: string, arms: readonly string[]): History {
  const [first = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = first.split(',').map((name) => name.trim());
  const missing = ['arm', 'seed', 'step'].filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new RangeError(
      `curves.csv line 1: must have the columns arm, seed and step, got "${first.slice(0, 80)}"`,
    );
  }
  const [armAt, seedAt, stepAt] = ['arm', 'seed', 'step'].map((name) => names.indexOf(name));
  const metricAt = METRICS.map((metric) => names.indexOf(metric.id));
  const history = new History();
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const where = `curves.csv line ${index + 2}`;
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length !== names.length) {
      throw new RangeError(`${where}: must have ${names.length} cells, got ${cells.length}`);
    }
    const arm = cells[armAt];
    if (!arms.includes(arm)) {
      throw new RangeError(`${where}: arm must be one of ${arms.join(', ')}, got "${arm}"`);
    }
    const run: RunId = { arm, seed: whole(where, 'seed', cells[seedAt], 2 ** 32) };
    const step = whole(where, 'step', cells[stepAt], 1e6);
    const row = metricAt.map((at) => (at < 0 ? Number.NaN : number(where, names[at], cells[at])));
    history.append(run, step, Float32Array.from(row));
  });
  if (history.runs().length === 0)
    throw new RangeError('curves.csv: must have a line of values, got none');
  history.flush();
  return history;
}

function whole(where: string, name: string, text: string, most: number): number {
  const value = number(where, name, text);
  if (Number.isInteger(value) && value >= 0 && value < most) return value;
  throw new RangeError(`${where}: ${name} must be a whole number from 0, got "${text}"`);
}

function number(where: string, name: string, text: string): number {
  if (text === '' || text === 'NaN') return Number.NaN;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new RangeError(`${where}: ${name} must be a number or empty, got "${text}"`);
}
