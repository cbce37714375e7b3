// The project's own catalog, and its presets, for the tests of this folder.
import { readFileSync } from 'node:fs';
import type { Catalog } from '../../src/core/catalog.ts';
import { MODEL_PRESETS } from '../../src/core/model_config.ts';
import { METHODS } from '../../src/methods/index.ts';
import { RECIPES } from '../../src/methods/recipes/index.ts';
import { TASKS } from '../../src/tasks/index.ts';

export const CATALOG: Catalog = {
  tasks: TASKS,
  methods: METHODS,
  models: MODEL_PRESETS,
  recipes: RECIPES,
};

export function presetFile(name: string): unknown {
  return JSON.parse(readFileSync(`public/presets/${name}.json`, 'utf8'));
}
