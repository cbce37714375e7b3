/**
 * Everything measured, as append-only columns outside React: one Float32Array per run and metric, indexed by step.
 * Readers subscribe to `version`, which moves once per flush, not once per message.
 */
import { type RunId, runKey } from '../core/experiment.ts';
import { METRIC_INDEX, METRICS, type MetricId } from '../metrics/index.ts';
import { type Interval, interval } from './interval.ts';

export interface RunHistory extends RunId {
  /** Steps with a row: rows 0 … length − 1, row 0 being the evaluation of the base. */
  length: number;
  /** One column per metric, in the order of METRICS; NaN where not measured. Longer than `length`. */
  columns: Float32Array[];
  /** Set when the run stopped before its time. */
  failed?: { step: number; message: string };
}

export class History {
  version = 0;
  private readonly byKey = new Map<string, RunHistory>();
  private readonly listeners = new Set<() => void>();
  private stale = false;

  /** Adds whole rows of METRICS.length values. A row that exists is replaced (a resumed run measures it again). */
  append(run: RunId, firstStep: number, values: Float32Array): void {
    const width = METRICS.length;
    if (values.length % width !== 0) {
      throw new RangeError(`history: need rows of ${width} values, got ${values.length}`);
    }
    const rows = values.length / width;
    const record = this.open(run);
    grow(record, firstStep + rows);
    for (let row = 0; row < rows; row++) {
      record.columns.forEach((column, metric) => {
        column[firstStep + row] = values[row * width + metric] as number;
      });
    }
    record.length = Math.max(record.length, firstStep + rows);
    // Gone on with from a state before, it has passed where it stopped.
    if (record.failed && firstStep + rows - 1 > record.failed.step) delete record.failed;
    this.stale = true;
  }

  fail(run: RunId, step: number, message: string): void {
    this.open(run).failed = { step, message };
    this.stale = true;
  }

  clear(): void {
    this.byKey.clear();
    this.stale = true;
    this.flush();
  }

  /** Tells the readers, if anything is new. */
  flush(): void {
    if (!this.stale) return;
    this.stale = false;
    this.version++;
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  runs(): RunHistory[] {
    return [...this.byKey.values()];
  }

  run(run: RunId): RunHistory | undefined {
    return this.byKey.get(runKey(run));
  }

  /** Highest step that any run has finished; 0 before the first. */
  lastStep(): number {
    return this.runs().reduce((last, run) => Math.max(last, run.length - 1), 0);
  }

  /** Step that all of these runs have finished, apart from failed ones: whole rounds, as the transport counts them. */
  completeStep(runs: readonly RunId[]): number {
    const live = runs.map((run) => this.run(run)).filter((run) => !run?.failed);
    return live.length > 0 ? Math.min(...live.map((r) => (r?.length ?? 1) - 1)) : this.lastStep();
  }

  /** A metric of an arm at one step, over the seeds that have it; undefined where none has. */
  at(arm: string, metric: MetricId, step: number): Interval | undefined {
    const values: number[] = [];
    for (const run of this.byKey.values()) {
      if (run.arm !== arm || step >= run.length) continue;
      const value = run.columns[METRIC_INDEX[metric]]?.[step] ?? Number.NaN;
      if (Number.isFinite(value)) values.push(value);
    }
    return values.length > 0 ? interval(values) : undefined;
  }

  /**
   * Mean over the seeds of an arm at every step that all its running seeds have reached, so that the newest point
   * does not jump while the seeds take turns. A failed seed counts as far as it came.
   * @returns [steps], NaN where not measured
   */
  means(arm: string, metric: MetricId): Float32Array {
    const runs = this.runs().filter((run) => run.arm === arm);
    const live = runs.filter((run) => !run.failed);
    const reached = (live.length > 0 ? live : runs).map((run) => run.length);
    const length = live.length > 0 ? Math.min(...reached) : Math.max(0, ...reached);
    const means = new Float32Array(length);
    const counts = new Uint16Array(length);
    for (const run of runs) {
      const column = run.columns[METRIC_INDEX[metric]] as Float32Array;
      for (let step = 0; step < Math.min(length, run.length); step++) {
        const value = column[step] as number;
        if (!Number.isFinite(value)) continue;
        means[step] = (means[step] as number) + value;
        counts[step] = (counts[step] as number) + 1;
      }
    }
    return means.map((sum, step) => (counts[step] ? sum / (counts[step] as number) : Number.NaN));
  }

  private open(run: RunId): RunHistory {
    const key = runKey(run);
    const known = this.byKey.get(key);
    if (known) return known;
    const columns = METRICS.map(() => new Float32Array(0));
    const record = { arm: run.arm, seed: run.seed, length: 0, columns };
    this.byKey.set(key, record);
    return record;
  }
}

/** Steps that a run has room for at once: most runs are no longer, so the page does not grow while they go on. */
const ROOM = 512;

function grow(record: RunHistory, rows: number): void {
  const capacity = record.columns[0]?.length ?? 0;
  if (rows <= capacity) return;
  record.columns = record.columns.map((column) => {
    const larger = new Float32Array(Math.max(rows, 2 * capacity, ROOM)).fill(Number.NaN);
    larger.set(column);
    return larger;
  });
}
