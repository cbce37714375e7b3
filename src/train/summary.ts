/** Final values of a set of runs: mean and sample standard deviation over seeds, by arm and metric. */
import type { RunId } from '../core/experiment.ts';
import { METRICS } from '../metrics/index.ts';

export interface MeasuredRow extends RunId {
  step: number;
  values: Float32Array;
}

export interface Summary {
  arm: string;
  seeds: number[];
  /** Metric id → mean and sd (n − 1; 0 with one seed is written as null) of each seed's last measured value. */
  metrics: Record<string, { mean: number; sd: number | null; per_seed: number[] }>;
}

export function summarize(rows: readonly MeasuredRow[]): Summary[] {
  return [...new Set(rows.map((row) => row.arm))].map((arm) => {
    const seeds = [...new Set(rows.filter((row) => row.arm === arm).map((row) => row.seed))];
    const metrics: Summary['metrics'] = {};
    METRICS.forEach(({ id }, column) => {
      const last = seeds.flatMap((seed) => {
        const measured = rows.filter(
          (r) => r.arm === arm && r.seed === seed && Number.isFinite(r.values[column]),
        );
        const final = measured.reduce<MeasuredRow | undefined>(
          (a, b) => (!a || b.step > a.step ? b : a),
          undefined,
        );
        return final ? [final.values[column] as number] : [];
      });
      if (last.length === 0) return;
      const mean = last.reduce((a, b) => a + b, 0) / last.length;
      const sd =
        last.length > 1
          ? Math.sqrt(last.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (last.length - 1))
          : null;
      metrics[id] = { mean, sd, per_seed: last };
    });
    return { arm, seeds, metrics };
  });
}
