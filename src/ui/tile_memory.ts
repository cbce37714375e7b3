/** Keeps which family of kernels was found faster, by adapter, in this browser; an address may force one (`?tiles=alone`). */
import * as v from 'valibot';
import { TILE_IDS, type TileChoice, type TileId } from '../core/tile_choice.ts';

const KEY = 'entroscope.tiles';
/** Adapters that are remembered: one has few, but every change of the kernels makes them anew. */
const MOST = 6;

const Tile = v.picklist(TILE_IDS);
const Time = v.pipe(v.number(), v.finite(), v.minValue(0));
const Kept = v.object({
  key: v.pipe(v.string(), v.maxLength(2000)),
  tile: Tile,
  usual: Tile,
  how: v.literal('measured'),
  times: v.object({ alone: Time, quad: v.optional(Time), staged: v.optional(Time) }),
  measured: Time,
});

/** Newest first; what is not as it must be is passed over. */
export function recallTiles(): TileChoice[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(list)) return [];
    return list.slice(0, MOST).flatMap((kept) => {
      const { success, output } = v.safeParse(Kept, kept);
      return success ? [output] : [];
    });
  } catch {
    return [];
  }
}

export function rememberTiles(choice: TileChoice): void {
  if (choice.how !== 'measured') return;
  const others = recallTiles().filter(({ key }) => key !== choice.key);
  try {
    localStorage.setItem(KEY, JSON.stringify([choice, ...others].slice(0, MOST)));
  } catch {
    // Without storage it is measured again at the next visit.
  }
}

/** Takes `tiles` out of a query. @param errors gets a line where it is none that there is */
export function takeTiles(query: string, errors: string[]): { tiles?: TileId; query: string } {
  const entries = new URLSearchParams(query);
  const asked = entries.get('tiles');
  if (asked === null) return { query };
  entries.delete('tiles');
  const rest = entries.toString();
  if (v.is(Tile, asked)) return { tiles: asked, query: rest };
  errors.push(`tiles: must be alone, quad or staged, got ${JSON.stringify(asked)}`);
  return { query: rest };
}
