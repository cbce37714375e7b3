/**
 * Keeps every experiment that is started: listens to what page and engine say to each other and writes it down, a
 * little behind, off the way of training. When writing fails it says so once and training goes on in memory.
 */
import { createStore } from 'zustand/vanilla';
import type { Fork } from '../../core/kept_details.ts';
import type { Client } from '../../worker/client.ts';
import type { Checkpoint, Command, Event } from '../../worker/protocol.ts';
import type { History } from '../history.ts';
import { withMaker } from '../runs/made_by.ts';
import type { Store } from '../store.ts';
import { type Current, gather } from './current.ts';
import { freshRun, measuredPart } from './fresh_run.ts';
import { RunLocks } from './lock.ts';
import { makeRoom } from './make_room.ts';
import { type CurveBlock, type KeptRun, storedState } from './record.ts';
import { mergedBlocks } from './rows.ts';
import type { BrokenRun, Shelf } from './shelf.ts';
import { RETRY_MS, Writer } from './writer.ts';

const FLUSH_MS = 1000;

export interface RunsState {
  /** Newest first; among them those that wait for their undo to pass. */
  runs: readonly KeptRun[];
  broken: readonly BrokenRun[];
  /** Runs that another tab writes. */
  elsewhere: ReadonlySet<string>;
  /** The run that the engine works on. */
  currentId?: string;
  /** A run that was cut off, and the step of its newest checkpoint; without one it can begin again. */
  offer?: { id: string; step?: number };
}

