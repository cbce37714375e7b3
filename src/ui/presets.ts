/** The presets in public/presets, and the experiment that the page's address asks for. */
import * as v from 'valibot';
import type { Experiment } from '../core/experiment.ts';
import { parseExperiment } from '../core/parse.ts';
import { fromQuery, type Preset } from '../core/share.ts';
import type { TileId } from '../core/tile_choice.ts';
import { CATALOG, messageOf } from './declared.ts';
import { type Lock, takeLocks } from './locks.ts';
import { takeTiles } from './tile_memory.ts';
import { startView } from './view_memory.ts';

export interface PresetEntry extends Preset {
  /** What it is an example of, as a heading. */
  group: string;
}

/** presets/index.json: the presets by group, in the order of the list. */
const Index = v.array(v.object({ group: v.string(), presets: v.array(v.string()) }));

export interface Start {
  presets: readonly PresetEntry[];
  preset: PresetEntry;
  draft: Experiment;
  /** Groups of controls that the address hides. */
  locks: ReadonlySet<Lock>;
  /** Family of kernels that the address forces. */
  tiles?: TileId;
  /** The address carried settings of its own. */
  isShared: boolean;
  /** What to tell the user: an address that was refused, or parts of it that have no effect. */
  errors: string[];
  notices: string[];
}

/** @throws {Error} the presets cannot be loaded */
export async function loadStart(search: string, base: string): Promise<Start> {
  const groups = v.parse(Index, await loadJson(`${base}presets/index.json`));
  const presets = await Promise.all(
    groups.flatMap(({ group, presets: ids }) =>
      ids.map(async (id) => {
        const json = await loadJson(`${base}presets/${id}.json`);
        return { id, group, experiment: parseExperiment(json, CATALOG).experiment };
      }),
    ),
  );
  const first = presets[0];
  if (!first) throw new Error('presets/index.json: must name at least one preset, got none');
  const errors: string[] = [];
  const locked = takeLocks(startView(search), errors);
  const { locks } = locked;
  const { tiles, query } = takeTiles(locked.query, errors);
  const isShared = new URLSearchParams(query).size > 0;
  try {
    const { experiment, preset: id, notices } = fromQuery(query, presets, CATALOG);
    const preset = presets.find((p) => p.id === id) ?? first;
    return { presets, preset, draft: experiment, locks, tiles, isShared, errors, notices };
  } catch (error) {
    errors.push(messageOf(error));
    const { experiment: draft } = first;
    return { presets, preset: first, draft, locks, tiles, isShared: false, errors, notices: [] };
  }
}

async function loadJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: must be there, got ${response.status}`);
  return response.json();
}
