/**
 * The register tiles of the matrix kernels, and which of them a device should use.
 *
 *   rows    of a tile
 *   merged  both gradients of a layer are one dispatch (matmul_backward.wgsl). A processor that plays the GPU goes through
 *           both sides of every branch: there they stay two, or a step of few rows takes 5 % longer.
 */
import { isSoftware } from '../gpu/device.ts';
import { hasQuads } from '../gpu/quads.ts';

export const TILES = {
  /** Every invocation on its own: runs everywhere. */
  alone: { rows: 8, merged: true },
  /** Four invocations share what they load. */
  quad: { rows: 12, merged: false },
} as const;

export type TileId = keyof typeof TILES;

const chosen = new WeakMap<GPUDevice, Promise<TileId>>();

/** Quads where a processor plays the GPU, whose loads are dear, and where they lie as the tile needs them. */
export function chooseTile(device: GPUDevice): Promise<TileId> {
  const known = chosen.get(device);
  if (known) return known;
  const choice = isSoftware(device.adapterInfo)
    ? hasQuads(device).then((has): TileId => (has ? 'quad' : 'alone'))
    : Promise.resolve<TileId>('alone');
  chosen.set(device, choice);
  return choice;
}

/**
 * For measuring: what every engine on this device takes from now on.
 * @throws {RangeError} quads where the device has none
 */
export async function forceTile(device: GPUDevice, tile: TileId): Promise<void> {
  if (tile === 'quad' && !(await hasQuads(device))) {
    throw new RangeError('tile: must be alone where the adapter has no quads along x, got quad');
  }
  chosen.set(device, Promise.resolve(tile));
}
