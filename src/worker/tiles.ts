/** The family of kernels that experiments are opened with, in the Worker: settled at the probe, measured when there is time. */
import type { TileChoice } from '../core/tile_choice.ts';
import { measureTiles, settleTile, type TileRequest } from '../model/tile_choice.ts';
import { forceTile } from '../model/tiles.ts';

/** Nobody waits for a measurement that comes when there is nothing to do, or that was asked for. */
const PATIENCE_MS = 20_000;

export class Tiles {
  choice: TileChoice | undefined;

  /** Once; a software adapter takes the usual family without measuring, so that the page can start. */
  async settle(device: GPUDevice, request: TileRequest = {}): Promise<TileChoice> {
    this.choice ??= await settleTile(device, { ...request, isHurried: true });
    return this.choice;
  }

  /** On a device that took the place of a lost one. */
  async apply(device: GPUDevice): Promise<void> {
    // Where it is another adapter, which cannot, the usual family is taken.
    if (this.choice) await forceTile(device, this.choice.tile).catch(() => {});
  }

  /** Nobody has measured or forced, and nothing spoke against it. */
  get isOpen(): boolean {
    return this.choice?.how === 'usual' && this.choice.note === undefined;
  }

  /** Anew, on a device that does nothing else; what is forced, or has no other, stays. */
  async measure(device: GPUDevice): Promise<void> {
    if (this.choice?.how !== 'measured' && this.choice?.how !== 'usual') return;
    this.choice = await measureTiles(device, PATIENCE_MS);
    await forceTile(device, this.choice.tile);
  }
}
