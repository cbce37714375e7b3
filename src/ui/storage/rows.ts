/** Between stored blocks of rows and a history: columns by name, so that a table of metrics that grew reads old runs. */
import { runKey } from '../../core/experiment.ts';
import { METRIC_INDEX, METRICS, type MetricId } from '../../metrics/index.ts';
import type { RunHistory } from '../history.ts';
import { History } from '../history.ts';
import type { CurveBlock } from './record.ts';

export const METRIC_IDS: readonly string[] = METRICS.map((metric) => metric.id);

/** Adds blocks to a history, later ones over earlier ones. */
export function appendBlocks(history: History, blocks: readonly CurveBlock[]): void {
  for (const { arm, seed, firstStep, metrics, values } of blocks) {
    const width = metrics.length;
    const rows = values.length / width;
    const known = new Float32Array(rows * METRICS.length).fill(Number.NaN);
    metrics.forEach((id, column) => {
      if (!Object.hasOwn(METRIC_INDEX, id)) return;
      const to = METRIC_INDEX[id as MetricId];
      for (let row = 0; row < rows; row++) {
        known[row * METRICS.length + to] = values[row * width + column] as number;
      }
    });
    history.append({ arm, seed }, firstStep, known);
  }
}

export function historyOf(blocks: readonly CurveBlock[]): History {
  const history = new History();
  appendBlocks(history, blocks);
  history.flush();
  return history;
}

/** Rows `from` to `to`, the latter included, of one run. */
export function blockOf(run: RunHistory, from = 0, to = run.length - 1): CurveBlock {
  const rows = Math.max(0, Math.min(to, run.length - 1) - from + 1);
  const width = METRICS.length;
  const values = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    run.columns.forEach((column, metric) => {
      values[row * width + metric] = column[from + row] as number;
    });
  }
  return { arm: run.arm, seed: run.seed, firstStep: from, metrics: [...METRIC_IDS], values };
}

/** Blocks of one run that follow each other, as one. */
export function mergedBlocks(blocks: readonly CurveBlock[]): CurveBlock[] {
  const result: CurveBlock[] = [];
  for (const run of new Set(blocks.map(runKey))) {
    for (const block of blocks.filter((b) => runKey(b) === run)) {
      const last = result.at(-1);
      const width = block.metrics.length;
      const follows =
        last &&
        runKey(last) === run &&
        last.firstStep + last.values.length / width === block.firstStep;
      if (!follows) {
        result.push({ ...block });
        continue;
      }
      const values = new Float32Array(last.values.length + block.values.length);
      values.set(last.values);
      values.set(block.values, last.values.length);
      last.values = values;
    }
  }
  return result;
}
