// A minimal reader of safetensors files, so that tests can load checkpoints and gradients that
// PyTorch wrote without going through the program's own reader.
//
// Format: u64 little-endian header length, a JSON header, then the tensors' bytes; data_offsets
// count from the end of the header.

import { readFileSync } from 'node:fs';

export interface Tensor {
  shape: number[];
  data: Float32Array;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [start: number, end: number];
}

export function parseSafetensors(bytes: Buffer): Map<string, Tensor> {
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const bodyStart = 8 + headerLength;
  const header: Record<string, HeaderEntry> = JSON.parse(bytes.toString('utf8', 8, bodyStart));
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (dtype !== 'F32') throw new Error(`parseSafetensors: ${name} must be F32, got ${dtype}`);
    const [start, end] = data_offsets;
    const size = shape.reduce((a, b) => a * b, 1);
    if (end - start !== 4 * size || bodyStart + end > bytes.length) {
      throw new RangeError(`parseSafetensors: ${name} must be 4·${size} bytes, got ${end - start}`);
    }
    // Read one by one: a view would need the offset to be a multiple of four.
    const data = new Float32Array(size);
    for (let i = 0; i < size; i++) data[i] = bytes.readFloatLE(bodyStart + start + 4 * i);
    tensors.set(name, { shape, data });
  }
  return tensors;
}

export function readSafetensors(path: string | URL): Map<string, Tensor> {
  return parseSafetensors(readFileSync(path));
}
