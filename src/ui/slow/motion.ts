/**
 * Slow motion from the page's side: one step of the engine, in five phases. Stands between the client and sync.ts as the
 * microscope's lens does, and asks the engine in its own words.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SlowStep } from '../../core/slow_step.ts';
import { type Client, overheard } from '../../worker/client.ts';
import type { Command, Event } from '../../worker/protocol.ts';
import { PHASES } from './phases.ts';

export interface SlowState {
  isOpen: boolean;
  /** Index into PHASES. */
  phase: number;
  /** Phases follow each other by themselves. */
  isPlaying: boolean;
  /** A step is on its way. */
  isWaiting: boolean;
  step?: SlowStep;
  /** Whose responses the first phases show, by the arm's id; else the first one's. */
  arm?: string;
  /** Of whose arms the next step is shown; else the experiment's first. */
  seed?: number;
  /** Why there is none. */
  message?: string;
}

export interface SlowMotion {
  /** For what stands behind, instead of the client itself. */
  client: Client;
  store: StoreApi<SlowState>;
  open(): void;
  close(): void;
  /** Asks for the next step of this seed's arms, and shows it from its first phase. */
  take(seed: number): void;
  /** Shows this arm's responses. */
  choose(arm: string): void;
  /** The next step that is taken is this seed's. */
  chooseSeed(seed: number): void;
  /** To a phase; beyond the ends nothing happens. */
  go(phase: number): void;
  /** Plays on, from the beginning where the end has been reached. */
  play(): void;
  pause(): void;
}

export function createSlowMotion(client: Client): SlowMotion {
  const store = createStore<SlowState>(() => ({
    isOpen: false,
    phase: 0,
    isPlaying: false,
    isWaiting: false,
  }));
  let lastId = 0;

  function send(command: Command): void {
    // Other runs, or the same ones at the base: what was seen is theirs no more.
    if (command.type === 'open' || command.type === 'reset') forget();
    client.send(command);
  }

  function forget(): void {
    lastId++;
    store.setState({ step: undefined, message: undefined, isWaiting: false, ...START });
  }

  function take(event: Event): void {
    if (event.type === 'failed') store.setState({ isWaiting: false });
    if (event.type !== 'slow_step' || event.id !== lastId) return;
    store.setState(
      event.step
        ? { isWaiting: false, step: event.step, message: undefined, ...START }
        : { isWaiting: false, message: event.message, isPlaying: false },
    );
  }

  const last = PHASES.length - 1;
  return {
    client: overheard(client, send, take),
    store,
    open: () => store.setState({ isOpen: true, message: undefined }),
    close: () => store.setState({ isOpen: false, isPlaying: false }),
    take(seed) {
      if (store.getState().isWaiting) return;
      store.setState({ isWaiting: true, message: undefined, isPlaying: false });
      send({ type: 'slow_step', id: ++lastId, seed });
    },
    choose: (arm) => store.setState({ arm }),
    chooseSeed: (seed) => store.setState({ seed }),
    go(phase) {
      if (phase < 0 || phase > last) return;
      store.setState({ phase, isPlaying: store.getState().isPlaying && phase < last });
    },
    play: () =>
      store.setState(({ phase, step }) => ({
        isPlaying: step !== undefined,
        phase: phase === last ? 0 : phase,
      })),
    pause: () => store.setState({ isPlaying: false }),
  };
}

const START = { phase: 0, isPlaying: false };
