/** Holds the newest checkpoint of the runs in the page's memory, so that a lost device costs a few steps at most. */
import { type Experiment, type RunId, runKey, runsOf } from '../core/experiment.ts';
import { modelConfig, parameterCount } from '../core/model_config.ts';
import type { Client } from '../worker/client.ts';
import type { Checkpoint } from '../worker/protocol.ts';
import { findTask } from './declared.ts';

/**
 * Most steps between two checkpoints: with the steps that pass until it is taken, none is more than 10 steps old. The
 * first are closer, after 1, 2, 4 and 8 steps: a run that is cut off early has one, too.
 */
const EVERY = 8;
/** Where a step takes long, no more than this is lost either. */
const EVERY_MS = 60_000;
/** Larger states are not copied while training; a failure then starts again from the base. */
const MAX_BYTES = 256e6;

/** A run with its rows so far, row 0 being the base. */
type RunSteps = RunId & { length: number };
const stepsOf = (run: RunSteps) => run.length - 1;

export class Keeper {
  held: Checkpoint | undefined;
  private readonly client: Client;
  /** Steps that each run had done when the last checkpoint was asked for. */
  private asked = new Map<string, number>();
  private askedAtMs = performance.now();

  constructor(client: Client) {
    this.client = client;
  }

  /** Runs begin anew, from the checkpoint if one is given. */
  begin(from?: Checkpoint): void {
    this.held = from;
    this.asked = new Map(from?.runs.map((run) => [runKey(run), run.step]));
    this.askedAtMs = performance.now();
  }

  /** Each run counts for itself: a fork that catches up would lose as much as all of them. */
  isDue(runs: readonly RunSteps[]): boolean {
    const advanced = runs.map((run) => stepsOf(run) - (this.asked.get(runKey(run)) ?? 0));
    const most = Math.max(0, ...advanced);
    const mean = advanced.reduce((sum, steps) => sum + steps, 0) / advanced.length;
    const rounds = Math.max(1, Math.max(0, ...runs.map(stepsOf)) / 2);
    return (
      most >= EVERY || mean >= rounds || (most > 0 && performance.now() - this.askedAtMs > EVERY_MS)
    );
  }

  ask(experiment: Experiment | undefined, runs: readonly RunSteps[]): void {
    const task = experiment && findTask(experiment.task);
    if (!experiment || !task) return;
    const size = parameterCount(modelConfig(experiment.model, task.vocabulary.length));
    // Parameters and two moments, 4 bytes each.
    if (12 * size * runsOf(experiment).length > MAX_BYTES) return;
    this.asked = new Map(runs.map((run) => [runKey(run), stepsOf(run)]));
    this.askedAtMs = performance.now();
    this.client.send({ type: 'checkpoint' });
  }
}

/** Step from which all runs of a checkpoint can go on. */
export function stepOf(checkpoint: Checkpoint): number {
  return Math.min(...checkpoint.runs.map((run) => run.step));
}
