// `npm start`: installs what is missing, builds, serves `dist` and opens the browser.
// Options: --no-open, --port N, --host NAME. Opening is a courtesy and never an error.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ensureInstalled, root } from './install.mjs';

/** Options that are not as they must be are told in words, before anything is built. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        'no-open': { type: 'boolean', default: false },
        port: { type: 'string', default: '4173' },
        host: { type: 'string', default: '127.0.0.1' },
      },
    });
    if (/^\d+$/.test(values.port) && Number(values.port) < 65536) return values;
    throw new RangeError(`--port: must be a whole number from 0 to 65535, got ${values.port}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return process.exit(1);
  }
}
const values = readOptions();

/** Opens the address in the default browser where there is a screen. */
function openBrowser(/** @type {string} */ address) {
  const hasDisplay =
    process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (values['no-open'] || process.env.CI || !hasDisplay) return;
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '""', address]
        : ['xdg-open', address];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // no such program: the address is on the screen
  child.unref();
}

ensureInstalled();
const { build, preview } = await import('vite');
await build({ root, logLevel: 'warn' });
const server = await preview({
  root,
  preview: { host: values.host, port: Number(values.port), open: false },
});
const address = server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0] ?? '';
console.log(`\nEntroscope is at ${address}\nPress Ctrl-C to stop.`);
openBrowser(address);
