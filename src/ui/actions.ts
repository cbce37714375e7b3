/** What a user can have done: the page calls these, sync.ts does them. */
import type { RunId } from '../core/experiment.ts';
import type { KernelsUsed } from '../core/tile_choice.ts';
import type { Checkpoint, Event } from '../worker/protocol.ts';
import type { Kept } from './intake.ts';
import type { Pausing } from './store.ts';

export type WeightsEvent = Extract<Event, { type: 'weights' }>;

export interface Actions {
  /** Starts or goes on; before the engine is ready, as soon as it is. */
  start(): void;
  /** A step that was asked for by itself ends without a hidden tab's pause, and nothing goes on after it. */
  pause(by?: Pausing): void;
  /** Start or pause, whichever makes sense. */
  toggle(): void;
  step(): void;
  reset(): void;
  /**
   * Opens the draft anew; curves of the runs so far are dropped once it is open.
   * @param kernels that a kept run had
   */
  restart(kernels?: KernelsUsed): void;
  /** Times the families of kernels anew. */
  measureTiles(): void;
  /** After a failure: from the last checkpoint, or from the beginning when there is none. */
  resume(): void;
  /** State of all runs as it is now, between two turns. */
  checkpointNow(): Promise<Checkpoint>;
  /** A run's weights as the files of a folder, or why not. */
  exportWeights(run: RunId): Promise<WeightsEvent>;
  /** Goes on from a checkpoint; `kept` replaces the curves on the page, without it they stay. */
  goOn(checkpoint: Checkpoint, kept?: Kept): void;
  useProposal(): void;
  usePreset(): void;
  close(): void;
}
