/** The look: quiet gray controls, so that color on the page is always data. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const slate: MantineColorsTuple = [
  '#f3f5f7',
  '#e4e8ec',
  '#cbd2d9',
  '#aeb8c2',
  '#8b98a5',
  '#6a7886',
  '#52606d',
  '#3e4b57',
  '#26323d',
  '#16202a',
];

export const theme = createTheme({
  primaryColor: 'slate',
  primaryShade: { light: 8, dark: 1 },
  autoContrast: true,
  luminanceThreshold: 0.45,
  colors: { slate },
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 6,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
});
