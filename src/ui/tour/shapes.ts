/** The shapes a curve can take, to predict one and to name a measured one by the same rule. */

export const SHAPES = {
  rises: 'rises',
  falls: 'falls',
  stays: 'stays',
  rises_falls: 'rises, then falls',
} as const;

export type Shape = keyof typeof SHAPES;
/** What was not on offer can still be measured or drawn. */
export type Found = Shape | 'falls_rises';

/** Points of a prediction, evenly over the planned steps. */
export const POINTS = 21;
/** Changes below this share of the scale count as none; a prediction is a band of this half width. */
export const TOLERANCE = 0.06;

export function nameOf(shape: Found): string {
  return shape === 'falls_rises' ? 'falls, then rises' : SHAPES[shape];
}

/** A curve of the shape, from where it starts, inside 0 … top. @returns [POINTS] */
export function shapePoints(shape: Shape, start: number, top: number): number[] {
  const from = Math.min(top, Math.max(0, start));
  const high = from + 0.8 * (top - from);
  const low = 0.1 * from;
  const ease = (x: number) => (1 - Math.exp(-4 * x)) / (1 - Math.exp(-4));
  return Array.from({ length: POINTS }, (_, i) => {
    const x = i / (POINTS - 1);
    if (shape === 'stays') return from;
    if (shape === 'rises') return from + (high - from) * ease(x);
    if (shape === 'falls') return from + (low - from) * ease(x);
    const peak = 0.35;
    if (x <= peak) return from + (high - from) * Math.sin((Math.PI / 2) * (x / peak));
    return low + (high - low) * Math.cos((Math.PI / 2) * ((x - peak) / (1 - peak)));
  });
}

/**
 * The shape of a curve, smoothed over 5 values: by its ends, unless it goes clearly above or below both in between.
 * @returns undefined with fewer than 5 values
 */
export function shapeOf(values: readonly number[], top: number): Found | undefined {
  if (values.length < 5) return undefined;
  const smooth = values.map((_, i) => mean(values.slice(Math.max(0, i - 2), i + 3)));
  const { start, end } = endsOf(values);
  const least = TOLERANCE * top;
  const above = Math.max(...smooth) - Math.max(start, end);
  const below = Math.min(start, end) - Math.min(...smooth);
  if (above > least && above >= below) return 'rises_falls';
  if (below > least) return 'falls_rises';
  if (end - start > least) return 'rises';
  return start - end > least ? 'falls' : 'stays';
}

/** Where a curve starts and ends, over its first two and its last three values. */
export function endsOf(values: readonly number[]): { start: number; end: number } {
  return { start: mean(values.slice(0, 2)), end: mean(values.slice(-3)) };
}

/** Mean distance between a prediction and what was measured. @param at steps of the values, 0 … planned */
export function distance(
  points: readonly number[],
  values: readonly number[],
  at: readonly number[],
  planned: number,
): number {
  return mean(values.map((value, i) => Math.abs(value - valueAt(points, (at[i] ?? 0) / planned))));
}

/** Height of a prediction at a share of the planned steps. */
export function valueAt(points: readonly number[], share: number): number {
  const x = Math.min(1, Math.max(0, share)) * (points.length - 1);
  const i = Math.min(points.length - 2, Math.floor(x));
  const [a, b] = [points[i] ?? 0, points[i + 1] ?? 0];
  return a + (b - a) * (x - i);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
