// Installs the dependencies when they are missing or differ from package-lock.json.
// Plain Node without imports of packages, because it runs before there are any: it is the first
// thing that `npm start`, `npm test` and every command do.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Packages of a lock file, by path; npm keeps the same table inside node_modules. */
function readPackages(/** @type {string} */ file) {
  /** @type {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} */
  const packages = JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  return packages;
}

/** Whether node_modules holds what the lock file says (contents, not dates, which git changes). */
function isInstalled() {
  const hidden = 'node_modules/.package-lock.json';
  if (!existsSync(path.join(root, hidden))) return false;
  const wanted = readPackages('package-lock.json');
  const found = readPackages(hidden);
  for (const [name, entry] of Object.entries(wanted)) {
    if (name === '') continue;
    const here = found[name];
    // Packages for other platforms are in the lock but never installed.
    if (!here && (entry.optional || entry.devOptional)) continue;
    if (here?.version !== entry.version) return false;
  }
  return true;
}

/** Runs `npm ci` unless node_modules already matches the lock file. Throws when npm fails. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.log('Installing dependencies (npm ci) ...');
  // Tests, build and server all need the development packages, whatever NODE_ENV says.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) throw new Error(`npm ci failed (exit ${result.status}).`);
}
