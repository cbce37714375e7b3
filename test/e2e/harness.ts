/** Builds the page on the scripted engine (test/ui/harness), for tests in which no GPU shall decide. */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { root } from '../../src/cli/install.mjs';
import { buildForProduction } from './build.ts';

/** The folder to serve; what comes after `#` in its address are the engine's options. */
export async function buildHarness(): Promise<string> {
  const outDir = path.join(root, 'node_modules/.cache/entroscope/harness');
  await buildForProduction({
    configFile: false,
    root: path.join(root, 'test/ui/harness'),
    publicDir: path.join(root, 'public'),
    base: './',
    plugins: [react()],
    build: { target: 'es2023', outDir, emptyOutDir: true, chunkSizeWarningLimit: 1500 },
    worker: { format: 'es' },
  });
  return outDir;
}
