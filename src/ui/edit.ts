/** Changes to an experiment, as pure functions: experiment in, experiment out. The store applies them. */
import type { Arm, Experiment } from '../core/experiment.ts';
import { defaultsOf, type Values } from '../core/param.ts';
import { findMethod, findTask } from './declared.ts';
import { PALETTE } from './palette.ts';

/** Most arms of one experiment: as many as the palette can tell apart. */
export const MAX_ARMS = PALETTE.length;

export type Edit = (experiment: Experiment) => Experiment;

export function setValue(key: string, value: number): Edit {
  return (experiment) => ({ ...experiment, values: { ...experiment.values, [key]: value } });
}

/** Another task brings its own settings, at their defaults; the old task's go. */
export function setTask(task: string): Edit {
  return (experiment) => {
    const kept = Object.entries(experiment.values).filter(
      ([key]) => !key.startsWith(`${experiment.task}.`),
    );
    const values = {
      ...Object.fromEntries(kept),
      ...defaultsOf(task, findTask(task)?.params ?? {}),
    };
    return { ...experiment, task, values };
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
  return onArm(id, (arm) => ({ ...arm, values: { ...arm.values, [key]: value } }));
}

/** Replaces the arm's methods; settings of methods that stay are kept, new ones start at their defaults. */
export function setArmMethods(id: string, methods: readonly string[]): Edit {
  return onArm(id, (arm) => {
    const values: Values = Object.assign(
      {},
      ...methods.map((method) => defaultsOf(method, findMethod(method)?.params ?? {})),
    );
    const kept = Object.entries(arm.values).filter(([key]) => key in values);
    return { ...arm, methods, values: { ...values, ...Object.fromEntries(kept) } };
  });
}

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

function onArm(id: string, change: (arm: Arm) => Arm): Edit {
  return (experiment) => ({
    ...experiment,
    arms: experiment.arms.map((arm) => (arm.id === id ? change(arm) : arm)),
  });
}

function freeId(experiment: Experiment, stem: string): string {
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

function freeColor(experiment: Experiment): number {
  const taken = new Set(experiment.arms.map((arm) => arm.color));
  const free = PALETTE.findIndex((_, index) => !taken.has(index));
  return free < 0 ? experiment.arms.length % PALETTE.length : free;
}

function firstFree(candidate: (n: number) => string, taken: readonly string[]): string {
  let n = 2;
  while (taken.includes(candidate(n))) n++;
  return candidate(n);
}
