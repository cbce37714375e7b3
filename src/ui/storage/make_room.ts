/** What may go when the disk is full: states that nobody is likely to go on from. Curves never do. */
import { plural } from '../format.ts';
import { isDone, type KeptRun } from './record.ts';
import type { Shelf } from './shelf.ts';

/**
 * Frees one run's share: all states of the oldest finished run, then the earlier states of an unfinished one.
 * @param runs    all that are kept
 * @param isInUse true for runs that this or another tab works on: these keep their newest state
 * @returns what was freed, in words; undefined when there is nothing more
 */
export async function makeRoom(
  shelf: Shelf,
  runs: readonly KeptRun[],
  isInUse: (id: string) => boolean,
): Promise<{ freed: string } | undefined> {
  const oldest = runs.filter((run) => !run.isPinned).sort((a, b) => a.updated - b.updated);
  for (const run of oldest) {
    if (!isDone(run) || isInUse(run.id)) continue;
    const count = (await shelf.checkpointSteps(run.id)).length;
    if (await shelf.removeCheckpoints(run.id)) {
      return { freed: `${plural(count, 'state')} of the finished run “${run.name}”` };
    }
  }
  for (const run of oldest) {
    if (await shelf.keepNewestCheckpoint(run.id)) {
      return { freed: `the earlier states of “${run.name}”, not the newest` };
    }
  }
  return undefined;
}
