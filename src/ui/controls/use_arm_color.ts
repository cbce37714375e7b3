/** The palette's color for the theme in use. */
import { useComputedColorScheme } from '@mantine/core';
import { armStyle } from '../palette.ts';

export function useArmColor(): (color: number) => string {
  const scheme = useComputedColorScheme('light');
  return (color) => armStyle(color)[scheme];
}
