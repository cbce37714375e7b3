/** What the heat map says of distributions: in numbers, and as the fewest shapes. */
import { entropyOf as entropyOfAny } from '../../core/information.ts';

/** nats; NaN for nothing. */
export function entropyOf(probabilities: ArrayLike<number>): number {
  return probabilities.length === 0 ? Number.NaN : entropyOfAny(probabilities);
}

/** Likelier tokens are darker, by the square root, in this many shades. */
const SHADES = 24;

/**
 * Cells of a heat map, gathered by shade: a long run has thousands of cells, but no more shapes than shades.
 * @param columns left edge and distribution [V] of each column
 * @returns shades from 0 (never drawn) to 1 with the path of their cells
 */
export function heatCells(
  columns: readonly { x: number; row: ArrayLike<number> }[],
  width: number,
  height: number,
): { shade: number; d: string }[] {
  const paths: string[] = new Array(SHADES + 1).fill('');
  for (const { x, row } of columns) {
    for (let id = 0; id < row.length; id++) {
      const shade = Math.round(SHADES * Math.sqrt(row[id] as number));
      if (!(shade > 0)) continue;
      paths[shade] +=
        `M${x.toFixed(1)} ${id * height}h${width.toFixed(1)}v${height - 1}h${(-width).toFixed(1)}z`;
    }
  }
  return paths.flatMap((d, shade) => (d === '' ? [] : [{ shade: shade / SHADES, d }]));
}
