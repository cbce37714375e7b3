// Parameters in and out of the file: nothing moves, padding stays zero, and a bad file is refused by the tensor's name.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout, elementCount, readTensor, writeTensor } from '../../src/model/layout.ts';
import {
  formatSafetensors,
  loadParameters,
  parseSafetensors,
  saveParameters,
} from '../../src/model/safetensors.ts';
import { parseSafetensors as readReference } from '../helpers/safetensors.ts';

// Three heads of width 10: rows are padded, permuted and interleaved in storage.
const layout = createLayout({
  n_layer: 2,
  n_embd: 30,
  n_head: 3,
  d_ff: 13,
  vocab_size: 11,
  rope_theta: 1e4,
  rms_eps: 1e-5,
});
const flat = initialParameters(layout, 4);
const file = saveParameters(layout, flat);

/** The file with its tensors changed. */
function changed(change: (tensors: ReturnType<typeof parseSafetensors>) => void): ArrayBuffer {
  const tensors = parseSafetensors(file);
  change(tensors);
  return formatSafetensors(tensors);
}

describe('layout', () => {
  it('gives every element of every tensor a place of its own', () => {
    const seen = new Uint8Array(layout.size);
    let count = 0;
    for (const spec of layout.tensors) {
      const one = new Float32Array(layout.size);
      writeTensor(one, spec, new Float32Array(elementCount(spec)).fill(1));
      one.forEach((x, i) => {
        seen[i] += x;
        count += x;
      });
    }
    expect(Math.max(...seen)).toBe(1);
    expect(count).toBe(layout.tensors.reduce((sum, spec) => sum + elementCount(spec), 0));
    // Everything else is padding, and starts as zero.
    expect(flat.every((x, i) => seen[i] === 1 || x === 0)).toBe(true);
  });

  it('reads back what it wrote', () => {
    for (const spec of layout.tensors) {
      const values = Float32Array.from({ length: elementCount(spec) }, (_, i) => i + 1);
      const copy = new Float32Array(layout.size);
      writeTensor(copy, spec, values);
      expect(readTensor(copy, spec)).toEqual(values);
    }
  });

  it('starts matrices on 256 bytes, as bound ranges must', () => {
    for (const { offset, rows, columns } of layout.matrices.values()) {
      expect(offset % 64).toBe(0);
      expect((rows * columns) % 4).toBe(0);
    }
  });

  it('refuses an odd head width', () => {
    const odd = { ...layout.config, n_embd: 9 };
    expect(() => createLayout(odd)).toThrow('must be an even whole number, got 9 / 3');
  });
});

describe('safetensors', () => {
  it('comes back bit for bit', () => {
    expect(loadParameters(layout, file)).toEqual(flat);
  });

  it('is what another reader of the format reads', () => {
    const read = readReference(Buffer.from(file));
    const ours = parseSafetensors(file);
    expect([...read.keys()]).toEqual([...ours.keys()]);
    for (const [name, { shape, data }] of read) {
      expect(shape).toEqual(ours.get(name)?.shape);
      expect([...data]).toEqual([...(ours.get(name)?.values ?? [])]);
    }
  });

  it('keeps the names and shapes of LlamaForCausalLM, and PyTorch’s file loads', () => {
    const bytes = readFileSync(new URL('../goldens/model.safetensors', import.meta.url));
    const golden = createLayout({
      n_layer: 2,
      n_embd: 32,
      n_head: 4,
      d_ff: 96,
      vocab_size: 24,
      rope_theta: 1e4,
      rms_eps: 1e-5,
    });
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const loaded = loadParameters(golden, buffer);
    const expected = readReference(bytes);
    const saved = readReference(Buffer.from(saveParameters(golden, loaded)));
    expect(saved.size).toBe(expected.size);
    for (const [name, tensor] of expected) expect(saved.get(name)).toEqual(tensor);
  });

  const q = 'model.layers.1.self_attn.q_proj.weight';
  it.each([
    ['truncated', file.slice(0, file.byteLength - 8), /lm_head|truncated/],
    ['cut inside the header', file.slice(0, 40), /truncated/],
    ['not a safetensors file', new ArrayBuffer(64), /header must be JSON/],
    ['empty', new ArrayBuffer(0), /must hold a header, got 0 bytes/],
    ['missing a tensor', changed((t) => t.delete(q)), `needs the tensor ${q}, got none`],
    [
      'wrong-shaped',
      changed((t) => t.set(q, { shape: [30, 31], values: new Float32Array(930) })),
      `${q} must be [30,30], got [30,31]`,
    ],
    [
      'not finite',
      changed((t) => {
        (t.get(q) as { values: Float32Array }).values[7] = Number.NaN;
      }),
      `${q} must be finite, got NaN at 7`,
    ],
    [
      'holding something else',
      changed((t) => t.set('extra', { shape: [1], values: new Float32Array(1) })),
      'unknown tensor extra',
    ],
  ])('refuses a file that is %s', (_, bad, message) => {
    expect(() => loadParameters(layout, bad)).toThrow(message);
  });
});
