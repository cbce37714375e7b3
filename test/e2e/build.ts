// Set-up of the `e2e` tests: what they open is the built page, not the development server.
// ENTROSCOPE_KEEP_BUILD=1 takes the `dist` that is there, for quick local repeats.
import { existsSync } from 'node:fs';
import { build, type InlineConfig } from 'vite';
import { root } from '../../src/cli/install.mjs';

export async function setup(): Promise<void> {
  if (process.env.ENTROSCOPE_KEEP_BUILD && existsSync(`${root}/dist/index.html`)) return;
  await buildForProduction({ root });
}

/** Builds as `npm run build` does: Vitest's own NODE_ENV would bring the development version of React. */
export async function buildForProduction(config: InlineConfig): Promise<void> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({ mode: 'production', logLevel: 'warn', ...config });
  } finally {
    process.env.NODE_ENV = before;
  }
}
