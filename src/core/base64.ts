/** Arrays of 32-bit floats as text, bit for bit, little-endian. */

const CHUNK = 0x8000;

export function floatsToText(values: Float32Array): string {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i] as number, true);
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}

/** @throws {RangeError} the text is not base64 of whole floats */
export function floatsFromText(where: string, text: string): Float32Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new RangeError(`${where}: must be base64, got something else`);
  }
  if (binary.length % 4 !== 0) {
    throw new RangeError(`${where}: must be whole floats, got ${binary.length} bytes`);
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
