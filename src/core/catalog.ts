/** What there is to choose from, as far as core needs to know it: passed in, since core imports nothing. */
import type { Arm, Experiment } from './experiment.ts';
import type { Param, Params, Values } from './param.ts';
import type { Recipe } from './recipe.ts';
import { TRAINER_PARAMS } from './settings.ts';

/** Something with settings; their full names begin with its id. */
export interface Owner {
  id: string;
  params: Params;
}

export interface CatalogTask extends Owner {
  label?: string;
  /** Given where a prompt can tell the answer (core/hints.ts). */
  hint?: unknown;
  /** Given where answers are of one token (core/refusals.ts). */
  answer?: unknown;
  /** Most tokens at these settings. */
  limits?(values: Values): { response: number };
  /** What must hold between settings. @throws {RangeError} */
  check?(values: Values): void;
}

export interface CatalogMethod extends Owner {
  label?: string;
  stage: 'sampling' | 'reward' | 'advantage' | 'shape' | 'weight' | 'objective' | 'regularizer';
  neutral?: Readonly<Record<string, number>>;
  needs_reuse?: string;
  breaks_on_reuse?: string;
  group_of_one?: string;
  needs?: readonly string[];
  /** Given where responses may begin with latent positions. */
  latent?(values: Values): { positions: number } | undefined;
  /** Methods that it cannot stand beside: id → why, one sentence. */
  excludes?: Readonly<Record<string, string>>;
  /** A regularizer's setting, by short name, that its gradient is proportional to. */
  strength?: string;
}

/** Stages of which an arm has exactly one method; one of its own replaces the shared one. */
export const SINGLE_STAGES: readonly CatalogMethod['stage'][] = ['advantage', 'objective'];

/** Usually `{ tasks: TASKS, methods: METHODS, models: MODEL_PRESETS }`. */
export interface Catalog {
  tasks: ReadonlyMap<string, CatalogTask>;
  methods: ReadonlyMap<string, CatalogMethod>;
  models: Readonly<Record<string, unknown>>;
  recipes?: ReadonlyMap<string, Recipe>;
}

/** The training loop as an owner of settings. */
export const TRAINER: Owner = { id: 'trainer', params: TRAINER_PARAMS };

/** Who has the setting of this full name: the part before the first dot. */
export function ownerOf(key: string, catalog: Catalog): Owner | undefined {
  const [id] = key.split('.', 1);
  return id === TRAINER.id ? TRAINER : (catalog.tasks.get(id) ?? catalog.methods.get(id));
}

/** Declaration of the setting of this full name. */
export function paramOf(key: string, catalog: Catalog): Param | undefined {
  const params = ownerOf(key, catalog)?.params ?? {};
  const name = key.slice(key.indexOf('.') + 1);
  return Object.hasOwn(params, name) ? params[name] : undefined;
}

/**
 * The methods of one arm: the shared ones, without an advantage or objective that the arm replaces,
 * then its own. An arm with an algorithm of its own has its own alone.
 * @throws {RangeError} a method that the catalog does not have
 */
export function activeMethods<M extends CatalogMethod>(
  experiment: Pick<Experiment, 'methods'>,
  arm: Pick<Arm, 'methods' | 'algorithm'>,
  methods: ReadonlyMap<string, M>,
): M[] {
  const find = (id: string) => choose('methods', id, methods);
  const own = arm.methods.map(find);
  if (arm.algorithm) return own;
  const replaced = (method: M) =>
    own.some(
      (m) => m.id === method.id || (m.stage === method.stage && SINGLE_STAGES.includes(m.stage)),
    );
  return [...experiment.methods.map(find).filter((method) => !replaced(method)), ...own];
}

/**
 * The item of this id.
 * @throws {RangeError} `where: must be one of <all ids>, got <id>`
 */
export function choose<T>(where: string, id: string, items: ReadonlyMap<string, T>): T {
  const item = items.get(id);
  if (item !== undefined) return item;
  throw new RangeError(
    `${where}: must be one of ${[...items.keys()].join(', ')}, got ${JSON.stringify(id)}`,
  );
}

/** Two methods that cannot be active together, and why, in a sentence. */
export interface Conflict {
  a: CatalogMethod;
  b: CatalogMethod;
  why: string;
}

/** Of stages that one method has to itself. */
const WHY_ONE: Partial<Record<CatalogMethod['stage'], string>> = {
  sampling: 'Both say how a batch is sampled, and a batch is sampled in one way.',
  advantage: 'Both are estimators, and a token has one advantage, which later stages may change.',
  objective: 'Both are objectives, and a token has one policy loss, to which regularizers may add.',
};

export function conflictsOf(methods: readonly CatalogMethod[]): Conflict[] {
  return methods.flatMap((a, i) =>
    methods.slice(i + 1).flatMap((b) => {
      const alike = a.stage === b.stage ? WHY_ONE[a.stage] : undefined;
      const why = a.excludes?.[b.id] ?? b.excludes?.[a.id] ?? alike;
      return why ? [{ a, b, why }] : [];
    }),
  );
}

/** Why two of the methods cannot be active together, naming both; undefined where all can. */
export function conflictOf(methods: readonly CatalogMethod[]): string | undefined {
  const [first] = conflictsOf(methods);
  return first && `${first.a.id} and ${first.b.id} do not go together: ${first.why}`;
}
