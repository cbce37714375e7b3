/** Slider positions 0 … STOPS of a number: linear or by ratio, with an extra stop at 0 for a log scale from 0. */
import type { NumberParam } from '../../core/param.ts';

export const STOPS = 200;
/** A log scale that begins at 0 spans this ratio above its first stop. */
const SPAN = 1000;

export function toPosition(param: NumberParam, value: number): number {
  const { min, max } = param;
  if (param.scale !== 'log') return (STOPS * (value - min)) / (max - min);
  const low = lowest(param);
  if (value < low) return 0;
  const share = Math.log(value / low) / Math.log(max / low);
  return min > 0 ? STOPS * share : 1 + (STOPS - 1) * share;
}

/** Value at a position, rounded to what a hand can mean: 2 significant digits on a log scale, 1/200 on a linear one. */
export function fromPosition(param: NumberParam, position: number): number {
  const { min, max } = param;
  if (position <= 0) return min;
  if (position >= STOPS) return max;
  let value: number;
  if (param.scale === 'log') {
    const low = lowest(param);
    const share = min > 0 ? position / STOPS : (position - 1) / (STOPS - 1);
    value = Number((low * (max / low) ** share).toPrecision(2));
  } else {
    value = Number((min + ((max - min) * position) / STOPS).toPrecision(3));
  }
  if (param.integer) value = Math.round(value);
  return Math.min(max, Math.max(min, value));
}

/** Whole stop of a value, where the thumb stands. */
export function stopOf(param: NumberParam, value: number): number {
  return Math.round(toPosition(param, value));
}

/**
 * Value after the thumb was moved to a stop. Where several stops round to one value, the move goes on to the next
 * value, so that an arrow key always does something.
 */
export function moveTo(param: NumberParam, value: number, stop: number): number {
  const direction = Math.sign(stop - stopOf(param, value));
  let next = fromPosition(param, stop);
  for (let s = stop; next === value && s > 0 && s < STOPS; s += direction || STOPS) {
    next = fromPosition(param, s + direction);
  }
  return next;
}

function lowest({ min, max, integer }: NumberParam): number {
  if (min > 0) return min;
  return integer ? 1 : max / SPAN;
}
