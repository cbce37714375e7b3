// Where the staged kernels put their right factor: every place once, and no two of eight neighbors in one group of banks.
import { expect, test } from 'vitest';
import { createKernel } from '../../src/gpu/kernel.ts';
import { record, storage } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { sources } from '../../src/model/sources.ts';
import { device } from '../helpers/dawn.ts';

const [TERMS, COLUMNS, DEPTH] = [16, 8, 4];
/** As the kernels are dispatched: the first invocations of a workgroup that access memory together. */
const TOGETHER = 8;

/** [TERMS, COLUMNS] what the kernels' own function says. */
async function places(): Promise<number[]> {
  const text = `
    @group(0) @binding(12) var<storage, read_write> places: array<u32>;
    @compute @workgroup_size(64)
    fn tell(@builtin(global_invocation_id) id: vec3u) {
      places[id.x] = right_at(id.x / ${COLUMNS}u, id.x % ${COLUMNS}u);
    }`;
  const kernel = await createKernel(device, {
    entry: 'tell',
    sources: [
      ...sources('lib/rows_packed', 'lib/lanes_alone', 'lib/tile_alone', 'lib/staged'),
      { name: 'tell', text: `${text}\nfn epilogue(row: u32, column: u32, acc: vec4f) {}` },
    ],
  });
  const buffer = storage(device, 'places', 4 * TERMS * COLUMNS);
  const group = kernel.bind({ places: buffer });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, [{ kernel, group, workgroups: () => [2] }], 1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const told = [...new Uint32Array(await readBuffer(device, buffer))];
  buffer.destroy();
  return told;
}

const at = await places();
const place = (term: number, column: number): number => at[COLUMNS * term + column] as number;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

test('every place is used once', () => {
  expect([...at].sort((a, b) => a - b)).toEqual(range(TERMS * COLUMNS));
});

/** Accesses of invocations 0, 1, 2, …, in order. */
const ACCESSES: Record<string, number[]> = {
  'matmul_nt stores': range(TERMS * COLUMNS).map((i) => {
    const output = Math.floor(i / DEPTH);
    return place((i % DEPTH) * 4 + (output % 4), Math.floor(output / 4));
  }),
  'matmul_nn and matmul_tn store': range(TERMS * COLUMNS).map((i) =>
    place(Math.floor(i / 8), i % 8),
  ),
  'all load': range(TERMS).flatMap((term) => range(COLUMNS).map((column) => place(term, column))),
};

test.each(Object.entries(ACCESSES))(
  '%s without two neighbors in one group of banks',
  (_, order) => {
    for (let i = 0; i < order.length; i += TOGETHER) {
      const groups = order.slice(i, i + TOGETHER).map((x) => x % 8);
      expect(new Set(groups).size, `invocations from ${i} on`).toBe(TOGETHER);
    }
  },
);
