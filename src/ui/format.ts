/** Numbers as the page writes them: few digits, equal widths, real minus signs. */
import { TILE_WORDS, type TileId } from '../core/tile_choice.ts';

/** A measured value in at most 4 significant digits; an en dash where there is none. */
export function formatValue(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size >= 10000) return minus(`${(value / 1000).toFixed(size >= 100000 ? 0 : 1)}k`);
  if (size >= 1000) return minus(value.toFixed(0));
  if (size >= 100) return minus(value.toFixed(1));
  if (size >= 10) return minus(value.toFixed(2));
  if (size >= 0.001 || size === 0) return minus(value.toFixed(3));
  return minus(value.toExponential(1));
}

/** Decimals with which `formatValue` writes a value of this size, and two digits of a smaller one. */
export function decimalsOf(size: number): number {
  if (size >= 1000) return 0;
  if (size >= 100) return 1;
  if (size >= 10) return 2;
  return size >= 0.001 || size === 0 ? 3 : 1 - Math.floor(Math.log10(size));
}

/** With so many decimals, so that numbers that stand together can be compared; what rounds to 0 has no sign. */
export function formatFixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : minus(text);
}

function minus(text: string): string {
  return text.replace(/-/g, '−');
}

/** A setting in as few digits as it takes. */
export function formatSetting(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5))
    return minus(value.toExponential().replace('e+', 'e'));
  return minus(String(Number(value.toPrecision(4))));
}

export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–';
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** How long ago something was, in whole units. */
export function formatAgo(ms: number): string {
  const units = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
  ] as const;
  const found = units.find(([length]) => ms >= length);
  return found ? `${plural(Math.floor(ms / found[0]), found[1])} ago` : 'just now';
}

/** What the browser tells of the adapter. */
export function adapterName(told: {
  vendor: string;
  architecture: string;
  description: string;
}): string {
  const { vendor, architecture, description } = told;
  return (description || [vendor, architecture].join(' ').trim() || 'unnamed').slice(0, 400);
}

/** A family of kernels (model/tiles.ts), after “with”. */
export const tileWords = (tile: TileId): string => `${TILE_WORDS[tile].loads}-load kernels`;

/** `1 seed`, `3 seeds`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
