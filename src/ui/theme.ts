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

/** Mantine's dark grays, with the same blue cast as the rest. */
const dark: MantineColorsTuple = [
  '#e7ecf0',
  '#c3ccd5',
  '#9dabb8',
  '#7b8996',
  '#3d4853',
  '#2f3943',
  '#1f262d',
  '#171c22',
  '#11161b',
  '#0c1014',
];

export const theme = createTheme({
  primaryColor: 'slate',
  primaryShade: { light: 8, dark: 2 },
  autoContrast: true,
  luminanceThreshold: 0.45,
  colors: { slate, dark },
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 6,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // Of windows over one another Escape closes the topmost: use_window.ts.
  components: {
    Modal: { defaultProps: { closeOnEscape: false } },
    Drawer: { defaultProps: { closeOnEscape: false } },
  },
});
