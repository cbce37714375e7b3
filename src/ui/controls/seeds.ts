/** Seeds as the text of one field. */
import { MAX_SEEDS } from '../../core/experiment_file.ts';

export function formatSeeds(seeds: readonly number[]): string {
  return seeds.join(', ');
}

/** Undefined where the text is not a list of 1 to MAX_SEEDS different whole numbers below 2³¹. */
export function parseSeeds(text: string): number[] | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length === 0 || parts.length > MAX_SEEDS) return undefined;
  if (!parts.every((part) => /^\d{1,10}$/.test(part))) return undefined;
  const seeds = parts.map(Number);
  const isValid = new Set(seeds).size === seeds.length && seeds.every((seed) => seed < 2 ** 31);
  return isValid ? seeds : undefined;
}
