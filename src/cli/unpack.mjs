// Unpacks the archives inside npm's @sparticuz/chromium: a browser, the software Vulkan driver
// SwiftShader, the NSS libraries and a font. We do it ourselves, because that package unpacks into
// fixed names under /tmp, where a half-written or foreign file is taken for the real one.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { root } from './install.mjs';

const packageFolder = path.join(root, 'node_modules/@sparticuz/chromium');
const cache = path.join(root, 'node_modules/.cache/entroscope');

/** Whether the archives (Linux, x64) can run here. */
export const canUnpack = process.platform === 'linux' && process.arch === 'x64';

/** Writes the files of an uncompressed ustar archive (plain files with short names only). */
function untar(/** @type {Buffer} */ tar, /** @type {string} */ folder) {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    const isFile = tar[at + 156] === 0x30 || tar[at + 156] === 0;
    const target = path.join(folder, name);
    if (isFile && target.startsWith(folder + path.sep)) {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, tar.subarray(at + 512, at + 512 + size), { mode: 0o755 });
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/**
 * Unpacks one archive once and returns its folder.
 * @param {'swiftshader' | 'al2023' | 'fonts' | 'chromium'} name
 */
export function unpack(name) {
  if (!canUnpack) {
    throw new Error(`The software GPU and browser from npm exist for Linux x64 only.`);
  }
  const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  const folder = path.join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  // Written beside and renamed at the end, so that an interrupted run leaves nothing half done.
  const draft = mkdtempSync(path.join(cache, `${name}-`));
  if (name === 'chromium') {
    const bytes = brotliDecompressSync(readFileSync(path.join(packageFolder, 'bin/chromium.br')));
    writeFileSync(path.join(draft, 'chromium'), bytes, { mode: 0o755 });
    untar(readTar('swiftshader'), draft);
  } else {
    untar(readTar(name), draft);
  }
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else: another process was first
  }
  return folder;
}

function readTar(/** @type {string} */ name) {
  return brotliDecompressSync(readFileSync(path.join(packageFolder, `bin/${name}.tar.br`)));
}
