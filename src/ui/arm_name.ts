/** Names of arms that nobody has typed: they follow what the arm is. Pure. */
import type { Arm, Experiment } from '../core/experiment.ts';
import { algorithmLabel } from '../core/recipe.ts';
import { CATALOG } from './declared.ts';

/** Characters that the field for an arm's name takes. */
export const MAX_NAME = 60;

/** What tells copies and forks apart stays at the end of a name. */
const ENDING = /(?: \(\d+\))?(, forked at \d+)?$/;

/**
 * `after` under the name that it should have: that of the preset as long as it is the preset's arm, then its methods.
 * A name that somebody typed stays.
 * @param experiment where the arm is; no two arms get one name
 * @param preset     the experiment that the draft began with, whose names nobody typed either
 */
export function followed(before: Arm, after: Arm, experiment: Experiment, preset?: Experiment) {
  const stem = before.name.replace(ENDING, '');
  const isAutomatic = /^new arm/.test(stem) || stem === automaticName(before, preset);
  if (!isAutomatic) return after;
  const name = automaticName(after, preset);
  if (name === stem) return after;
  const fork = ENDING.exec(before.name)?.[1] ?? '';
  const taken = experiment.arms.filter(({ id }) => id !== after.id).map((arm) => arm.name);
  const named = (count: string) =>
    `${name.slice(0, MAX_NAME - count.length - fork.length)}${count}${fork}`;
  return { ...after, name: firstFree((n) => named(n > 1 ? ` (${n})` : ''), taken, 1) };
}

function automaticName(arm: Arm, preset: Experiment | undefined): string {
  const stem = arm.id.replace(/_\d+$/, '');
  const given =
    preset?.arms.find(({ id }) => id === arm.id) ?? preset?.arms.find(({ id }) => id === stem);
  if (given && isOf(arm, given)) return withValues(given.name, given, arm);
  return algorithmLabel(arm, CATALOG).slice(0, MAX_NAME) || 'no regularizer';
}

const isOf = (a: Arm, b: Arm) =>
  a.algorithm === b.algorithm && String(a.methods) === String(b.methods);

/** `naive 0.03` with the strength that the arm has now; a number that several settings have is left alone. */
function withValues(name: string, given: Arm, arm: Arm): string {
  const now = (word: string) => {
    const keys = Object.keys(given.values).filter((key) => String(given.values[key]) === word);
    return keys.length === 1 ? String(arm.values[keys[0]]) : word;
  };
  return name.split(' ').map(now).join(' ');
}

/** The first of the candidates that is not taken. */
export function firstFree(
  candidate: (n: number) => string,
  taken: readonly string[],
  from = 2,
): string {
  let n = from;
  while (taken.includes(candidate(n))) n++;
  return candidate(n);
}
