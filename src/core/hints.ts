/**
 * Hints: the right answer told in the prompt. A base knows what to make of them only where it was trained with them, which
 * the task's switch `hints` chooses; what an experiment needs of that is checked here.
 */
import { activeMethods, type Catalog } from './catalog.ts';
import type { Experiment } from './experiment.ts';
import type { Values } from './param.ts';

/** Full name of the task's switch. */
export const hintsKey = (task: string): string => `${task}.hints`;

/** Whether the base of these settings has seen hints. */
export const knowsHints = (task: string, values: Values): boolean => values[hintsKey(task)] === 1;

/** Name of the shipped base's files in public/bases, without their endings. */
export function baseName(task: string, model: string, hasHints: boolean): string {
  return `${task}-${model}${hasHints ? '-hints' : ''}`;
}

/** Why a method that compares with hinted prompts cannot act in this experiment, and what to change; undefined where it can. */
export function whyNoHints(
  { task, values }: Pick<Experiment, 'task' | 'values'>,
  { tasks }: Pick<Catalog, 'tasks'>,
): string | undefined {
  const found = tasks.get(task);
  const label = found?.label ?? task;
  if (!found?.hint) {
    const can = [...tasks.values()].filter(({ hint }) => hint).map((t) => t.label ?? t.id);
    return `It compares with prompts that tell the answer, and the task “${label}” has no way to write one; choose the task “${can.join('” or “')}”.`;
  }
  if (knowsHints(task, values)) return undefined;
  const name = found.params.hints?.label;
  return `It compares with prompts that tell the answer, and this base has never seen one; switch on “${name}” in the settings of the task “${label}”.`;
}

/** Of the enabled arms, the first one that needs hints where there are none; undefined where all can run. */
export function hintProblem(experiment: Experiment, catalog: Catalog): string | undefined {
  const why = whyNoHints(experiment, catalog);
  if (why === undefined) return undefined;
  for (const arm of experiment.arms.filter(({ enabled }) => enabled)) {
    const asking = activeMethods(experiment, arm, catalog.methods).find(needsHints);
    if (asking) return `arm.${arm.id}.methods: ${asking.id} cannot run. ${why}`;
  }
  return undefined;
}

export const needsHints = ({ needs }: { needs?: readonly string[] }): boolean =>
  needs?.includes('hint_entropy') ?? false;
