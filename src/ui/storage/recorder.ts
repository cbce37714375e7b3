/**
 * Keeps every experiment that is started: listens to what page and engine say to each other and writes it down, a
 * little behind, off the way of training. When writing fails it says so once and training goes on in memory.
 */
import { createStore } from 'zustand/vanilla';
import { type Experiment, runKey, runsOf } from '../../core/experiment.ts';
import type { Fork, KeptDifficulty, KeptResponses } from '../../core/kept_details.ts';
import { automaticLabel } from '../../core/label.ts';
import { runName } from '../../core/run_name.ts';
import type { Client } from '../../worker/client.ts';
import type { Checkpoint, Command, Event } from '../../worker/protocol.ts';
import { CATALOG, messageOf } from '../declared.ts';
import type { History } from '../history.ts';
import { notify, type Store } from '../store.ts';
import { RunLocks } from './lock.ts';
import type { CurveBlock, KeptRun } from './record.ts';
import { METRIC_IDS } from './rows.ts';
import type { BrokenRun, Shelf } from './shelf.ts';
import { thumbnailOf } from './thumbnail.ts';

const FLUSH_MS = 1000;

export interface RunsState {
  /** Newest first; among them those that wait for their undo to pass. */
  runs: readonly KeptRun[];
  broken: readonly BrokenRun[];
  /** Runs that another tab writes. */
  elsewhere: ReadonlySet<string>;
  /** The run that the engine works on. */
  currentId?: string;
  /** A run that was cut off, and the step of its newest checkpoint. */
  offer?: { id: string; step: number };
}

/** What is not written yet of the run under way. */
interface Current {
  id: string;
  blocks: CurveBlock[];
  responses: Map<string, KeptResponses>;
  difficulty: Map<string, { first: KeptDifficulty; last: KeptDifficulty }>;
}

