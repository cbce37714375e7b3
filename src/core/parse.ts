/**
 * From a file to an experiment and back. A file gives what differs from the defaults:
 *
 *   { "version": 1, "name": "…", "caption": "…", "task": "chain_sum", "model": "nano", "base": "shipped",
 *     "methods": ["grpo", "ppo_clip"], "settings": { "trainer.prompts": 16 },
 *                                        (or "algorithm": "dapo", whose methods and settings are then the defaults)
 *     "arms": [{ "id": "naive", "name": "…", "methods": ["entropy_bonus"],
 *                "settings": { "entropy_bonus.alpha": 0.2 }, "color": 1, "enabled": true }],
 *     "seeds": [0, 1, 2] }
 */
import {
  activeMethods,
  type Catalog,
  type CatalogMethod,
  choose,
  conflictOf,
  type Owner,
  ownerOf,
  paramOf,
  SINGLE_STAGES,
  TRAINER,
} from './catalog.ts';
import type { Arm, Experiment } from './experiment.ts';
import { type ExperimentFile, readShape } from './experiment_file.ts';
import type { ModelPresetId } from './model_config.ts';
import { defaultsOf, formatParam, parseParam, type Values } from './param.ts';
import { recipeOf, recipeValues } from './recipe.ts';
import { TRAINER_PARAMS } from './settings.ts';

/** Of a file that names neither methods nor an algorithm. */
export const DEFAULT_METHODS: readonly string[] = ['grpo', 'ppo_clip'];
/** The one setting of the training loop that belongs to an algorithm. */
const AGGREGATE: Owner = {
  id: TRAINER.id,
  params: { aggregate: TRAINER_PARAMS.aggregate },
};

/** Settings from outside, not yet checked. */
type Given = Readonly<Record<string, unknown>>;

/**
 * Checks what comes from outside and resolves every setting.
 *
 * An arm that lists a shared method has its own settings of it, which begin with the shared values. An arm that names an
 * algorithm does not take part in the shared one.
 *
 * @returns the experiment, and a line for each part of the file that has no effect
 * @throws {RangeError} `where: what must hold, got what`, for the first thing that does not
 */
export function parseExperiment(
  json: unknown,
  catalog: Catalog,
): { experiment: Experiment; notices: string[] } {
  const notices: string[] = [];
  const file = readShape(json, notices);
  const task = choose('task', file.task, catalog.tasks);
  choose('model', file.model, new Map(Object.entries(catalog.models)));

  const recipe = recipeOf('algorithm', file.algorithm, catalog);
  const methods = file.methods ?? recipe?.methods ?? DEFAULT_METHODS;
  const shared = methodsOf('methods', methods, catalog);
  const owners = [TRAINER, task, ...shared];
  const begin = recipe ? recipeValues(recipe, catalog) : {};
  const values = resolve('', file.settings, owners, begin, catalog, notices);
  task.check?.(values);

  const arms = file.arms.map((arm, index): Arm => {
    const ownRecipe = recipeOf(`arm.${arm.id}.algorithm`, arm.algorithm, catalog);
    const ids = arm.methods ?? ownRecipe?.methods ?? [];
    const own: Owner[] = methodsOf(`arm.${arm.id}.methods`, ids, catalog);
    if (ownRecipe) own.push(AGGREGATE);
    const inherited = ownRecipe ? recipeValues(ownRecipe, catalog) : values;
    const active = activeMethods({ methods }, { ...arm, methods: ids }, catalog.methods);
    const conflict = conflictOf(active);
    if (conflict) throw new RangeError(`arm.${arm.id}.methods: ${conflict}`);
    for (const stage of SINGLE_STAGES) {
      const found = active.filter((method) => method.stage === stage).map((method) => method.id);
      if (found.length === 1) continue;
      throw new RangeError(
        `arm.${arm.id}.methods: must leave exactly one ${stage}, got ${found.join(', ') || 'none'}`,
      );
    }
    return {
      id: arm.id,
      name: arm.name ?? arm.id,
      color: arm.color ?? index,
      enabled: arm.enabled,
      ...(ownRecipe && { algorithm: ownRecipe.id }),
      methods: ids,
      values: resolve(`arm.${arm.id}.`, arm.settings, own, inherited, catalog, notices),
    };
  });

  if (!arms.some((arm) => arm.enabled)) notices.push('arms: none is enabled, nothing will run');

  const { version, name, caption, base, seeds } = file;
  const model = file.model as ModelPresetId;
  const experiment: Experiment = {
    ...{ version, name, caption, task: task.id, model, base },
    ...(recipe && { algorithm: recipe.id }),
    ...{ methods, values, arms, seeds },
  };
  return { experiment, notices };
}

/** The file of an experiment, every setting written out; a choice by its id. Ready for JSON. */
export function formatExperiment(experiment: Experiment, catalog: Catalog) {
  const { values, arms, methods, seeds, ...rest } = experiment;
  return {
    ...rest,
    methods: [...methods],
    settings: formatValues(values, catalog),
    arms: arms.map(({ values: own, methods: ids, ...arm }) => ({
      ...arm,
      methods: [...ids],
      settings: formatValues(own, catalog),
    })),
    seeds: [...seeds],
  } satisfies ExperimentFile;
}

/** Settings as they stand in files and URLs. */
function formatValues(values: Values, catalog: Catalog) {
  const formatted: Record<string, number | string | boolean> = {};
  for (const [key, value] of Object.entries(values)) {
    const param = paramOf(key, catalog);
    formatted[key] = param ? formatParam(param, value) : value;
  }
  return formatted;
}

function methodsOf(where: string, ids: readonly string[], catalog: Catalog): CatalogMethod[] {
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice) throw new RangeError(`${where}: must name a method once, got "${twice}" twice`);
  return ids.map((id) => choose(where, id, catalog.methods));
}

/** Values of all settings of the owners: given, else inherited, else the default. */
function resolve(
  where: string,
  given: Given,
  owners: readonly Owner[],
  inherited: Values,
  catalog: Catalog,
  notices: string[],
): Values {
  const values: Record<string, number> = {};
  for (const owner of owners) {
    for (const [key, value] of Object.entries(defaultsOf(owner.id, owner.params))) {
      values[key] = inherited[key] ?? value;
    }
  }
  for (const [key, value] of Object.entries(given)) {
    const owner = ownerOf(key, catalog);
    const param = paramOf(key, catalog);
    if (!owner) {
      const ids = [TRAINER.id, ...catalog.tasks.keys(), ...catalog.methods.keys()];
      throw new RangeError(
        `${where || 'settings.'}*: names must begin with one of ${ids.join(', ')}, got "${key}"`,
      );
    }
    if (!param) {
      const names = Object.keys(owner.params).map((name) => `${owner.id}.${name}`);
      throw new RangeError(
        `${where}${key}: must be ${names.length ? `one of ${names.join(', ')}` : 'absent'}, got ${JSON.stringify(value)}`,
      );
    }
    const parsed = parseParam(`${where}${key}`, param, value);
    if (Object.hasOwn(values, key)) values[key] = parsed;
    else notices.push(`${where}${key}: ignored, ${owner.id} is not in use here`);
  }
  return values;
}
