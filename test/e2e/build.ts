// Set-up of the `e2e` tests: what they open is the built page, not the development server; and the page on a scripted
// engine (test/ui/harness), for tests in which no GPU shall decide.
// ENTROSCOPE_KEEP_BUILD=1 takes the builds that are there, for quick local repeats.
import { existsSync } from 'node:fs';
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig } from 'vite';
import { root } from '../../src/cli/install.mjs';
import { harnessFolder } from './serve.ts';

const harness: InlineConfig = {
  configFile: false,
  root: path.join(root, 'test/ui/harness'),
  publicDir: path.join(root, 'public'),
  base: './',
  plugins: [react()],
  build: {
    target: 'es2023',
    outDir: harnessFolder,
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
};

export async function setup(): Promise<void> {
  const builds = [path.join(root, 'dist'), harnessFolder];
  const areThere = builds.every((folder) => existsSync(path.join(folder, 'index.html')));
  if (process.env.ENTROSCOPE_KEEP_BUILD && areThere) return;
  await buildForProduction({ root });
  await buildForProduction(harness);
}

/** Builds as `npm run build` does: Vitest's own NODE_ENV would bring the development version of React. */
async function buildForProduction(config: InlineConfig): Promise<void> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({ mode: 'production', logLevel: 'warn', ...config });
  } finally {
    process.env.NODE_ENV = before;
  }
}
