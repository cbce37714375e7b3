// Runs a command of src/cli or test/bench: `node src/cli/run.mjs NAME args...` calls `main(args)` of NAME.ts.
// To add a command, add a file that exports `main(args: string[]): Promise<number>` (exit code).
// Two things stand between Node and such a file, and are done here: a Vulkan driver must be in the
// environment before the process starts, and the sources are TypeScript with `?raw` imports and
// `import.meta.glob`, which Vite understands. No build is needed.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, root } from './install.mjs';

const folders = ['src/cli', 'test/bench'];

/** Command → its file: every file of the folders that exports `main`. */
function listCommands() {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((file) => `${folder}/${file}`),
  );
  const commands = files.filter(
    (file) =>
      file.endsWith('.ts') &&
      /^export (async function|function|const) main\b/m.test(
        readFileSync(path.join(root, file), 'utf8'),
      ),
  );
  return new Map(commands.map((file) => [path.basename(file, '.ts'), file]));
}

/** Starts this same command again under the given variables; resolves to its exit code. */
function respawn(/** @type {Record<string, string>} */ env) {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  // Ctrl-C reaches the child by itself; the parent only waits for it to finish its work.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

/** Loads the command's module through Vite and runs it. */
async function runCommand(/** @type {string} */ file, /** @type {string[]} */ args) {
  const { createServer } = await import('vite');
  const server = await createServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    cacheDir: 'node_modules/.cache/entroscope/vite-cli',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  const module = await server.ssrLoadModule(`/${file}`);
  return await module.main(args);
}

async function main() {
  const [name, ...args] = process.argv.slice(2);
  const commands = listCommands();
  const file = commands.get(name ?? '');
  if (!file) {
    console.error(`${name ? `Unknown command '${name}'` : 'No command given'}.`);
    console.error(`Commands: ${[...commands.keys()].join(', ')}.`);
    return 2;
  }
  ensureInstalled();
  if (process.env.ENTROSCOPE_RUN !== String(process.ppid)) {
    const { vulkanEnv } = await import('./vulkan.mjs');
    return respawn({ ...vulkanEnv(), ENTROSCOPE_RUN: String(process.pid) });
  }
  return runCommand(file, args);
}

// The process is ended explicitly: an open GPU device would keep it alive for ever.
main().then(
  (code) => process.exit(code),
  (error) => {
    // Bad input, which is told in words; where it was found helps nobody. Unknown options and the system's own refusals
    // (no such file) have a code.
    const isBadInput =
      error instanceof RangeError || error?.code?.startsWith('ERR_PARSE_ARGS') || error?.syscall;
    console.error(isBadInput ? error.message : error);
    process.exit(1);
  },
);
