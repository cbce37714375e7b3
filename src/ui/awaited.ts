/** Answers of the engine that somebody on the page waits for. None is waited for in vain: a refusal is an answer too. */
import { type RunId, runKey } from '../core/experiment.ts';
import type { Client } from '../worker/client.ts';
import type { Checkpoint, Event } from '../worker/protocol.ts';
import type { WeightsEvent } from './actions.ts';

type CheckpointEvent = Extract<Event, { type: 'checkpoint' }>;

export class Awaited {
  private states: { resolve(taken: Checkpoint): void; reject(error: Error): void }[] = [];
  private weights: { run: RunId; resolve(event: WeightsEvent): void }[] = [];

  constructor(private readonly client: Client) {}

  /** The next state of all runs that comes in. */
  checkpoint(): Promise<Checkpoint> {
    const answer = new Promise<Checkpoint>((resolve, reject) =>
      this.states.push({ resolve, reject }),
    );
    this.client.send({ type: 'checkpoint' });
    return answer;
  }

  /** The weights of this run: those of another one may be on their way, too. */
  weightsOf({ arm, seed }: RunId): Promise<WeightsEvent> {
    const answer = new Promise<WeightsEvent>((resolve) =>
      this.weights.push({ run: { arm, seed }, resolve }),
    );
    this.client.send({ type: 'export_weights', arm, seed });
    return answer;
  }

  onCheckpoint({ checkpoint, message }: CheckpointEvent): void {
    if (!checkpoint) this.refuse(message);
    else for (const { resolve } of this.states.splice(0)) resolve(checkpoint);
  }

  onWeights(event: WeightsEvent): void {
    const at = this.weights.findIndex(({ run }) => runKey(run) === runKey(event));
    for (const { resolve } of at < 0 ? [] : this.weights.splice(at, 1)) resolve(event);
  }

  /** No state comes of what was asked for. */
  refuse(message: string): void {
    for (const { reject } of this.states.splice(0)) reject(new Error(message));
  }

  /** The engine stopped. */
  onFailed(message: string): void {
    this.refuse(message);
    for (const { run, resolve } of this.weights.splice(0)) {
      resolve({ type: 'weights', ...run, message });
    }
  }
}
