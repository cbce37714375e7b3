/** Everything that stands before the first step: kernels, buffers, the base model, and a run for every arm and seed. */
import { activeMethods } from '../core/catalog.ts';
import { armValues, type Experiment, type RunId, runsOf } from '../core/experiment.ts';
import { baseName, hintProblem, knowsHints } from '../core/hints.ts';
import { modelConfig } from '../core/model_config.ts';
import type { Values } from '../core/param.ts';
import { refusalProblem } from '../core/refusals.ts';
import type { Checkpoint } from '../core/report.ts';
import { type MatchedStrength, matchedOf } from '../core/strength.ts';
import type { KernelsUsed } from '../core/tile_choice.ts';
import type { OpenedDevice } from '../gpu/device.ts';
import { composeMethods } from '../methods/compose.ts';
import { METHODS } from '../methods/index.ts';
import { openPolicy } from '../model/allocation.ts';
import { Engine, type Policy } from '../model/engine.ts';
import { loadParameters } from '../model/safetensors.ts';
import { canRun } from '../model/tiles.ts';
import type { Sizes } from '../model/workspace.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { balancesOf } from './balance.ts';
import { CATALOG } from './catalog.ts';
import { restoreRun } from './checkpoints.ts';
import { wantsValue } from './critic.ts';
import { latentPositions } from './latent.ts';
import { matchStrengths } from './match.ts';
import { Run } from './run.ts';
import { chooseSizes } from './sizes.ts';
import { warmStart } from './warm_start.ts';

export interface SessionOptions {
  experiment: Experiment;
  /** The shipped base of this name (core/hints.ts) as a safetensors file; asked for only where the experiment starts from it. */
  loadBase(name: string): Promise<ArrayBuffer>;
  resume?: Checkpoint;
  /** Those of a kept run, where no checkpoint names its own; what the device cannot run is passed over. */
  kernels?: KernelsUsed | undefined;
  /** How responses are sampled (model/rollout_variants.ts); by default as is faster, where no processor plays the GPU. */
  rollout?: Sizes['rollout'];
  /** Stops preparing when it answers true. */
  cancelled?: () => boolean;
}

/** Where preparing stands, for the user. */
export type TellProgress = (phase: string, done: number, total: number, note?: string) => void;

export interface Prepared {
  engine: Engine;
  task: Task;
  runs: Run[];
  base: Policy;
  baseParameters: Float32Array;
  /** Coefficients that were chosen by matching; none where they are the settings'. */
  strengths: MatchedStrength[];
}

/**
 * Compiles, loads or trains the base, and prepares all runs at step 0 or at the checkpoint.
 * @throws {Error} a setting, a limit or a checkpoint that does not fit; nothing is left allocated
 */
export async function prepare(
  opened: OpenedDevice,
  options: SessionOptions,
  progress: TellProgress,
): Promise<Prepared> {
  const { experiment, resume } = options;
  const task = TASKS.get(experiment.task);
  if (!task) {
    const known = [...TASKS.keys()].join(', ');
    throw new RangeError(`task: must be one of ${known}, got ${experiment.task}`);
  }
  const problem = hintProblem(experiment, CATALOG) ?? refusalProblem(experiment, CATALOG);
  if (problem) throw new RangeError(problem);
  const config = modelConfig(experiment.model, task.vocabulary.length);
  const { limits } = opened.device;
  const latent = latentPositions(experiment);
  const sizes = chooseSizes(config, task, experiment.values, limits, opened.software, latent);
  const wanted = resume ?? options.kernels ?? {};
  const tile = wanted.tile && (await canRun(opened.device, wanted.tile)) ? wanted.tile : undefined;
  // Kept runs from before sampling in one dispatch know the loop alone.
  const before = wanted.sampling ?? (resume || options.kernels ? 'loop' : undefined);
  const rollout = before ?? options.rollout ?? (opened.software ? 'loop' : 'timed');
  const engine = await Engine.create(
    ...([opened.device, config, task.eos, { ...sizes, rollout, ...(tile && { tile }) }] as const),
    (done, total) => progress('compiling kernels', done, total),
    wantsValue(experiment),
  );
  try {
    if (resume && resume.base.length !== engine.layout.size) {
      throw new RangeError(
        `checkpoint: the base must hold ${engine.layout.size} values, got ${resume.base.length}`,
      );
    }
    const baseParameters = resume?.base ?? (await prepareBase(engine, task, options, progress));
    const base = await openPolicy(engine, baseParameters);
    const given = { engine, task, experiment, base, baseParameters };
    // Measured anew on a resume: the same base gives the same coefficients.
    const strengths = await matchStrengths(given, (done, total) => {
      if (options.cancelled?.()) throw new Error('matching strengths: stopped');
      progress('matching strengths on the base', done, total);
    });
    const runs: Run[] = [];
    for (const id of runsOf(experiment)) {
      const fixed = matchedOf(strengths, id.arm);
      runs.push(await createRun(engine, task, experiment, id, base, baseParameters, fixed));
    }
    for (const saved of resume?.runs ?? []) restoreRun(engine, runs, saved);
    return { engine, task, runs, base, baseParameters, strengths };
  } catch (error) {
    engine.destroy();
    throw error;
  }
}

async function prepareBase(
  engine: Engine,
  task: Task,
  options: SessionOptions,
  progress: TellProgress,
): Promise<Float32Array> {
  const { experiment } = options;
  if (experiment.base === 'shipped') {
    progress('loading the base model', 0, 1);
    const hasHints = knowsHints(task.id, experiment.values);
    const file = await options.loadBase(baseName(task.id, experiment.model, hasHints));
    progress('loading the base model', 1, 1);
    return loadParameters(engine.layout, file);
  }
  const { policy } = await warmStart(
    engine,
    task,
    experiment.values,
    0,
    ({ phase, step, steps, accuracy }) =>
      progress(
        `training the base model: ${phase}`,
        step,
        steps,
        `held-out accuracy ${accuracy.toFixed(2)}`,
      ),
    options.cancelled,
  );
  const { parameters } = await engine.readPolicy(policy);
  engine.destroyPolicy(policy);
  return parameters;
}

async function createRun(
  engine: Engine,
  task: Task,
  experiment: Experiment,
  id: RunId,
  base: Policy,
  parameters: Float32Array,
  fixed: Values,
): Promise<Run> {
  const arm = experiment.arms.find((a) => a.id === id.arm);
  if (!arm) throw new Error(`session: arm must exist, got ${id.arm}`);
  const methods = activeMethods(experiment, arm, METHODS);
  const composed = composeMethods(methods);
  return new Run({
    engine,
    task,
    arm: arm.id,
    seed: id.seed,
    composed,
    base,
    methods,
    loss: await engine.createLoss(composed),
    balances: await balancesOf(engine, methods),
    policy: await openPolicy(engine, parameters, composed.needs.has('value')),
    values: armValues(experiment, arm),
    fixed,
  });
}
