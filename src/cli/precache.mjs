/**
 * A step of the build: writes dist/sw.js, the page's service worker with the list of all files of this build and a
 * name made of their content.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const source = path.join(import.meta.dirname, '../ui/offline/service_worker.js');
/** Not needed by the page: the picture is for the README, the worker does not keep itself. */
const LEFT_OUT = ['sw.js', 'screenshot.png'];

/** @returns {import('vite').Plugin} */
export function precache() {
  let folder = '';
  return {
    name: 'entroscope:precache',
    apply: 'build',
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .map((file) => file.split(path.sep).join('/'))
        .filter((file) => !LEFT_OUT.includes(file))
        .sort();
      const hash = createHash('sha256');
      for (const file of files) hash.update(file).update(readFileSync(path.join(folder, file)));
      const text = readFileSync(source, 'utf8');
      hash.update(text);
      const list = files.map((file) => JSON.stringify(file)).join(', ');
      const filled = text
        .replace("'__VERSION__'", JSON.stringify(hash.digest('hex').slice(0, 16)))
        .replace("'__FILES__'", list);
      writeFileSync(path.join(folder, 'sw.js'), filled);
    },
  };
}
