/**
 * The register tiles of the matrix kernels, and which of them a device should use: the usual one, until a program that
 * starts has settled it (tile_choice.ts). An engine keeps what it was made with.
 */
import type { TileId } from '../core/tile_choice.ts';
import { isSoftware } from '../gpu/device.ts';
import { hasQuads } from '../gpu/quads.ts';

export type { TileId } from '../core/tile_choice.ts';

interface Family {
  /** Of a tile. */
  rows: number;
  /** How attention and decoding load, and the matrix kernels that do not stage. */
  loads: 'alone' | 'quad';
}

export const TILES: Readonly<Record<TileId, Family>> = {
  /** Every invocation on its own: runs everywhere. */
  alone: { rows: 8, loads: 'alone' },
  /** Four invocations share what they load. */
  quad: { rows: 12, loads: 'quad' },
  /** In training a workgroup stages what its 64 invocations read in its own memory (lib/staged.wgsl). */
  staged: { rows: 8, loads: 'alone' },
};

const quads = new WeakMap<GPUDevice, Promise<boolean>>();
const settled = new WeakMap<GPUDevice, TileId>();

/** Tried once a device. @throws {Error} the device was lost meanwhile */
export function knowsQuads(device: GPUDevice): Promise<boolean> {
  const known = quads.get(device) ?? hasQuads(device);
  quads.set(device, known);
  known.catch(() => quads.delete(device));
  return known;
}

/** Quads where a processor plays the GPU, whose loads are dear, and where they lie as the tile needs them. */
export async function usualTile(device: GPUDevice): Promise<TileId> {
  return isSoftware(device.adapterInfo) && (await knowsQuads(device)) ? 'quad' : 'alone';
}

/** What a new engine on this device takes, where it is not told. */
export async function chooseTile(device: GPUDevice): Promise<TileId> {
  return settled.get(device) ?? usualTile(device);
}

/** Whether this device can run it. */
export async function canRun(device: GPUDevice, tile: TileId): Promise<boolean> {
  return tile !== 'quad' || knowsQuads(device);
}

/** Worth timing here. Where a processor plays the GPU each barrier costs more than it saves, and compiling takes seconds. */
export async function candidates(device: GPUDevice): Promise<TileId[]> {
  const quad: TileId[] = (await knowsQuads(device)) ? ['quad'] : [];
  return ['alone', ...quad, ...(isSoftware(device.adapterInfo) ? [] : (['staged'] as const))];
}

/**
 * What every engine on this device takes from now on.
 * @throws {RangeError} quads where the device has none
 */
export async function forceTile(device: GPUDevice, tile: TileId): Promise<void> {
  if (!(await canRun(device, tile))) {
    throw new RangeError('tile: must be another where the adapter has no quads along x, got quad');
  }
  settled.set(device, tile);
}
