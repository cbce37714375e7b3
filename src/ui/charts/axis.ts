/** Round axes: few ticks at 1, 2 or 5 times a power of ten. */

export interface Axis {
  domain: [number, number];
  ticks: number[];
}

/** Smallest of 1, 2, 2.5, 5, 10 × 10ᵏ that is ≥ x. */
export function niceCeil(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  const step = [1, 2, 2.5, 5, 10].find((s) => s * power >= x * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** An axis from 0 (or below, where values are) to just above the largest value. */
export function axisFor(low: number, high: number, count = 4): Axis {
  const bottom = Math.min(0, low);
  const top = high > bottom ? high : bottom + 1;
  const step = niceCeil((top - bottom) / count);
  const first = Math.floor(bottom / step);
  const last = Math.ceil(top / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
  return { domain: [ticks[0], ticks[ticks.length - 1]], ticks };
}

/** Ends exactly at the last step; round steps in between. */
export function stepAxis(last: number, count = 4): Axis {
  const most = Math.max(1, last);
  const step = Math.max(1, niceCeil(most / count));
  const ticks = [];
  for (let tick = 0; tick < most - step / 3; tick += step) ticks.push(tidy(tick));
  return { domain: [0, most], ticks: [...ticks, most] };
}

function tidy(value: number): number {
  return Number(value.toPrecision(10));
}

export function formatTick(value: number): string {
  if (Math.abs(value) >= 10_000) return `${value / 1000}k`;
  return String(value).replace('-', '−');
}
