/** One setting at several values: which settings an arm has, the arms that a sweep makes of it, and sweeps found again. Pure. */
import { activeMethods } from '../../core/catalog.ts';
import { type Arm, armValues, type Experiment } from '../../core/experiment.ts';
import { type NumberParam, parseParam, rangeOf, type Values } from '../../core/param.ts';
import { METHODS } from '../../methods/index.ts';
import { firstFree, MAX_NAME } from '../arm_name.ts';
import { fromPosition, STOPS } from '../controls/scale.ts';
import { findMethod, findParam } from '../declared.ts';
import { type Edit, freeColor, freeId, MAX_ARMS } from '../edit.ts';
import { formatSetting } from '../format.ts';

export interface Sweepable {
  /** Full name. */
  key: string;
  method: string;
  param: NumberParam;
  /** As the arm has it. */
  value: number;
}

/** Number settings of an arm: of its own methods first, then of those it shares. */
export function sweepables(experiment: Experiment, arm: Arm): Sweepable[] {
  const values = armValues(experiment, arm);
  const active = activeMethods(experiment, arm, METHODS);
  const own = active.filter(({ id }) => arm.methods.includes(id));
  const shared = active.filter(({ id }) => !arm.methods.includes(id));
  return [...own, ...shared].flatMap(({ id, label, params }) =>
    Object.entries(params).flatMap(([name, param]) => {
      const key = `${id}.${name}`;
      if (param.kind !== 'number') return [];
      return [{ key, method: label, param, value: values[key] ?? param.default }];
    }),
  );
}

/** How many arms a sweep may make of one: it goes, and the others stay. */
export const mostValues = (experiment: Experiment): number => MAX_ARMS - experiment.arms.length + 1;

/** `count` ≥ 2 values from end to end of the setting's range, as far apart on its slider; by ratio in one digit: 0.01, 0.1, 1. */
export function spreadValues(param: NumberParam, count: number): number[] {
  const { min, max, scale } = param;
  const all = Array.from({ length: count }, (_, i) => {
    const value = fromPosition(param, (STOPS * i) / (count - 1));
    if (scale !== 'log' || i === 0 || i === count - 1) return value;
    return Math.min(max, Math.max(min, Number(value.toPrecision(1))));
  });
  return [...new Set(all)];
}

/** Values as they were typed, in ascending order; or what is wrong with them. */
export function readValues(param: NumberParam, text: string, most: number): number[] | string {
  const parts = text
    .split(/[\s,;]+/)
    .map((part) => part.replace('−', '-'))
    .filter(Boolean);
  try {
    const values = new Set(parts.map((part) => parseParam(param.label, param, part)));
    if (values.size >= 2 && values.size <= most) return [...values].sort((a, b) => a - b);
    return `2 to ${most} different values, such as ${spreadValues(param, 2).join(', ')}`;
  } catch {
    return `Each must be ${rangeOf(param)}.`;
  }
}

/**
 * The arm once for each value, in its place. A setting of a shared method becomes the arms' own, and the method's other
 * settings with it, as they are.
 */
export function sweepArm(id: string, key: string, values: readonly number[]): Edit {
  return (experiment) => {
    const index = experiment.arms.findIndex((arm) => arm.id === id);
    const arm = experiment.arms[index];
    const param = findParam(key);
    if (!arm || !param || values.length > mostValues(experiment)) return experiment;
    const owner = key.slice(0, key.indexOf('.'));
    const given = armValues(experiment, arm);
    const ofOwner = Object.keys(findMethod(owner)?.params ?? {}).map((name) => {
      const full = `${owner}.${name}`;
      return [full, given[full] ?? findParam(full)?.default ?? 0];
    });
    const methods = arm.methods.includes(owner) ? arm.methods : [...arm.methods, owner];
    const own: Values = { ...arm.values, ...Object.fromEntries(ofOwner) };
    let next: Experiment = { ...experiment, arms: experiment.arms.toSpliced(index, 1) };
    values.forEach((value, i) => {
      const name = `${arm.name}, ${param.label} ${formatSetting(value)}`;
      const taken = next.arms.map((other) => other.name);
      const swept: Arm = {
        ...arm,
        ...{ id: i === 0 ? arm.id : freeId(next, arm.id.replace(/_\d+$/, '')), methods },
        name: name.length <= MAX_NAME && !taken.includes(name) ? name : shortName(name, taken),
        color: i === 0 ? arm.color : freeColor(next),
        values: { ...own, [key]: value },
      };
      next = { ...next, arms: next.arms.toSpliced(index + i, 0, swept) };
    });
    return next;
  };
}

const shortName = (name: string, taken: readonly string[]): string =>
  firstFree((n) => `${name.slice(0, MAX_NAME - 5)} (${n})`, taken);

export interface Sweep {
  key: string;
  label: string;
  /** In ascending order of the value. */
  arms: { id: string; value: number }[];
}

/** Arms, three or more, that differ in one number setting alone: the largest such set. */
export function sweepOf(experiment: Experiment): Sweep | undefined {
  const sets = new Map<string, Sweep>();
  for (const arm of experiment.arms.filter(({ enabled }) => enabled)) {
    for (const [key, value] of Object.entries(arm.values)) {
      const param = findParam(key);
      if (param?.kind !== 'number') continue;
      const others = Object.entries(arm.values).filter(([other]) => other !== key);
      const alike = JSON.stringify([key, arm.algorithm, [...arm.methods].sort(), others.sort()]);
      const set = sets.get(alike) ?? { key, label: param.label, arms: [] };
      set.arms.push({ id: arm.id, value });
      sets.set(alike, set);
    }
  }
  const found = [...sets.values()]
    .filter(({ arms }) => new Set(arms.map(({ value }) => value)).size === arms.length)
    .sort((a, b) => b.arms.length - a.arms.length);
  const [largest] = found;
  if (!largest || largest.arms.length < 3) return undefined;
  return { ...largest, arms: largest.arms.toSorted((a, b) => a.value - b.value) };
}
