/** What separates the experiment on the controls from the one that runs: what needs a restart, and what applies now. */
import type { Arm, Experiment } from '../core/experiment.ts';
import type { Values } from '../core/param.ts';
import { findParam } from './declared.ts';

/** Settings that differ and can be sent to the running engine. `arm` undefined: for all arms. */
export interface LiveChange {
  arm?: string;
  values: Values;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
export const haveSameParts = (a: Arm, b: Arm) =>
  same(a.methods, b.methods) && Boolean(a.algorithm) === Boolean(b.algorithm);

/** Names of the changes that take effect only on a restart, for the user; empty when there are none. */
export function restartReasons(opened: Experiment, draft: Experiment): string[] {
  const reasons: string[] = [];
  if (opened.task !== draft.task) reasons.push('task');
  if (opened.model !== draft.model) reasons.push('model');
  if (opened.base !== draft.base) reasons.push('base');
  if (!same(opened.seeds, draft.seeds)) reasons.push('seeds');
  if (!same(opened.methods, draft.methods)) reasons.push('algorithm');
  const before = running(opened);
  const after = running(draft);
  if (!same([...before.keys()], [...after.keys()])) reasons.push('list of arms');
  for (const [id, arm] of after) {
    const old = before.get(id);
    if (!old) continue;
    if (haveSameParts(old, arm)) {
      for (const key of changed(old.values, arm.values).filter(needsRestart)) {
        reasons.push(`${findParam(key)?.label ?? key} of “${old.name}”`);
      }
    } else reasons.push(`method of “${old.name}”`);
  }
  // The settings of the task that came or went are part of that change.
  const isSaid = (key: string) =>
    opened.task !== draft.task && [opened.task, draft.task].some((id) => key.startsWith(`${id}.`));
  const shared = changed(opened.values, draft.values).filter(
    (key) => needsRestart(key) && !isSaid(key),
  );
  return [...reasons, ...shared.map((key) => findParam(key)?.label ?? key)];
}

/** Settings that apply at the next step. Empty where the arm itself is not running yet. */
export function liveChanges(opened: Experiment, draft: Experiment): LiveChange[] {
  const changes: LiveChange[] = [];
  const shared = changed(opened.values, draft.values).filter(
    (key) => key in opened.values && key in draft.values && !needsRestart(key),
  );
  if (shared.length > 0) changes.push({ values: pick(draft.values, shared) });
  for (const [id, arm] of running(draft)) {
    const old = running(opened).get(id);
    if (!old || !haveSameParts(old, arm)) continue;
    // What is sent for all arms would otherwise stand over the arm's own.
    const own = Object.keys(arm.values).filter(
      (key) => !needsRestart(key) && (old.values[key] !== arm.values[key] || shared.includes(key)),
    );
    if (own.length > 0) changes.push({ arm: id, values: pick(arm.values, own) });
  }
  return changes;
}

/** The opened experiment after the engine has taken the changes. */
export function applied(opened: Experiment, changes: readonly LiveChange[]): Experiment {
  const take = (values: Values, owner: string | undefined): Values =>
    Object.assign({}, values, ...changes.filter((c) => c.arm === owner).map((c) => c.values));
  return {
    ...opened,
    values: take(opened.values, undefined),
    arms: opened.arms.map((arm) => ({ ...arm, values: take(arm.values, arm.id) })),
  };
}

function running(experiment: Experiment) {
  return new Map(experiment.arms.filter((arm) => arm.enabled).map((arm) => [arm.id, arm]));
}

/** Settings of a task decide its problems, so they are part of what a run is. */
function needsRestart(key: string): boolean {
  return findParam(key)?.restarts ?? false;
}

function changed(before: Values, after: Values): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key]);
}

function pick(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(keys.map((key) => [key, values[key] as number]));
}
