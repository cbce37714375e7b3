/** STEER's maps from a token's estimated change of entropy to its weight (arXiv:2510.10150), and their settings. */
import type { Params } from './param.ts';

export const STEER_MAP = {
  map: {
    kind: 'choice',
    label: 'map',
    default: 0,
    options: [
      { id: 'exponential', label: 'exponential, the main runs' },
      { id: 'linear', label: 'linear between the least and the largest change' },
    ],
    help: 'How a change becomes a weight. One extreme token leaves all others near the top with either map.',
  },
  least: {
    kind: 'number',
    label: 'least weight',
    default: 0.8,
    min: 0.01,
    max: 1,
    help: 'Weight of the token that changes entropy most. The paper takes 0.8; 1 is as good as off in the exponential map.',
  },
  most: {
    kind: 'number',
    label: 'largest weight',
    default: 1.2,
    min: 1,
    max: 3,
    help: 'Weight of the token that changes entropy least, in the linear map.',
    applies: { setting: 'map', is: [1] },
  },
} as const satisfies Params;

/** Below this the largest change of a batch counts as this, so that the exponential map does not magnify noise. */
const FLOOR = 0.02;

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/**
 * @param changes [N] sizes of changes, ≥ 0; the least and the largest of them are the ends of the map
 * @returns       [N] in [least, 1] for the exponential map (0), in [least, most] for the linear one
 */
export function weightsOfChanges(
  changes: ArrayLike<number>,
  { map, least, most }: { map: number; least: number; most: number },
): Float32Array {
  const all = Array.from(changes);
  const largest = all.reduce((a, b) => Math.max(a, b), 0);
  if (map === 0) {
    const k = -Math.log(least) / Math.max(largest, FLOOR);
    return Float32Array.from(all, (x) => clamp(Math.exp(-k * x), least, 1));
  }
  const smallest = all.reduce((a, b) => Math.min(a, b), largest);
  const range = most - least;
  if (largest === smallest) return new Float32Array(all.length).fill(least + range / 2);
  return Float32Array.from(all, (x) => most - ((x - smallest) * range) / (largest - smallest));
}
