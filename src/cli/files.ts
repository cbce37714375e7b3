/** Files as the engine wants them. */
import { existsSync, readFileSync } from 'node:fs';

export function arrayBuffer(file: string): ArrayBuffer {
  const bytes = readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
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
