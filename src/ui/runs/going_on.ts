/** What a kept run goes on with: its newest state that is whole, and its curves up to there. */
import { runKey, runsOf } from '../../core/experiment.ts';
import type { Details, KeptProbes } from '../../core/kept_details.ts';
import type { Checkpoint } from '../../worker/protocol.ts';
import { messageOf } from '../declared.ts';
import type { Kept } from '../intake.ts';
import type { CurveBlock, KeptRun } from '../storage/record.ts';
import { appendBlocks, blockOf, historyOf } from '../storage/rows.ts';
import type { Shelf } from '../storage/shelf.ts';
import { shownDetails } from './details.ts';

/** States that are damaged are passed over and named; without a whole one there is no checkpoint. */
export async function newestState(
  shelf: Shelf,
  run: KeptRun,
): Promise<{ checkpoint?: Checkpoint; damaged: string[] }> {
  const damaged: string[] = [];
  for (const step of await shelf.statesOf(run)) {
    try {
      const stored = await shelf.checkpoint(run.id, step);
      const checkpoint = { ...stored, experiment: run.experiment };
      checkWhole(checkpoint);
      return { checkpoint, damaged };
    } catch (error) {
      damaged.push(`the state at step ${step}: ${messageOf(error)}`);
    }
  }
  return { damaged };
}

/** @throws {RangeError} a run without a state, or a state that no model can have */
function checkWhole({ experiment, runs, base }: Checkpoint): void {
  for (const id of runsOf(experiment)) {
    const state = runs.find((run) => runKey(run) === runKey(id));
    if (!state) throw new RangeError(`must hold ${runKey(id)}, got none`);
    // With a value head it is larger than the base, which has none; by how much, the engine checks.
    const size = Math.max(base.length, state.parameters.length);
    for (const values of [state.parameters, state.m, state.v]) {
      if (values.length !== size || !values.every(Number.isFinite)) {
        throw new RangeError(`${runKey(id)} must hold ${size} finite values`);
      }
    }
  }
}

/** Curves and answers end where the weights are: what comes after the checkpoint is measured again. */
export function keptOf(
  blocks: readonly CurveBlock[],
  details: Details,
  probes: readonly KeptProbes[],
  checkpoint: Checkpoint,
): Kept {
  const whole = historyOf(blocks);
  const upTo = checkpoint.runs.flatMap((state) => {
    const run = whole.run(state);
    return run ? [blockOf(run, 0, state.step)] : [];
  });
  const steps = new Map(checkpoint.runs.map((state) => [runKey(state), state.step]));
  const answered = probes.filter((event) => event.step <= (steps.get(runKey(event)) ?? -1));
  return {
    fill: (history) => appendBlocks(history, upTo),
    details: shownDetails(details, answered),
  };
}
