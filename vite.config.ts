// Build of the page, and the three kinds of tests (see test/run.mjs).
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { precache } from './src/cli/precache.mjs';

/** The development server writes scripts into the page, which the policy of the built page forbids. */
const withoutPolicy: Plugin = {
  name: 'without-policy-in-development',
  apply: 'serve',
  transformIndexHtml: (html) =>
    html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
};

export default defineConfig({
  // Relative addresses: the built folder works under any path of any static host.
  base: './',
  plugins: [react(), withoutPolicy, precache()],
  build: { target: 'es2023', outDir: 'dist', chunkSizeWarningLimit: 1500 },
  worker: { format: 'es' },
  test: {
    // Groups run one after the other: a browser beside a software GPU would time out.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{core,tasks,methods,metrics,reference,ui}/**/*.test.{ts,tsx}'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['test/{gpu,kernels,model,train,cli}/**/*.test.ts'],
          globalSetup: 'test/helpers/vulkan.ts',
          // Processes, not threads: a driver must be in the environment when Dawn is loaded.
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/build.ts',
          // Two browsers: while one compiles kernels on all cores the other waits for its page. All waits are for conditions.
          maxWorkers: 2,
          // A browser on a software GPU beside whatever else the machine does: one more try, and it is told.
          retry: 1,
          testTimeout: 480_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 120_000, interval: 250 } },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
