/** Curves for tests: rows of all metrics of which only some are measured. */
import { METRICS, type MetricId } from '../../src/metrics/index.ts';
import { History } from '../../src/ui/history.ts';

type Columns = Partial<Record<MetricId, readonly number[]>>;

/** A history of runs `arm/seed`, each with its columns. */
export function historyOf(runs: Record<string, Columns>): History {
  const history = new History();
  for (const [key, columns] of Object.entries(runs)) {
    const [arm, seed] = key.split('/');
    const length = Math.max(...Object.values(columns).map((column) => column.length));
    const values = Array.from({ length }, (_, step) =>
      METRICS.map(({ id }) => columns[id]?.[step] ?? Number.NaN),
    );
    history.append({ arm, seed: Number(seed) }, 0, Float32Array.from(values.flat()));
  }
  history.flush();
  return history;
}
