/**
 * Colors and dash patterns of arms: a color-blind-safe set (after Okabe and Ito, 2008), with a lighter twin of each for
 * the dark theme; every one has at least 3:1 against its page. The dash says the same again without color.
 */
export interface ArmStyle {
  name: string;
  light: string;
  dark: string;
  /** SVG stroke-dasharray. */
  dash: string;
}

export const PALETTE: readonly ArmStyle[] = [
  { name: 'blue, solid', light: '#0b6bb0', dark: '#63b3f0', dash: '' },
  { name: 'vermilion, dashed', light: '#c74e00', dark: '#ff9152', dash: '8 4' },
  { name: 'green, dash-dot', light: '#007a58', dark: '#3ccb9f', dash: '10 3 2 3' },
  { name: 'purple, dotted', light: '#a8468a', dark: '#e79bcf', dash: '2 3' },
  { name: 'ochre, long dash', light: '#8f6a00', dark: '#e5b93c', dash: '14 4' },
  { name: 'slate, dash-dot-dot', light: '#51606e', dark: '#a9b8c6', dash: '10 3 2 3 2 3' },
];

/** Style of a palette index; indices beyond the set come round again. */
export function armStyle(color: number): ArmStyle {
  return PALETTE[((color % PALETTE.length) + PALETTE.length) % PALETTE.length] as ArmStyle;
}
