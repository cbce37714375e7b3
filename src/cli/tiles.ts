/** The choice between families of kernels for commands: kept in a file, as the page keeps it in the browser. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TileChoice, TileId } from '../core/tile_choice.ts';
import { settleTile } from '../model/tile_choice.ts';
import { TILES } from '../model/tiles.ts';
import { root } from './install.mjs';
import { oneOf } from './options.ts';

const FILE = path.join(root, 'node_modules/.cache/entroscope/tiles.json');
const MOST = 6;
/** A command has time: what it measures is kept for the next. */
const PATIENCE_MS = 20_000;

/** @throws {RangeError} `asked` is no family, or one that the device cannot run */
export async function settle(device: GPUDevice, asked?: string, file = FILE): Promise<TileChoice> {
  const forced =
    asked === undefined ? undefined : oneOf('tile', asked, Object.keys(TILES) as TileId[]);
  const remembered = recall(file);
  const request = { remembered, patienceMs: PATIENCE_MS, ...(forced && { forced }) };
  const choice = await settleTile(device, request);
  if (forced && choice.tile !== forced) {
    throw new RangeError(`--tile: must be ${choice.tile} on this adapter, got ${forced}`);
  }
  if (choice.how === 'measured') remember(file, choice, remembered);
  return choice;
}

function recall(file: string): TileChoice[] {
  try {
    const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const isChoice = (kept: Partial<TileChoice>): boolean =>
      typeof kept?.key === 'string' && kept.how === 'measured' && (kept.tile ?? '') in TILES;
    return Array.isArray(list) ? list.filter(isChoice) : [];
  } catch {
    // None yet, or spoiled: measured again.
    return [];
  }
}

function remember(file: string, choice: TileChoice, known: readonly TileChoice[]): void {
  const others = known.filter(({ key }) => key !== choice.key);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify([choice, ...others].slice(0, MOST))}\n`);
  } catch {
    // Where nothing may be written it is measured each time.
  }
}
