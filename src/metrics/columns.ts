/** Curves as a table: the CSV that the command line and the page write and the page reads again. */
import type { RunId } from '../core/experiment.ts';
import { METRICS } from './index.ts';

export const CSV_COLUMNS: readonly string[] = ['arm', 'seed', 'step', ...METRICS.map((m) => m.id)];

/** One step of one run, values in the order of METRICS. */
export function csvRow(run: RunId, step: number, values: ArrayLike<number>): string {
  return [run.arm, run.seed, step, ...Array.from(values, formatCell)].join(',');
}

/** Nothing where not measured; else as few digits as give the same 32-bit float. */
function formatCell(value: number): string {
  if (!Number.isFinite(value)) return '';
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return String(value);
}
