/**
 * The one file that joins store, history and Worker client. Engine events go into the store and the history (told to
 * readers at most 5 times a second); what the user wants done goes to the engine. Changed settings: follow_draft.ts.
 */
import { type KernelsUsed, type TileId, usedIn } from '../core/tile_choice.ts';
import type { Client } from '../worker/client.ts';
import type { Checkpoint, Event, SessionState } from '../worker/protocol.ts';
import type { Actions } from './actions.ts';
import { announce } from './announce.ts';
import { Awaited } from './awaited.ts';
import { problemOf } from './declared.ts';
import { followDraft, isRestartDue } from './follow_draft.ts';
import type { History } from './history.ts';
import { Intake, type Kept } from './intake.ts';
import { Keeper, stepOf } from './keeper.ts';
import { slowWarning, withProposal } from './proposal.ts';
import { tellOtherKernels } from './runs/made_by.ts';
import { edit, notify, type Pausing, type Store } from './store.ts';
import { recallTiles, rememberTiles } from './tile_memory.ts';

export interface SyncOptions {
  /** Apply what the adapter's report proposes: on a first visit without settings in the address. */
  takesProposal: boolean;
  /** Address of the folder with the shipped base models, ending in a slash. */
  bases: string;
  /** Family of kernels that the address forces. */
  tiles?: TileId;
}

