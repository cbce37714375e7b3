/** Holds the newest checkpoint of the runs in the page's memory, so that a lost device costs a few steps at most. */
import { type Experiment, runsOf } from '../core/experiment.ts';
import { modelConfig, parameterCount } from '../core/model_config.ts';
import type { Client } from '../worker/client.ts';
import type { Checkpoint } from '../worker/protocol.ts';
import { findTask } from './declared.ts';

/** Steps between two checkpoints: with the steps that pass until it is taken, none is more than 10 steps old. */
const EVERY = 8;
/** Where a step takes long, no more than this is lost either. */
const EVERY_MS = 60_000;
/** Larger states are not copied while training; a failure then starts again from the base. */
const MAX_BYTES = 256e6;

export class Keeper {
  held: Checkpoint | undefined;
  private readonly client: Client;
  private askedAt = 0;
  private askedAtMs = performance.now();

  constructor(client: Client) {
    this.client = client;
  }

  /** Runs begin anew, from the checkpoint if one is given. */
  begin(from?: Checkpoint): void {
    this.held = from;
    this.askedAt = from ? stepOf(from) : 0;
    this.askedAtMs = performance.now();
  }

  isDue(step: number): boolean {
    const steps = step - this.askedAt;
    return steps >= EVERY || (steps > 0 && performance.now() - this.askedAtMs > EVERY_MS);
  }

  ask(experiment: Experiment | undefined, step: number): void {
    const task = experiment && findTask(experiment.task);
    if (!experiment || !task) return;
    const size = parameterCount(modelConfig(experiment.model, task.vocabulary.length));
    // Parameters and two moments, 4 bytes each.
    if (12 * size * runsOf(experiment).length > MAX_BYTES) return;
    this.askedAt = step;
    this.askedAtMs = performance.now();
    this.client.send({ type: 'checkpoint' });
  }
}

/** Step from which all runs of a checkpoint can go on. */
export function stepOf(checkpoint: Checkpoint): number {
  return Math.min(...checkpoint.runs.map((run) => run.step));
}
