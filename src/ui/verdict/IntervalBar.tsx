/** An interval beside zero, on the scale that its column shares. */
import type { Comparison } from './compare.ts';

export function IntervalBar({ comparison, widest }: { comparison: Comparison; widest: number }) {
  const { mean, low, high, n } = comparison;
  const at = (value: number) => `${50 + (47 * value) / (widest || 1)}%`;
  const hasMean = Number.isFinite(mean);
  return (
    <div className="interval-bar" aria-hidden="true">
      <div className="interval-zero" />
      {n > 1 && (
        <div
          className="interval-range"
          style={{ left: at(low), right: `calc(100% - ${at(high)})` }}
        />
      )}
      {hasMean && <div className="interval-mean" style={{ left: at(mean) }} />}
    </div>
  );
}
