/** Curves as a table: the CSV that the command line and the page write and the page reads again. */
import type { RunId } from '../core/experiment.ts';
import { METRIC_INDEX, metricsOf } from './index.ts';

export function csvHeader(task: string): string {
  return ['arm', 'seed', 'step', ...metricsOf(task).map((m) => m.id)].join(',');
}

/** One step of one run, values in the order of METRICS. */
export function csvRow(task: string, run: RunId, step: number, values: ArrayLike<number>): string {
  const cells = metricsOf(task).map(({ id }) => formatCell(values[METRIC_INDEX[id]] as number));
  return [run.arm, run.seed, step, ...cells].join(',');
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
