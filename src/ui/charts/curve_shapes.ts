/** Bands and lines of a chart as paths, for the page and for pictures that leave it. */
import { bandKey, type ChartData, meanKey, seedKey } from './chart_data.ts';
import type { DrawnArm } from './frame.ts';
import { through } from './scene.ts';

/** From x and y to pixels. */
export type Place = (x: number, y: number) => [number, number];

export interface Shape {
  key: string;
  arm: DrawnArm;
  /** Commands of a path; '' where nothing was measured. */
  d: string;
}

export interface LineShape extends Shape {
  /** Of the stroke, in pixels. */
  width: number;
  /** Where the only value is: it has no line yet. */
  alone?: [number, number];
}

/** The lines of a chart: a mean for each arm, or a thin one for each of its seeds. */
export function curvesOf(data: ChartData, arms: readonly DrawnArm[], line: number) {
  return arms.flatMap((arm) => {
    const seeds = data.seeds.filter((s) => s.arm === arm.id);
    const width = arm.isRecorded ? line / 2 : line;
    if (data.seeds.length === 0) return [{ key: meanKey(arm.id), arm, width }];
    return seeds.map(({ seed }) => ({ key: seedKey(arm.id, seed), arm, width: width * 0.6 }));
  });
}

export function bandShapes(data: ChartData, arms: readonly DrawnArm[], at: Place): Shape[] {
  return arms.flatMap((arm) => {
    const key = bandKey(arm.id);
    const rows = data.rows.flatMap((row) => {
      const band = row[key];
      return Array.isArray(band) ? [{ x: row.x, band }] : [];
    });
    if (rows.length < 2) return [];
    const upper = rows.map(({ x, band }) => at(x, band[1]));
    const lower = rows.map(({ x, band }) => at(x, band[0])).reverse();
    return [{ key, arm, d: `${through([...upper, ...lower])}Z` }];
  });
}

export function lineShapes(
  data: ChartData,
  arms: readonly DrawnArm[],
  line: number,
  at: Place,
): LineShape[] {
  return curvesOf(data, arms, line).map((curve) => {
    const points = data.rows.flatMap((row) => {
      const value = row[curve.key];
      return typeof value === 'number' ? [at(row.x, value)] : [];
    });
    return { ...curve, d: through(points), alone: points.length === 1 ? points[0] : undefined };
  });
}
