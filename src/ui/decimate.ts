/** Thins a curve out for drawing without losing its spikes. */

/**
 * Indices to draw: the first, the last, and the smallest and the largest value of each bucket.
 * @param values [n]; NaN is never kept
 * @param limit  most indices returned, ≥ 4
 * @returns      ascending
 */
export function keepExtremes(values: ArrayLike<number>, limit: number): number[] {
  const finite: number[] = [];
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) finite.push(i);
  if (finite.length <= limit) return finite;
  const buckets = Math.floor((limit - 2) / 2);
  const kept = new Set([finite[0] as number, finite[finite.length - 1] as number]);
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * finite.length) / buckets);
    const to = Math.floor(((b + 1) * finite.length) / buckets);
    let low = finite[from] as number;
    let high = low;
    for (const i of finite.slice(from, to)) {
      if ((values[i] as number) < (values[low] as number)) low = i;
      if ((values[i] as number) > (values[high] as number)) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}
