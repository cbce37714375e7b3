/** An arm begins in the middle of another one, under its own method. */
import type { Arm, Experiment } from '../../core/experiment.ts';
import { forkCheckpoint } from '../../core/fork.ts';
import type { Actions } from '../actions.ts';
import type { History } from '../history.ts';
import type { Recorder } from '../storage/recorder.ts';
import { appendBlocks, blockOf } from '../storage/rows.ts';
import type { Store } from '../store.ts';

interface Page {
  recorder: Recorder;
  store: Store;
  history: History;
  actions: Actions;
}

/**
 * @param at step of a kept checkpoint; where the source is now when left out
 * @throws {RangeError} nothing is open, or there is no such state
 */
export async function forkRun(
  { recorder, store, history, actions }: Page,
  source: string,
  arm: Arm,
  at?: number,
): Promise<void> {
  const { opened, draft } = store.getState();
  const { currentId } = recorder.state.getState();
  if (!opened) throw new RangeError('nothing is open');
  const current = { ...(await actions.checkpointNow()), experiment: opened };
  const from =
    at !== undefined && currentId
      ? { ...(await (await recorder.shelf).checkpoint(currentId, at)), experiment: opened }
      : current;
  const forked = forkCheckpoint(current, source, arm, from);
  const states = from.runs.filter((run) => run.arm === source);
  const rows = states.flatMap(({ seed, step }) => {
    const run = history.run({ arm: source, seed });
    return run ? [{ ...blockOf(run, step, step), arm: arm.id }] : [];
  });
  const step = Math.min(...states.map((run) => run.step));
  appendBlocks(history, rows);
  history.flush();
  recorder.fork(forked, { arm: arm.id, from: source, step }, rows);
  store.setState({ draft: withArm(draft, source, arm) });
  actions.goOn(forked);
}

function withArm(experiment: Experiment, after: string, arm: Arm): Experiment {
  const at = experiment.arms.findIndex(({ id }) => id === after);
  return { ...experiment, arms: experiment.arms.toSpliced(at + 1, 0, arm) };
}
