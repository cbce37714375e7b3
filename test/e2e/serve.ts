// Serves the built page under a sub-path, as GitHub Pages does, to prove that `dist` works there.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { root } from '../../src/cli/install.mjs';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
};

/** The page on a scripted engine (test/ui/harness); what comes after `#` in its address are the engine's options. */
export const harnessFolder = path.join(root, 'node_modules/.cache/entroscope/harness');

export interface ServedPage {
  /** Where the page is, with a slash at the end. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves `folder` on a free port of localhost under `/some/where/`. Whatever is asked for outside
 * of that path, or is not there, is a 404, so that a wrong absolute address shows.
 */
export async function servePage(folder = path.join(root, 'dist')): Promise<ServedPage> {
  const base = '/some/where/';
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = decodeURIComponent(pathname.slice(base.length)) || 'index.html';
    const file = path.join(folder, name);
    try {
      if (!pathname.startsWith(base) || !file.startsWith(folder)) throw new Error('outside');
      const body = await readFile(file);
      const type = types[path.extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type }).end(body);
    } catch {
      response.writeHead(404).end('Not found');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