export function connect(
  client: Client,
  store: Store,
  history: History,
  options: SyncOptions,
): Actions {
  const intake = new Intake(store, history);
  const keeper = new Keeper(client);
  const awaited = new Awaited(client);
  let isOpening = false;
  let isResuming = false;
  /** Kernels that what is being opened had before. */
  let wanted: KernelsUsed = {};
  /** Curves of a kept run that is being opened: they take the place of those before when these are written down. */
  let restored: Kept | undefined;
  /** Training goes on until it is paused: more than a step was asked for. */
  let isEndless = false;
  /** Reset was sent; what still comes was measured before it. */
  let isResetting = false;

  const get = store.getState;

  function open(resume?: Checkpoint, kernels?: KernelsUsed, kept?: Kept): void {
    controls.settle();
    const problem = resume ? undefined : problemOf(get().draft);
    if (problem) {
      store.setState({ isQueued: false });
      notify(store, 'error', CANNOT_RUN, problem);
      return;
    }
    store.setState(({ notices }) => ({
      notices: notices.filter(({ title }) => title !== CANNOT_RUN),
    }));
    isOpening = true;
    isResetting = false;
    isResuming = resume !== undefined;
    restored = kept;
    wanted = usedIn(resume ?? kernels ?? {});
    const experiment = resume?.experiment ?? get().draft;
    keeper.begin(resume);
    store.setState({
      opened: experiment,
      failure: undefined,
      estimate: undefined,
      strengths: [],
      progress: undefined,
      state: 'preparing',
      checkpointStep: resume && stepOf(resume),
    });
    const { bases } = options;
    client.send({
      type: 'open',
      experiment,
      bases,
      resume,
      ...(kernels && { kernels: usedIn(kernels) }),
    });
  }

  function onOpened(event: Extract<Event, { type: 'opened' }>): void {
    isOpening = false;
    if (!isResuming) intake.clear();
    const { estimate, strengths = [], tile, sampling } = event;
    store.setState({ estimate, strengths, tile, sampling, progress: undefined });
    tellOtherKernels(store, wanted, event);
  }

  function onState(state: SessionState): void {
    // A report about the runs that an `open` on its way is about to replace.
    if (isOpening && state !== 'preparing' && state !== 'failed') return;
    if (isResetting && state !== 'running') {
      isResetting = false;
      intake.clear();
    }
    if (state === 'preparing' && restored) {
      intake.restore(restored);
      restored = undefined;
    }
    const before = get().state;
    store.setState(
      state === 'running' && before !== 'running' ? { state, pausing: undefined } : { state },
    );
    intake.setRunning(state === 'running');
    if (state !== 'running') {
      isEndless = false;
      intake.flush();
    }
    if (state === 'ready' || state === 'paused') {
      if (get().isQueued) {
        store.setState({ isQueued: false });
        start();
        return;
      }
    }
    if (state === 'paused' || state === 'finished') keeper.ask(get().opened, history.runs());
    if (state !== before) announce(store, history, state);
  }

  function onEvent(event: Event): void {
    switch (event.type) {
      case 'tiles':
        store.setState({ tiles: event.choice });
        rememberTiles(event.choice);
        break;
      case 'adapter': {
        store.setState({ adapter: event.adapter });
        const proposed = withProposal(get().draft, event.adapter);
        if (options.takesProposal && proposed !== get().draft) {
          store.setState({ draft: proposed, proposal: 'applied' });
        }
        open();
        break;
      }
      case 'state':
        onState(event.state);
        break;
      case 'progress': {
        const { type: _, ...progress } = event;
        store.setState({ progress });
        break;
      }
      case 'opened':
        onOpened(event);
        break;
      case 'points':
        if (isOpening || isResetting) break;
        intake.points(event);
        if (keeper.isDue(history.runs())) keeper.ask(get().opened, history.runs());
        break;
      case 'by_difficulty':
      case 'responses':
      case 'probes':
        if (!isOpening && !isResetting) intake.details(event);
        break;
      case 'checkpoint':
        if (isOpening || isResetting) {
          awaited.refuse('the runs began anew before their state was taken');
          break;
        }
        awaited.onCheckpoint(event);
        if (!event.checkpoint) break;
        keeper.held = event.checkpoint;
        store.setState({ checkpointStep: stepOf(event.checkpoint) });
        break;
      case 'weights':
        awaited.onWeights(event);
        break;
      case 'inspection':
      case 'trust':
      case 'profile':
      case 'slow_step':
      case 'pairs':
        // Taken up by ui/microscope/lens.ts, ui/slow/motion.ts and ui/pairs/pairs.ts, which listen before this.
        break;
      case 'run_failed': {
        if (isOpening || isResetting) break;
        history.fail(event, event.step, event.message);
        intake.flush();
        const arm = get().opened?.arms.find((a) => a.id === event.arm)?.name ?? event.arm;
        const title = `${arm}, seed ${event.seed} stopped at step ${event.step}`;
        store.setState({ announcement: `${title}. ${event.message}` });
        break;
      }
      case 'failed': {
        isOpening = false;
        awaited.onFailed(event.message);
        const { type: _, ...failure } = event;
        intake.setRunning(false);
        intake.flush();
        store.setState({
          failure,
          state: 'failed',
          isQueued: false,
          progress: undefined,
          announcement: `Stopped. ${event.message} ${event.advice}`,
        });
        break;
      }
      default:
        event satisfies never;
    }
  }

  function start(): void {
    const { state } = get();
    if (state === 'running') return;
    if (state === 'failed') {
      if (!get().failure?.recoverable) return;
      store.setState({ isQueued: true });
      open(keeper.held);
    } else if (state === 'empty' || state === 'preparing') {
      store.setState({ isQueued: true, announcement: 'Starts as soon as everything is ready.' });
    } else if (state === 'ready' && history.lastStep() === 0 && isRestartDue(get())) {
      store.setState({ isQueued: true });
      open();
    } else {
      isEndless = true;
      client.send({ type: 'start' });
    }
  }

  function pause(by: Pausing = 'user'): void {
    const { isQueued, state, pausing } = get();
    if (isQueued) store.setState({ isQueued: false, announcement: 'Not starting.' });
    else if (state === 'running' && (isEndless || by === 'user')) {
      store.setState({ pausing: pausing === 'user' ? pausing : by });
      client.send({ type: 'pause' });
    }
  }

  const controls = followDraft(client, store, history, { open, isOpening: () => isOpening });
  client.onEvent(onEvent);
  const { tiles: forced } = options;
  const tiles = { remembered: recallTiles(), ...(forced && { forced }) };
  client.send({ type: 'probe', tiles });

  return {
    start,
    pause,
    toggle: () => (get().state === 'running' || get().isQueued ? pause() : start()),
    step: () => {
      const { state } = get();
      if (state === 'ready' || state === 'paused') client.send({ type: 'step' });
    },
    reset: () => {
      const { state } = get();
      const isOpen = state === 'ready' && history.lastStep() > 0;
      if (!isOpen && state !== 'running' && state !== 'paused' && state !== 'finished') return;
      const announcement = 'Back to the base.';
      store.setState({ announcement, isQueued: false, checkpointStep: undefined });
      keeper.begin();
      isResetting = true;
      client.send({ type: 'reset' });
    },
    restart: (kernels) => {
      store.setState({ isQueued: true });
      open(undefined, kernels);
    },
    measureTiles: () => client.send({ type: 'measure_tiles' }),
    resume: () => open(keeper.held),
    checkpointNow: () => awaited.checkpoint(),
    exportWeights: (run) => awaited.weightsOf(run),
    goOn: (checkpoint, kept) => {
      store.setState({ recording: undefined, proposal: 'declined', isQueued: false });
      open(checkpoint, undefined, kept);
    },
    useProposal: () => {
      const { adapter } = get();
      if (!adapter) return;
      edit(store, (draft) => withProposal(draft, adapter));
      store.setState({ proposal: 'applied' });
    },
    usePreset: () => {
      store.setState(({ preset }) => ({ draft: preset, proposal: 'declined' }));
      const { adapter } = get();
      if (adapter?.software) {
        notify(store, 'info', 'Settings of the preset', slowWarning(adapter.gflops));
      }
    },
    close: () => {
      intake.close();
      controls.close();
      client.close();
    },
  };
}

const CANNOT_RUN = 'The settings cannot run';
