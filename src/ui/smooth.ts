/** Moving averages for the eye. Curves are smoothed first and thinned out afterwards, never the other way round. */

/**
 * Mean of what was measured within the window around each step, as wide to the left as to the right; at either end the
 * window is cut off alike on both sides. Where nothing was measured, nothing is made up.
 * @param values [steps]; NaN where not measured
 * @param window whole steps, odd; 1 leaves the values as they are
 * @returns      [steps]; NaN where `values` has NaN
 */
export function smooth(values: Float32Array, window: number): Float32Array {
  const half = Math.floor((window - 1) / 2);
  if (half < 1) return values;
  const n = values.length;
  const sums = new Float64Array(n + 1);
  const counts = new Uint32Array(n + 1);
  let end = n - 1;
  while (end >= 0 && !Number.isFinite(values[end])) end--;
  let start = 0;
  while (start < end && !Number.isFinite(values[start])) start++;
  for (let i = 0; i < n; i++) {
    const isMeasured = Number.isFinite(values[i]);
    sums[i + 1] = sums[i] + (isMeasured ? values[i] : 0);
    counts[i + 1] = counts[i] + (isMeasured ? 1 : 0);
  }
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return Number.NaN;
    const reach = Math.min(half, i - start, end - i);
    const [from, to] = [i - reach, i + reach + 1];
    return (sums[to] - sums[from]) / (counts[to] - counts[from]);
  });
}
