/** Everything an experiment may name. */
import type { Catalog } from '../core/catalog.ts';
import { MODEL_PRESETS } from '../core/model_config.ts';
import { METHODS } from '../methods/index.ts';
import { RECIPES } from '../methods/recipes/index.ts';
import { TASKS } from '../tasks/index.ts';

export const CATALOG: Catalog = {
  tasks: TASKS,
  methods: METHODS,
  models: MODEL_PRESETS,
  recipes: RECIPES,
};
