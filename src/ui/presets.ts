/** The presets in public/presets, and the experiment that the page's address asks for. */
import type { Experiment } from '../core/experiment.ts';
import { parseExperiment } from '../core/parse.ts';
import { fromQuery, type Preset } from '../core/share.ts';
import { CATALOG, messageOf } from './declared.ts';

export type PresetEntry = Preset;

export interface Start {
  presets: readonly PresetEntry[];
  preset: PresetEntry;
  draft: Experiment;
  /** The address carried settings of its own. */
  isShared: boolean;
  /** What to tell the user: an address that was refused, or parts of it that have no effect. */
  errors: string[];
  notices: string[];
}

/** @throws {Error} the presets cannot be loaded */
export async function loadStart(search: string, base: string): Promise<Start> {
  const ids = (await loadJson(`${base}presets/index.json`)) as string[];
  const presets = await Promise.all(
    ids.map(async (id) => {
      const json = await loadJson(`${base}presets/${id}.json`);
      return { id, experiment: parseExperiment(json, CATALOG).experiment };
    }),
  );
  const first = presets[0];
  if (!first) throw new Error('presets/index.json: must name at least one preset, got none');
  const isShared = new URLSearchParams(search).size > 0;
  try {
    const { experiment, preset: id, notices } = fromQuery(search, presets, CATALOG);
    const preset = presets.find((p) => p.id === id) ?? first;
    return { presets, preset, draft: experiment, isShared, errors: [], notices };
  } catch (error) {
    const errors = [messageOf(error)];
    return {
      presets,
      preset: first,
      draft: first.experiment,
      isShared: false,
      errors,
      notices: [],
    };
  }
}

async function loadJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: must be there, got ${response.status}`);
  return response.json();
}
