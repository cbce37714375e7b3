/** Forks: an arm that goes on from the weights and the optimizer state of another, under its own method. */
import type { Arm } from './experiment.ts';
import type { Checkpoint } from './report.ts';

/**
 * The checkpoint in which `arm` stands beside its source, every seed at the state that the source had.
 *
 * @param current state of all runs, which go on as they are
 * @param source  id of the arm that is forked
 * @param arm     the new arm, with an id that is not taken
 * @param from    an earlier checkpoint of the same runs to take the source's state from; the current one if not given
 * @throws {RangeError} no such source in `from`, or the id is taken
 */
export function forkCheckpoint(
  current: Checkpoint,
  source: string,
  arm: Arm,
  from: Checkpoint = current,
): Checkpoint {
  const { experiment, runs } = current;
  if (experiment.arms.some(({ id }) => id === arm.id)) {
    throw new RangeError(`fork: the new arm must have an id of its own, got ${arm.id}`);
  }
  const copies = from.runs
    .filter((run) => run.arm === source)
    .map((run) => ({ ...run, arm: arm.id }));
  const at = experiment.arms.findIndex(({ id }) => id === source);
  if (copies.length === 0 || at < 0) {
    throw new RangeError(`fork: the checkpoint must hold the arm to fork, got none of ${source}`);
  }
  const arms = experiment.arms.toSpliced(at + 1, 0, arm);
  return { ...current, experiment: { ...experiment, arms }, runs: [...runs, ...copies] };
}
