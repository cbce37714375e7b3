/**
 * Time as color: part of magma (van der Walt and Smith, 2015), whose lightness runs one way, so that it reads without
 * color vision and in gray. Early is near the page's own lightness, late far from it; all of it has 3:1 against the page.
 */
const RAMP = {
  light: ['#d8574b', '#b93c67', '#8f2a7a', '#641a80', '#3b0f70', '#170b38'],
  dark: ['#bf3e72', '#dd4f68', '#f1605d', '#fb8861', '#fec287', '#fcfdbf'],
} as const;

/** Color at a share of the time, 0 to 1. */
export function rampColor(share: number, scheme: 'light' | 'dark'): string {
  const stops = RAMP[scheme];
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(at));
  const channels = [1, 3, 5].map((i) => {
    const low = Number.parseInt(stops[from].slice(i, i + 2), 16);
    const high = Number.parseInt(stops[from + 1].slice(i, i + 2), 16);
    const value = Math.round(low + (high - low) * (at - from));
    return value.toString(16).padStart(2, '0');
  });
  return `#${channels.join('')}`;
}
