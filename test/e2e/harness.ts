/** Builds the page on the scripted engine (test/ui/harness), for tests in which no GPU shall decide. */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { root } from '../../src/cli/install.mjs';
import { buildForProduction } from './build.ts';

/** To be served; what comes after `#` in its address are the engine's options. */
export const harnessFolder = path.join(root, 'node_modules/.cache/entroscope/harness');

export async function buildHarness(): Promise<void> {
  await buildForProduction({
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
  });
}
