/** Changes to an experiment, as pure functions: experiment in, experiment out. The store applies them. */
import type { Arm, Experiment } from '../core/experiment.ts';
import { defaultsOf, type Values } from '../core/param.ts';
import { AGGREGATE_KEY, recipeValues } from '../core/recipe.ts';
import { RECIPES } from '../methods/recipes/index.ts';
import { firstFree, followed } from './arm_name.ts';
import { CATALOG, findMethod, findTask } from './declared.ts';
import { PALETTE } from './palette.ts';

/** Most arms of one experiment: as many as the palette can tell apart. */
export const MAX_ARMS = PALETTE.length;

/** @param preset what the experiment began with: its arms' names follow what the arms are, as nobody typed them */
export type Edit = (experiment: Experiment, preset?: Experiment) => Experiment;

export function setValue(key: string, value: number): Edit {
  return (experiment) => ({ ...experiment, values: { ...experiment.values, [key]: value } });
}

/** Another task brings its own settings, at their defaults; the old task's go, and what was said of it. */
export function setTask(task: string): Edit {
  return (experiment) => {
    const found = findTask(task);
    if (!found || task === experiment.task) return experiment;
    const kept = Object.entries(experiment.values).filter(
      ([key]) => !key.startsWith(`${experiment.task}.`),
    );
    const values = { ...Object.fromEntries(kept), ...defaultsOf(task, found.params) };
    const name = `Arms of your choice on ${found.label}`;
    const caption = `${found.summary} These arms on this task are your own experiment: nobody has measured beforehand what they show.`;
    return { ...experiment, name, caption, task, values };
  };
}

export function patch(
  change: Partial<Pick<Experiment, 'model' | 'base' | 'seeds' | 'name' | 'caption'>>,
): Edit {
  return (experiment) => ({ ...experiment, ...change });
}

export function patchArm(
  id: string,
  change: Partial<Pick<Arm, 'name' | 'color' | 'enabled'>>,
): Edit {
  return onArm(id, (arm) => ({ ...arm, ...change }));
}

export function setArmValue(id: string, key: string, value: number): Edit {
  return remade(id, (arm) => ({ ...arm, values: { ...arm.values, [key]: value } }));
}

/** Replaces the arm's methods; settings of methods that stay are kept, new ones start at their defaults. */
export function setArmMethods(id: string, methods: readonly string[]): Edit {
  return remade(id, (arm) => {
    const values: Values = Object.assign(
      {},
      ...methods.map((method) => defaultsOf(method, findMethod(method)?.params ?? {})),
    );
    const kept = Object.entries(arm.values).filter(
      ([key]) => key in values || key === AGGREGATE_KEY,
    );
    return { ...arm, methods, values: { ...values, ...Object.fromEntries(kept) } };
  });
}

/** The shared algorithm as the recipe has it. Its settings begin at the recipe's values. */
export function setAlgorithm(id: string): Edit {
  return (experiment) => {
    const recipe = RECIPES.get(id);
    if (!recipe) return experiment;
    const kept = withoutMethods(experiment.values, experiment.methods);
    const values = { ...kept, ...recipeValues(recipe, CATALOG) };
    return { ...experiment, algorithm: id, methods: recipe.methods, values };
  };
}

/** An algorithm of the arm's own, or with undefined the shared one. What the arm adds to it stays, with its settings. */
export function setArmAlgorithm(id: string, algorithm: string | undefined): Edit {
  return remade(id, (arm) => {
    const recipe = RECIPES.get(algorithm ?? '');
    const before = RECIPES.get(arm.algorithm ?? '')?.methods ?? [];
    const added = arm.methods.filter((method) => {
      const stage = findMethod(method)?.stage;
      const isPart = stage === 'advantage' || stage === 'objective' || before.includes(method);
      return !(isPart && (recipe || arm.algorithm)) && !recipe?.methods.includes(method);
    });
    const own = arm.methods.filter((method) => !added.includes(method));
    const { [AGGREGATE_KEY]: _, ...kept } = withoutMethods(arm.values, own);
    const values = { ...kept, ...(recipe && recipeValues(recipe, CATALOG)) };
    const { algorithm: __, ...rest } = arm;
    const next = { ...rest, methods: [...(recipe?.methods ?? []), ...added], values };
    return recipe ? { ...next, algorithm } : next;
  });
}

const withoutMethods = (values: Values, methods: readonly string[]): Values =>
  Object.fromEntries(
    Object.entries(values).filter(([key]) => !methods.includes(key.slice(0, key.indexOf('.')))),
  );

export const addArm: Edit = (experiment) => {
  if (experiment.arms.length >= MAX_ARMS) return experiment;
  const arm: Arm = {
    id: freeId(experiment, 'arm'),
    name: freeName(experiment, 'new arm'),
    color: freeColor(experiment),
    enabled: true,
    methods: [],
    values: {},
  };
  return { ...experiment, arms: [...experiment.arms, arm] };
};

export function duplicateArm(id: string): Edit {
  return (experiment) => {
    const index = experiment.arms.findIndex((arm) => arm.id === id);
    const arm = experiment.arms[index];
    if (!arm || experiment.arms.length >= MAX_ARMS) return experiment;
    const copy: Arm = {
      ...arm,
      id: freeId(experiment, arm.id.replace(/_\d+$/, '')),
      name: freeName(experiment, arm.name.replace(/ \(\d+\)$/, '')),
      color: freeColor(experiment),
    };
    return { ...experiment, arms: experiment.arms.toSpliced(index + 1, 0, copy) };
  };
}

/** The last arm stays: an experiment without one has nothing to run. */
export function removeArm(id: string): Edit {
  return (experiment) =>
    experiment.arms.length <= 1
      ? experiment
      : { ...experiment, arms: experiment.arms.filter((arm) => arm.id !== id) };
}

/** Changes what an arm is; a name that nobody typed follows. */
function remade(id: string, change: (arm: Arm) => Arm): Edit {
  return (experiment, preset) =>
    onArm(id, (arm) => followed(arm, change(arm), experiment, preset))(experiment);
}

function onArm(id: string, change: (arm: Arm) => Arm): Edit {
  return (experiment) => ({
    ...experiment,
    arms: experiment.arms.map((arm) => (arm.id === id ? change(arm) : arm)),
  });
}

export function freeId(experiment: Experiment, stem: string): string {
  return firstFree(
    (n) => `${stem}_${n}`,
    experiment.arms.map((arm) => arm.id),
  );
}

function freeName(experiment: Experiment, stem: string): string {
  return firstFree(
    (n) => `${stem} (${n})`,
    experiment.arms.map((arm) => arm.name),
  );
}

export function freeColor(experiment: Experiment): number {
  const taken = new Set(experiment.arms.map((arm) => arm.color));
  const free = PALETTE.findIndex((_, index) => !taken.has(index));
  return free < 0 ? experiment.arms.length % PALETTE.length : free;
}
