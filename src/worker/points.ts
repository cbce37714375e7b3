/** Gathers rows of metrics and hands them on at most ten times a second, whole steps of one run at a time. */
import type { RunId } from '../core/experiment.ts';
import { runKey } from '../core/experiment.ts';

const INTERVAL_MS = 100;

interface Pending {
  run: RunId;
  firstStep: number;
  rows: Float32Array[];
}

export class PointBuffer {
  private readonly pending = new Map<string, Pending>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly send: (
      run: RunId,
      firstStep: number,
      values: Float32Array<ArrayBuffer>,
    ) => void,
  ) {}

  /** Steps of a run come in order, without gaps. */
  add(run: RunId, step: number, row: Float32Array): void {
    const key = runKey(run);
    const found = this.pending.get(key);
    if (found) found.rows.push(row);
    else
      this.pending.set(key, {
        run: { arm: run.arm, seed: run.seed },
        firstStep: step,
        rows: [row],
      });
    this.timer ??= setTimeout(() => this.flush(), INTERVAL_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const { run, firstStep, rows } of this.pending.values()) {
      const values = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
      let at = 0;
      for (const row of rows) {
        values.set(row, at);
        at += row.length;
      }
      this.send(run, firstStep, values);
    }
    this.pending.clear();
  }

  clear(): void {
    this.pending.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
