/** Files as the engine wants them. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export function arrayBuffer(file: string): ArrayBuffer {
  const bytes = readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** @throws {RangeError} it cannot be read, or holds no JSON */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new RangeError(`${file}: must be a file of JSON, got ${(error as Error).message}`);
  }
}

/**
 * Before work whose result goes there.
 * @throws {RangeError} the folder cannot be made, or nothing may be written in it
 */
export function checkWritable(option: string, folder: string): void {
  let nearest = path.resolve(folder);
  while (!existsSync(nearest)) nearest = path.dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK);
    if (statSync(nearest).isDirectory()) return;
  } catch {
    // Said below.
  }
  throw new RangeError(`--${option}: must be a folder that can be written, got ${folder}`);
}

/**
 * A shipped base, for a session.
 * @throws {RangeError} there is none of this name
 */
export async function shippedBase(name: string): Promise<ArrayBuffer> {
  const base = `public/bases/${name}.safetensors`;
  if (existsSync(base)) return arrayBuffer(base);
  const [task, model, hints] = name.split('-');
  throw new RangeError(
    `base: needs ${base}, got no such file; train it with npm run train:base -- --task ${task} --model ${model}${hints ? ' --hints' : ''}`,
  );
}
