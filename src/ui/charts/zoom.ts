/** The part of the x-axis in view, as plain arithmetic. */

export type Domain = readonly [number, number];

/** Both ends inside the whole, not narrower than `least`; undefined when it is the whole. */
export function clampDomain(wanted: Domain, whole: Domain, least: number): Domain | undefined {
  const size = whole[1] - whole[0];
  const width = Math.min(size, Math.max(least, Math.abs(wanted[1] - wanted[0])));
  if (width >= size * (1 - 1e-9)) return undefined;
  const middle = (wanted[0] + wanted[1]) / 2;
  const from = Math.min(whole[1] - width, Math.max(whole[0], middle - width / 2));
  return [from, from + width];
}

/** Wider or narrower by a factor; what is under `at` stays where it is. */
export function zoomAround(current: Domain, at: number, factor: number): Domain {
  const center = Math.min(current[1], Math.max(current[0], at));
  return [center - (center - current[0]) * factor, center + (current[1] - center) * factor];
}

/** Moved by a share of its width. */
export function pan(current: Domain, share: number): Domain {
  const by = (current[1] - current[0]) * share;
  return [current[0] + by, current[1] + by];
}

/** The part in view that has curves; all that is in view where it has none. */
export function seenPart(view: Domain, curves: Domain): Domain {
  const seen: Domain = [Math.max(view[0], curves[0]), Math.min(view[1], curves[1])];
  return seen[0] <= seen[1] ? seen : view;
}
