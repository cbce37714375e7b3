/** The state of runs out and in. Taken between two turns, so that every run is at the end of a step. */
import type { Experiment } from '../core/experiment.ts';
import type { Checkpoint, RunCheckpoint } from '../core/report.ts';
import type { Engine } from '../model/engine.ts';
import { fitValues } from '../model/layout.ts';
import type { Run } from './run.ts';

/** Its copies are in the queue before this returns, so that later updates do not reach them. */
export async function takeCheckpoint(
  engine: Engine,
  experiment: Experiment,
  runs: readonly Run[],
  base: Float32Array,
): Promise<Checkpoint> {
  const reads = runs.map(
    async ({ arm, seed, step, updates, state, parts }): Promise<RunCheckpoint> => {
      const weights = await engine.readPolicy(parts.policy);
      return { arm, seed, step, updates, state, ...weights };
    },
  );
  const used = { tile: engine.workspace.sizes.tile, sampling: engine.decoding.variant };
  return { experiment, runs: await Promise.all(reads), base, ...used };
}

/**
 * Sets the run of this arm and seed to the saved state; a state whose run is not there is passed over. A value head that
 * the saved state has not begins anew; one that the run has no use for is left behind.
 * @throws {RangeError} buffers of another size than the model's
 */
export function restoreRun(engine: Engine, runs: readonly Run[], saved: RunCheckpoint): void {
  const run = runs.find((r) => r.arm === saved.arm && r.seed === saved.seed);
  if (!run) return;
  const { policy } = run.parts;
  const { size } = policy.layout;
  for (const values of [saved.parameters, saved.m, saved.v]) {
    if (fitValues(values, policy.layout)) continue;
    const { length } = values;
    throw new RangeError(
      `checkpoint: ${saved.arm}/${saved.seed} must hold ${size} values, got ${length}`,
    );
  }
  engine.writePolicy(policy, saved);
  run.rewind(saved.step, saved.updates, saved.state);
}
