// Set-up of the `e2e` tests: what they open is the built page, not the development server.
// ENTROSCOPE_KEEP_BUILD=1 takes the `dist` that is there, for quick local repeats.
import { existsSync } from 'node:fs';
import { build } from 'vite';
import { root } from '../../src/cli/install.mjs';

export async function setup(): Promise<void> {
  if (process.env.ENTROSCOPE_KEEP_BUILD && existsSync(`${root}/dist/index.html`)) return;
  await build({ root, mode: 'production', logLevel: 'warn' });
}
