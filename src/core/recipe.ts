/** Algorithms by name: stages that belong together, with their values. Data; parts can still be exchanged one by one. */
import type { AggregateId } from './aggregate.ts';
import { AGGREGATES } from './aggregate.ts';
import { type Catalog, choose, paramOf } from './catalog.ts';
import { defaultsOf, formatParam, type Values } from './param.ts';

export interface Recipe {
  /** Stands in files and URLs. */
  id: string;
  label: string;
  /** What makes it what it is, for a learner; and what of it is ours. */
  summary: string;
  /** Ids of its methods: an advantage, an objective, perhaps more. */
  methods: readonly string[];
  aggregate: AggregateId;
  /** Settings of its methods by full name, where they are not the defaults. */
  settings: Values;
}

/** Who has an algorithm: an experiment for all of its arms, or an arm of its own. */
export interface AlgorithmHolder {
  /** The recipe that it began as. */
  algorithm?: string;
  methods: readonly string[];
  values: Values;
}

export const AGGREGATE_KEY = 'trainer.aggregate';

/**
 * The recipe of this id; undefined for none.
 * @throws {RangeError} `where: must be one of <all ids>, got <id>`
 */
export function recipeOf(where: string, id: string | undefined, catalog: Catalog) {
  return id ? choose(where, id, catalog.recipes ?? new Map<string, Recipe>()) : undefined;
}

/** All settings of the recipe's methods, and its aggregation, by full name. */
export function recipeValues(recipe: Recipe, catalog: Catalog): Values {
  const defaults = recipe.methods.map((id) =>
    defaultsOf(id, catalog.methods.get(id)?.params ?? {}),
  );
  return Object.assign({}, ...defaults, recipe.settings, {
    [AGGREGATE_KEY]: AGGREGATES.findIndex(({ id }) => id === recipe.aggregate),
  });
}

/** Its name as long as it is as it began: `DAPO`; afterwards `DAPO + IB entropy, changed: ε high 0.3`. */
export function algorithmLabel(holder: AlgorithmHolder, catalog: Catalog): string {
  const nameOf = (id: string): string => catalog.methods.get(id)?.label ?? id;
  const recipe = catalog.recipes?.get(holder.algorithm ?? '');
  if (!recipe) return holder.methods.map(nameOf).join(' + ');
  const added = holder.methods.filter((id) => !recipe.methods.includes(id)).map(nameOf);
  const changes = changesOf(recipe, holder, catalog);
  const name = [recipe.label, ...added].join(' + ');
  return changes.length > 0 ? `${name}, changed: ${changes.join(', ')}` : name;
}

/** What of the recipe is no longer there, or has another value, in a few words each. */
function changesOf(recipe: Recipe, { methods, values }: AlgorithmHolder, catalog: Catalog) {
  const gone = recipe.methods.filter((id) => !methods.includes(id));
  const words = gone.map((id) => `without ${catalog.methods.get(id)?.label ?? id}`);
  for (const [key, value] of Object.entries(recipeValues(recipe, catalog))) {
    const now = values[key];
    const param = paramOf(key, catalog);
    if (now === undefined || now === value || !param) continue;
    if (gone.some((id) => key.startsWith(`${id}.`))) continue;
    const text =
      param.kind === 'choice' ? param.options[now]?.label : String(formatParam(param, now));
    words.push(`${param.label} ${text}`);
  }
  return words;
}
