/**
 * Reads and writes the safetensors format (8 bytes header length, JSON header, raw little-endian data), F32 only, with
 * every failure named: what comes from outside must not reach a running model half read.
 * Format: huggingface/safetensors README.
 */
import { type Layout, readTensor, type TensorSpec, writeTensor } from './layout.ts';

export interface TensorData {
  shape: readonly number[];
  values: Float32Array;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** @throws {Error} a malformed, truncated or unsupported file, naming the tensor */
export function parseSafetensors(file: ArrayBuffer): Map<string, TensorData> {
  const fail = (what: string): never => {
    throw new Error(`safetensors: ${what}`);
  };
  if (file.byteLength < 8) fail(`file must hold a header, got ${file.byteLength} bytes`);
  const headerBytes = Number(new DataView(file).getBigUint64(0, true));
  if (headerBytes > file.byteLength - 8) {
    fail(
      `header must end within the file, got ${headerBytes} of ${file.byteLength - 8} bytes (truncated?)`,
    );
  }
  let header: Record<string, HeaderEntry>;
  try {
    header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, headerBytes)));
  } catch {
    return fail('header must be JSON, got something else');
  }
  const tensors = new Map<string, TensorData>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (entry.dtype !== 'F32') fail(`${name}: dtype must be F32, got ${entry.dtype}`);
    const [from, to] = entry.data_offsets;
    const count = entry.shape.reduce((a, b) => a * b, 1);
    if (to - from !== count * 4)
      fail(`${name}: data must be ${count * 4} bytes for [${entry.shape}], got ${to - from}`);
    if (from < 0 || 8 + headerBytes + to > file.byteLength)
      fail(`${name}: data must lie within the file (truncated?)`);
    const bytes = file.slice(8 + headerBytes + from, 8 + headerBytes + to);
    tensors.set(name, { shape: entry.shape, values: new Float32Array(bytes) });
  }
  return tensors;
}

export function formatSafetensors(tensors: ReadonlyMap<string, TensorData>): ArrayBuffer {
  const header: Record<string, HeaderEntry> = {};
  let at = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape: [...shape], data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
  }
  const json = JSON.stringify(header);
  // Data begins on a multiple of 8; the header may end in blanks.
  const text = new TextEncoder().encode(json + ' '.repeat((8 - (json.length % 8)) % 8));
  const file = new Uint8Array(8 + text.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let end = 8 + text.length;
  for (const { values } of tensors.values()) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), end);
    end += values.byteLength;
  }
  return file.buffer;
}

/**
 * Flat parameters from a file with Hugging Face names.
 * @throws {Error} a tensor is missing, unknown, of another shape, or not finite
 */
export function loadParameters(layout: Layout, file: ArrayBuffer): Float32Array {
  const tensors = parseSafetensors(file);
  const flat = new Float32Array(layout.size);
  for (const spec of layout.tensors) {
    const found = tensors.get(spec.name);
    if (!found) throw new Error(`checkpoint: needs the tensor ${spec.name}, got none`);
    if (found.shape.join() !== spec.shape.join()) {
      throw new Error(`checkpoint: ${spec.name} must be [${spec.shape}], got [${found.shape}]`);
    }
    const bad = found.values.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0)
      throw new Error(
        `checkpoint: ${spec.name} must be finite, got ${found.values[bad]} at ${bad}`,
      );
    writeTensor(flat, spec, found.values);
    tensors.delete(spec.name);
  }
  for (const name of tensors.keys()) throw new Error(`checkpoint: unknown tensor ${name}`);
  return flat;
}

export function saveParameters(
  layout: Layout,
  flat: Float32Array,
  tensors: readonly TensorSpec[] = layout.tensors,
): ArrayBuffer {
  const entries = tensors.map((spec) => {
    const values = readTensor(flat, spec);
    return [spec.name, { shape: spec.shape, values }] as const;
  });
  return formatSafetensors(new Map(entries));
}