export class Recorder {
  readonly state = createStore<RunsState>(() => ({ runs: [], broken: [], elsewhere: new Set() }));
  private current: Current | undefined;
  /** The record of what is being opened, where it has one; `isAgain` when its steps are taken anew. */
  private opening: { id: string; isAgain: boolean } | undefined;
  /** The record that what is opened next writes anew, from its beginning. */
  private beginning: string | undefined;
  private isResetting = false;
  private canKeep = true;
  private readonly origins = new WeakMap<Checkpoint, string>();
  private readonly writer: Writer;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly history: History,
    readonly shelf: Promise<Shelf>,
    readonly locks = new RunLocks(),
  ) {
    // Where there is no database, what is gathered for it would only grow.
    shelf.catch(() => {
      this.canKeep = false;
    });
    this.writer = new Writer(store, shelf, async (open) => {
      const { runs } = this.state.getState();
      const elsewhere = await this.locks.elsewhere();
      return makeRoom(open, runs, (id) => id === this.current?.id || elsewhere.has(id));
    });
  }

  /** The client with the recorder listening on both sides, before anyone else hears of an event. */
  tap(client: Client): Client {
    return {
      send: (command) => {
        this.onCommand(command);
        client.send(command);
      },
      onEvent: (listener) =>
        client.onEvent((event) => {
          this.onEvent(event);
          listener(event);
        }),
      close: () => {
        void this.flush();
        client.close();
      },
    };
  }

  /** The run that a checkpoint belongs to: opened again, it goes on in the same record. */
  own(checkpoint: Checkpoint, id: string): void {
    this.origins.set(checkpoint, id);
  }

  /** What is opened next is this run from its beginning: the same steps are written into the same record again. */
  beginAgain(id: string): void {
    this.beginning = id;
  }

  /** The run under way gets an arm that began as another one's copy; `rows` are where the curves part. */
  fork(checkpoint: Checkpoint, fork: Fork, rows: readonly CurveBlock[]): void {
    const { current } = this;
    if (!current) return;
    this.own(checkpoint, current.id);
    current.blocks.push(...rows);
    const run = this.record(current.id);
    if (!run) return;
    const label = `${run.label}; fork of ${fork.from} at step ${fork.step}`.slice(0, 400);
    const { experiment } = checkpoint;
    this.change(current.id, { experiment, label, forks: [...run.forks, fork] });
    // With its state at once: a record that names the fork must not stand without it.
    this.keepCheckpoint(checkpoint);
  }

  record(id: string | undefined): KeptRun | undefined {
    return this.state.getState().runs.find((run) => run.id === id);
  }

  change(id: string, part: Partial<KeptRun>): void {
    this.state.setState(({ runs }) => ({
      runs: runs.map((run) => (run.id === id ? { ...run, ...part } : run)),
    }));
  }

  private onCommand(command: Command): void {
    if (command.type === 'open') {
      const id = command.resume ? this.origins.get(command.resume) : this.beginning;
      this.opening = id === undefined ? undefined : { id, isAgain: !command.resume };
      this.beginning = undefined;
    }
    if (command.type === 'reset') this.isResetting = true;
    const run = this.record(this.current?.id);
    if (command.type !== 'values' || !run) return;
    const { experiment } = run;
    const arms = experiment.arms.map((arm) =>
      arm.id === command.arm ? { ...arm, values: { ...arm.values, ...command.values } } : arm,
    );
    const values = command.arm ? experiment.values : { ...experiment.values, ...command.values };
    this.change(run.id, { experiment: { ...experiment, values, arms } });
    this.later();
  }

  private onEvent(event: Event): void {
    const { current } = this;
    switch (event.type) {
      case 'state':
        if (event.state === 'preparing') this.leave(this.opening?.id);
        else if (this.isResetting && event.state !== 'running') {
          this.isResetting = false;
          this.leave();
        } else if (event.state === 'running') {
          this.begin();
          this.noteMaker();
        } else void this.flush();
        break;
      case 'opened':
        if (this.opening) this.enter(this.opening.id, this.opening.isAgain);
        break;
      case 'points':
      case 'responses':
      case 'probes':
      case 'by_difficulty':
        if (current) gather(current, event);
        this.later();
        break;
      case 'checkpoint':
        if (event.checkpoint) this.keepCheckpoint(event.checkpoint);
        break;
      case 'failed':
        void this.flush();
        break;
      default:
        break;
    }
  }

  /** The engine begins to train what was opened: a new record, unless it goes on with a kept one. */
  private begin(): void {
    const { opened, preset, presetId } = this.store.getState();
    if (this.current || !opened || !this.canKeep) return;
    const { runs, offer } = this.state.getState();
    if (offer) this.setAside(offer.id);
    const run = freshRun(opened, preset, presetId, runs);
    this.state.setState({ runs: [run, ...runs] });
    this.enter(run.id);
    this.later();
  }

  /** What trains the run from here on. */
  private noteMaker(): void {
    const run = this.record(this.current?.id);
    const madeBy = withMaker(this.store, run?.madeBy);
    if (!run || madeBy.length === (run.madeBy?.length ?? 0)) return;
    this.change(run.id, { madeBy });
    this.later();
  }

  private enter(id: string, isAgain = false): void {
    if (this.current?.id === id) return;
    const { responses, difficulty } = this.store.getState();
    this.current = {
      ...{ id, blocks: [], probes: [] },
      responses: new Map(Object.entries(responses)),
      difficulty: new Map(Object.entries(difficulty)),
    };
    // Details of a run before this one are no part of it.
    if (this.history.lastStep() === 0 || isAgain) {
      this.current.responses.clear();
      this.current.difficulty.clear();
    }
    this.state.setState({ currentId: id, offer: undefined });
    const wanted = { isSetAside: false, isRemoved: false };
    this.change(id, wanted);
    void this.write((shelf) => shelf.patch(id, wanted));
    void this.locks.take(id);
    // What was taken to go on with and could not be opened is free again.
    for (const other of this.locks.others(id)) this.free(other);
  }

  /** What the engine does next belongs to another run than the one under way, or to the one named. */
  private leave(next?: string): void {
    const { current } = this;
    if (!current || current.id === next) return;
    void this.flush();
    this.current = undefined;
    this.state.setState({ currentId: undefined });
    this.setAside(current.id);
    this.free(current.id);
  }

  /** For other tabs, as soon as what is known of it is written. */
  private free(id: string): void {
    void this.writer.settled.then(() => {
      // It may have been entered again by then.
      if (this.current?.id !== id) this.locks.release(id);
    });
  }

  setAside(id: string): void {
    if (this.state.getState().offer?.id === id) this.state.setState({ offer: undefined });
    this.change(id, { isSetAside: true });
    void this.write(async (shelf) => {
      await shelf.patch(id, { isSetAside: true });
      await shelf.keepNewestCheckpoint(id);
    });
  }

  private later(ms = FLUSH_MS): void {
    if (!this.current) return;
    this.timer ??= setTimeout(() => void this.flush(), ms);
  }

  /** Resolves when everything so far is written, or could not be. What could not be is tried again with the next. */
  flush(): Promise<unknown> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { current } = this;
    const known = this.record(current?.id);
    if (!current || !known) return this.writer.settled;
    const run = { ...known, ...measuredPart(this.history, known.experiment) };
    this.change(run.id, run);
    const details = {
      responses: [...current.responses.values()].flat(),
      difficulty: [...current.difficulty.values()],
    };
    const written = this.write(async (shelf) => {
      const { checkpoint } = current;
      const count = { blocks: current.blocks.length, probes: current.probes.length };
      const blocks = mergedBlocks(current.blocks.slice(0, count.blocks));
      const probes = current.probes.slice(0, count.probes);
      await shelf.write(run, { blocks, details, probes, checkpoint });
      current.blocks.splice(0, count.blocks);
      current.probes.splice(0, count.probes);
      if (current.checkpoint === checkpoint) current.checkpoint = undefined;
    });
    return written.then((isWritten) => {
      if (!isWritten && this.current === current) this.later(RETRY_MS);
    });
  }

  /** In one with the curves up to it: a crash leaves both or neither. */
  private keepCheckpoint(checkpoint: Checkpoint): void {
    const { current } = this;
    if (!current) return;
    this.own(checkpoint, current.id);
    current.checkpoint = storedState(checkpoint);
    void this.flush();
  }

  /** Everything that was asked for so far is written, or could not be. */
  settled(): Promise<unknown> {
    return this.writer.settled;
  }

  write(action: (shelf: Shelf) => Promise<void>): Promise<boolean> {
    return this.writer.write(action);
  }
}
