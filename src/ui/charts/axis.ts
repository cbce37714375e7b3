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

/** Ends exactly at the last step; round steps in between, whole ones: 2.5 is no step. */
export function stepAxis(last: number, count = 4): Axis {
  const most = Math.max(1, last);
  const nice = niceCeil(most / count);
  const step = Math.max(1, Number.isInteger(nice) ? nice : 2 * nice);
  const ticks = [];
  for (let tick = 0; tick < most - step / 3; tick += step) ticks.push(tidy(tick));
  return { domain: [0, most], ticks: [...ticks, most] };
}

/** Between any two ends: the ends stay where they are, ticks are round. */
export function partAxis([low, high]: readonly [number, number], count = 4): Axis {
  const step = niceCeil((high - low) / count);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high * (1 + 1e-12); k++) {
    ticks.push(tidy(k * step));
  }
  return { domain: [low, high], ticks };
}

/** Powers of ten around the values; within one or two decades also 2 and 5 times each. */
export function logAxis(low: number, high: number): Axis {
  if (!(low > 0) || !(high > 0)) return { domain: [0.1, 1], ticks: [0.1, 1] };
  const decades = Math.log10(high / low);
  const parts = decades > 2 ? [1] : [1, 2, 5];
  const from = Math.floor(Math.log10(low)) - 1;
  const to = Math.ceil(Math.log10(high)) + 1;
  const all = [];
  for (let power = from; power <= to; power++) {
    for (const part of parts) all.push(tidy(part * 10 ** power));
  }
  const first = all.findLastIndex((tick) => tick <= low * (1 + 1e-9));
  const last = all.findIndex((tick) => tick >= high * (1 - 1e-9));
  const end = Math.max(last, first + 1);
  const every = Math.ceil((end - first) / 6);
  const ticks = all.slice(first, end + 1);
  return {
    domain: [all[first], all[end]],
    ticks: ticks.filter((_, i) => (ticks.length - 1 - i) % every === 0),
  };
}

function tidy(value: number): number {
  return Number(value.toPrecision(10));
}

export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return minus(`${Number((value / 1e6).toPrecision(4))}M`);
  if (size >= 10_000) return minus(`${Number((value / 1000).toPrecision(4))}k`);
  if (size > 0 && size < 0.001) return minus(value.toExponential());
  return minus(String(value));
}

function minus(text: string): string {
  return text.replaceAll('-', '−');
}
