/** Whose turn it is. */
import type { Run } from './run.ts';

/**
 * The run furthest behind takes the next turn; ties go in order.
 * @param open runs that have steps to do
 * @param after the one whose turn is under way: chosen as if it had taken it
 */
export function nextRun(open: readonly Run[], after?: Run): Run | undefined {
  const turn = (run: Run): number => run.step + (run === after ? 1 : 0);
  const candidates = after
    ? open.filter((run) => run !== after || run.step + 1 < run.setting('trainer.steps'))
    : open;
  return candidates.reduce<Run | undefined>(
    (best, run) => (!best || turn(run) < turn(best) ? run : best),
    undefined,
  );
}
