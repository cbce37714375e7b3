/** What there is to choose from, as the page needs it, and the declaration behind a setting's full name. */
import { type Catalog, paramOf } from '../core/catalog.ts';
import { type Experiment, runsOf } from '../core/experiment.ts';
import { hintProblem } from '../core/hints.ts';
import { MODEL_PRESETS } from '../core/model_config.ts';
import type { Param } from '../core/param.ts';
import { formatExperiment, parseExperiment } from '../core/parse.ts';
import { refusalProblem } from '../core/refusals.ts';
import { matchProblem } from '../core/strength.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import { RECIPES } from '../methods/recipes/index.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';

export const CATALOG = {
  tasks: TASKS,
  methods: METHODS,
  models: MODEL_PRESETS,
  recipes: RECIPES,
} as const satisfies Catalog;

export const findParam = (key: string): Param | undefined => paramOf(key, CATALOG);
export const findMethod = (id: string): Method | undefined => METHODS.get(id);
export const findTask = (id: string): Task | undefined => TASKS.get(id);

/** Why the experiment on the controls cannot run as it stands; undefined when it can. */
export function problemOf(experiment: Experiment): string | undefined {
  if (runsOf(experiment).length === 0) return 'arms: at least one must be switched on';
  try {
    parseExperiment(formatExperiment(experiment, CATALOG), CATALOG);
    return (
      hintProblem(experiment, CATALOG) ??
      refusalProblem(experiment, CATALOG) ??
      matchProblem(experiment, METHODS)
    );
  } catch (error) {
    return messageOf(error);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
