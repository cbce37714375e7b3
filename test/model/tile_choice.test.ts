// The choice between families of kernels: by time where they differ, kept by adapter and kernels, forced by name, and never
// in the way of a start.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { settle } from '../../src/cli/tiles.ts';
import { decideTile, type TileChoice } from '../../src/core/tile_choice.ts';
import { heldBytes } from '../../src/gpu/memory.ts';
import { hasQuads } from '../../src/gpu/quads.ts';
import { sourcesHash } from '../../src/model/sources.ts';
import { areAlike } from '../../src/model/tile_check.ts';
import { measureTiles, settleTile, tileKey } from '../../src/model/tile_choice.ts';
import { chooseTile, forceTile, usualTile } from '../../src/model/tiles.ts';
import { adapter, device, openTestDevice } from '../helpers/dawn.ts';

const isQuad = await hasQuads(device);
const key = tileKey(device);
const kept = (tile: TileChoice['tile'], rest: Partial<TileChoice> = {}): TileChoice => ({
  ...{ key, tile, usual: 'alone', how: 'measured', times: { alone: 2, quad: 1 }, measured: 5 },
  ...rest,
});

afterEach(async () => forceTile(device, await usualTile(device)));

it.each([
  ['alone', { alone: 2, quad: 1.9 }, 'alone'],
  ['alone', { alone: 2, quad: 1.81 }, 'alone'],
  ['alone', { alone: 2, quad: 1.79 }, 'quad'],
  ['quad', { alone: 1.9, quad: 2 }, 'quad'],
  ['quad', { alone: 1.7, quad: 2 }, 'alone'],
  ['quad', { alone: Number.NaN, quad: 2 }, 'quad'],
] as const)('where %s is usual, %o decides for %s', (usual, times, tile) => {
  expect(decideTile(usual, times)).toBe(tile);
});

it('times both on this adapter and leaves no buffer', async () => {
  if (!isQuad) return expect((await settleTile(device)).how).toBe('only');
  const before = heldBytes(device);
  // However busy the machine: compiling is waited for.
  const { how, times, tile, usual, measured } = await measureTiles(device, 60_000);
  expect(how).toBe('measured');
  expect(times?.alone).toBeGreaterThan(0.01);
  expect(times?.quad).toBeGreaterThan(0.01);
  expect(tile).toBe(decideTile(usual, times as Record<TileChoice['tile'], number>));
  expect(Math.abs(Date.now() - (measured ?? 0))).toBeLessThan(60_000);
  expect(heldBytes(device)).toBe(before);
});

it.each([
  ['computes something else', 'quadSwapY('],
  ['does not compile', 'unknown('],
])('a family that %s is not chosen, however fast', async (_, call) => {
  if (!isQuad) return expect(await usualTile(device)).toBe('alone');
  const before = heldBytes(device);
  const create = device.createShaderModule;
  device.createShaderModule = ({ code, ...rest }) =>
    create.call(device, { ...rest, code: code.replaceAll('quadSwapX(', call) });
  try {
    const { how, tile, times, note } = await measureTiles(device, 60_000);
    expect({ how, tile, note }).toEqual({
      ...{ how: 'measured', tile: 'alone' },
      note: 'here quad did not compile or gave other results',
    });
    expect(Object.keys(times ?? {})).toEqual(['alone']);
  } finally {
    device.createShaderModule = create;
  }
  expect(heldBytes(device)).toBe(before);
});

it.each([
  ['in one value', [1, 2, 3], [1, 2, 3.001], false],
  ['by rounding', [1, 2, 3], [1, 2.0001, 3], true],
  ['where one is NaN', [1, 2, 3], [1, Number.NaN, 3], false],
  ['where both are', [1, Number.NaN], [1, Number.NaN], false],
])('results that differ %s', (_, a, b, areSame) => {
  expect(areAlike([Float32Array.from(a)], [Float32Array.from(b)])).toBe(areSame);
});

it('waits no longer for a compiler than it must, and says so', async () => {
  if (!isQuad) return expect(await usualTile(device)).toBe('alone');
  // One that has compiled nothing yet.
  const fresh = await openTestDevice();
  const choice = await measureTiles(fresh, 0);
  fresh.destroy();
  expect(choice).toMatchObject({ how: 'usual', tile: await usualTile(device) });
  expect(choice.note).toContain('to compile');
});

it('takes what was kept for this adapter and these kernels, and nothing else', async () => {
  if (!isQuad) return expect(await chooseTile(device)).toBe('alone');
  const own = await settleTile(device, { remembered: [kept('quad', { key: 'x' }), kept('alone')] });
  expect(own).toMatchObject({ tile: 'alone', how: 'measured', measured: 5 });
  expect(await chooseTile(device)).toBe('alone');
  const stale = [kept('alone', { key: key.replace(sourcesHash(), '0') })];
  // In a hurry on a software adapter the usual one is taken; elsewhere it is measured.
  const other = await settleTile(device, { remembered: stale, isHurried: true });
  expect(other.measured).not.toBe(5);
  expect(await chooseTile(device)).toBe(other.tile);
});

it('forces a family by name, and says where there is no other', async () => {
  expect(await settleTile(device, { forced: 'alone' })).toMatchObject({
    ...{ tile: 'alone', how: 'forced' },
  });
  expect(await chooseTile(device)).toBe('alone');
  const bare = { features: new Set(), adapterInfo: adapter.info } as unknown as GPUDevice;
  const only = await settleTile(bare, { forced: 'quad' });
  expect(only).toMatchObject({ tile: 'alone', how: 'only' });
  expect(only.note).toContain('quad was asked for');
});

it('a command keeps it in a file, and takes it from there', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-tiles-'));
  const file = path.join(folder, 'cache', 'tiles.json');
  try {
    const first = await settle(device, undefined, file);
    if (first.how === 'measured') {
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([first]);
      writeFileSync(file, JSON.stringify([kept('alone'), 'spoiled', null]));
      expect(await settle(device, undefined, file)).toEqual(kept('alone'));
      writeFileSync(file, 'spoiled');
      expect((await settle(device, undefined, file)).measured).not.toBe(5);
    }
    expect((await settle(device, 'alone', file)).tile).toBe('alone');
    await expect(settle(device, 'pairs', file)).rejects.toThrow('--tile: must be one of');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