export class Recorder {
  readonly state = createStore<RunsState>(() => ({ runs: [], broken: [], elsewhere: new Set() }));
  private current: Current | undefined;
  private opening: Checkpoint | undefined;
  private isResetting = false;
  private isBroken = false;
  private readonly origins = new WeakMap<Checkpoint, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly history: History,
    readonly shelf: Promise<Shelf>,
    readonly locks = new RunLocks(),
  ) {
    shelf.catch((error) => this.fail(error));
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
    this.later();
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
    if (command.type === 'open') this.opening = command.resume;
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
        if (event.state === 'preparing') this.leave(this.opening && this.originOf(this.opening));
        else if (this.isResetting && event.state !== 'running') {
          this.isResetting = false;
          this.leave();
        } else if (event.state === 'running') this.begin();
        else void this.flush();
        break;
      case 'opened': {
        const id = this.opening && this.originOf(this.opening);
        if (id) this.enter(id);
        break;
      }
      case 'points': {
        const { arm, seed, firstStep, values } = event;
        current?.blocks.push({ arm, seed, firstStep, metrics: [...METRIC_IDS], values });
        this.later();
        break;
      }
      case 'responses': {
        const { type: _, ...responses } = event;
        current?.responses.set(runKey(event), responses);
        this.later();
        break;
      }
      case 'by_difficulty': {
        const { type: _, ...last } = event;
        const first = current?.difficulty.get(runKey(event))?.first ?? last;
        current?.difficulty.set(runKey(event), { first, last });
        break;
      }
      case 'checkpoint':
        this.keepCheckpoint(event.checkpoint);
        break;
      case 'failed':
        void this.flush();
        break;
      default:
        break;
    }
  }

  private originOf(checkpoint: Checkpoint): string | undefined {
    return this.origins.get(checkpoint);
  }

  /** The engine begins to train what was opened: a new record, unless it goes on with a kept one. */
  private begin(): void {
    const { opened, preset, presetId } = this.store.getState();
    if (this.current || !opened) return;
    const { runs, offer } = this.state.getState();
    if (offer) this.setAside(offer.id);
    const id = crypto.randomUUID();
    const now = Date.now();
    const run: KeptRun = {
      ...{ id, presetId, experiment: opened, created: now, updated: now, step: 0 },
      name: runName(id, new Set(runs.map((r) => r.name))),
      label: automaticLabel(
        opened,
        preset,
        runs.find((r) => !r.isRemoved),
        CATALOG,
      ),
      ...{ isPinned: false, isSetAside: false, isRemoved: false, forks: [], failed: [] },
      thumbnail: { entropy: {}, accuracy: {} },
    };
    this.state.setState({ runs: [run, ...runs] });
    this.enter(id);
    void this.locks.take(id);
    this.later();
  }

  private enter(id: string): void {
    if (this.current?.id === id) return;
    const { responses, difficulty } = this.store.getState();
    this.current = {
      ...{ id, blocks: [] },
      responses: new Map(
        Object.entries(responses).flatMap(([key, [newest]]) => (newest ? [[key, newest]] : [])),
      ),
      difficulty: new Map(Object.entries(difficulty)),
    };
    // Details of a run before this one are no part of it.
    if (this.history.lastStep() === 0) {
      this.current.responses.clear();
      this.current.difficulty.clear();
    }
    this.state.setState({ currentId: id, offer: undefined });
    this.change(id, { isSetAside: false });
    void this.write((shelf) => shelf.patch(id, { isSetAside: false }));
  }

  /** What the engine does next belongs to another run than the one under way, or to the one named. */
  private leave(next?: string): void {
    const { current } = this;
    if (!current || current.id === next) return;
    void this.flush();
    this.current = undefined;
    this.state.setState({ currentId: undefined });
    this.setAside(current.id);
    void this.writing.then(() => this.locks.release(current.id));
  }

  setAside(id: string): void {
    if (this.state.getState().offer?.id === id) this.state.setState({ offer: undefined });
    this.change(id, { isSetAside: true });
    void this.write(async (shelf) => {
      await shelf.patch(id, { isSetAside: true });
      await shelf.keepNewestCheckpoint(id);
    });
  }

  private later(): void {
    if (!this.current) return;
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Resolves when everything so far is written, or could not be. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { current } = this;
    const known = this.record(current?.id);
    if (!current || !known) return this.writing;
    const blocks = merged(current.blocks.splice(0));
    const run = { ...known, ...this.measured(known.experiment) };
    this.change(run.id, run);
    const details = {
      responses: [...current.responses.values()],
      difficulty: [...current.difficulty.values()],
    };
    return this.write((shelf) => shelf.write(run, blocks, details));
  }

  private measured(experiment: Experiment) {
    const { history } = this;
    return {
      updated: Date.now(),
      step: history.completeStep(runsOf(experiment)),
      thumbnail: thumbnailOf(history, experiment),
      failed: history.runs().flatMap(({ arm, seed, failed }) => {
        return failed ? [{ arm, seed, ...failed, message: failed.message.slice(0, 2000) }] : [];
      }),
    };
  }

  private keepCheckpoint(checkpoint: Checkpoint): void {
    const { current } = this;
    if (!current) return;
    this.own(checkpoint, current.id);
    const { runs, base } = checkpoint;
    const step = Math.min(...runs.map((run) => run.step));
    void this.flush();
    void this.write((shelf) => shelf.writeCheckpoint(current.id, step, { runs, base }));
  }

  /** One write after the other, so that a checkpoint never stands before its curves. */
  write(action: (shelf: Shelf) => Promise<void>): Promise<void> {
    this.writing = this.writing.then(async () => {
      if (this.isBroken) return;
      try {
        await action(await this.shelf);
      } catch (error) {
        this.fail(error);
      }
    });
    return this.writing;
  }

  private fail(error: unknown): void {
    if (this.isBroken) return;
    this.isBroken = true;
    const isFull = error instanceof Error && error.name === 'QuotaExceededError';
    notify(
      this.store,
      'info',
      isFull ? 'The storage of this browser is full' : 'This browser cannot keep the run',
      `Training goes on in memory; save what you need with File before you close the tab. (${messageOf(error)})`,
    );
  }
}

/** Blocks of one run that follow each other, as one. */
function merged(blocks: readonly CurveBlock[]): CurveBlock[] {
  const result: CurveBlock[] = [];
  for (const run of new Set(blocks.map(runKey))) {
    for (const block of blocks.filter((b) => runKey(b) === run)) {
      const last = result.at(-1);
      const width = block.metrics.length;
      const follows =
        last &&
        runKey(last) === run &&
        last.firstStep + last.values.length / width === block.firstStep;
      if (!follows) {
        result.push({ ...block });
        continue;
      }
      const values = new Float32Array(last.values.length + block.values.length);
      values.set(last.values);
      values.set(block.values, last.values.length);
      last.values = values;
    }
  }
  return result;
}
