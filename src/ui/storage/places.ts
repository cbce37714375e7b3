/** Under which step a checkpoint is kept, and where each arm stands in it. Pure. */
import type { KeptRun, StoredCheckpoint } from './record.ts';
import type { News } from './shelf.ts';

/** The least step of each arm in a checkpoint. */
export function armSteps({ runs }: StoredCheckpoint): Record<string, number> {
  // An arm may be called like what every object has, so a map.
  const steps = new Map<string, number>();
  for (const { arm, step } of runs) steps.set(arm, Math.min(step, steps.get(arm) ?? step));
  return Object.fromEntries(steps);
}

/**
 * The step under which a checkpoint is kept: its lowest. A fork that catches up does not take the place of the state that
 * the others had there; theirs is further on, where they still are.
 */
export function placeOf(
  { step, state }: NonNullable<News['checkpoint']>,
  taken: readonly number[],
): number {
  const highest = Math.max(...state.runs.map((run) => run.step));
  return highest > step + 1 && taken.includes(step) ? highest : step;
}

/** Where an arm's states are kept, and its own step in each; without a note in the record, the step of the place. */
export function placesOf(
  arm: string,
  places: readonly number[],
  stateArms: KeptRun['stateArms'] = {},
): { at: number; step: number }[] {
  const found = new Map<number, { at: number; step: number }>();
  for (const at of places) {
    const arms = stateArms[at];
    const step = arms ? arms[arm] : at;
    if (typeof step === 'number') found.set(step, { at, step });
  }
  return [...found.values()].sort((a, b) => a.step - b.step);
}

/** Where one goes on from a kept state: the step of the arm furthest behind. */
export function stepAt(at: number, stateArms: KeptRun['stateArms'] = {}): number {
  const steps = Object.values(stateArms[at] ?? {});
  return steps.length > 0 ? Math.min(...steps) : at;
}
