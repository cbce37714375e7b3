/**
 * State of the page besides the curves: the experiment on the controls (`draft`), the one the engine runs (`opened`),
 * and what the engine says. A plain store; only sync.ts and user actions write to it.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Experiment } from '../core/experiment.ts';
import type { MatchedStrength } from '../core/strength.ts';
import type { Sampling, TileChoice, TileId } from '../core/tile_choice.ts';
import type { AdapterReport, Estimate, Event, SessionState } from '../worker/protocol.ts';
import { applied, haveSameParts, liveChanges } from './changes.ts';
import type { Edit } from './edit.ts';
import type { History } from './history.ts';
import type { Lock } from './locks.ts';
import type { PackedProbes } from './packed_probes.ts';

type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;
export type ResponsesEvent = EventOf<'responses'>;
export type DifficultyEvent = EventOf<'by_difficulty'>;
export type ProbesEvent = EventOf<'probes'>;
export type Progress = Omit<EventOf<'progress'>, 'type'>;
export type Failure = Omit<EventOf<'failed'>, 'type'>;

/** Something the user should read and can put away. */
export interface Notice {
  id: number;
  kind: 'error' | 'info';
  title: string;
  message: string;
}

/** What is known of the runs beside their curves, by run key. */
export interface RunDetails {
  /** Newest first, at most two steps per run, so that arms can be shown at the same step. */
  responses: Readonly<Record<string, readonly ResponsesEvent[]>>;
  /** First and newest evaluation by difficulty. */
  difficulty: Readonly<Record<string, { first: DifficultyEvent; last: DifficultyEvent }>>;
  /** Answers to the fixed prompts, evaluations in order. */
  probes: Readonly<Record<string, readonly PackedProbes[]>>;
}

export const NO_DETAILS: RunDetails = { responses: {}, difficulty: {}, probes: {} };

/** Curves from files instead of the engine. */
export interface Recording {
  /** File names, for the banner. */
  source: string;
  experiment: Experiment;
  history: History;
  /** What was kept beside the curves. */
  details?: RunDetails;
}

/** What became of the adapter's proposal: not made, applied to the controls, or set aside by the user. */
export type ProposalChoice = 'none' | 'applied' | 'declined';

export type Pausing = 'user' | 'hidden';

export interface Session extends RunDetails {
  /** The preset that the draft began from; a share link carries the difference to it. */
  preset: Experiment;
  presetId: string;
  /** Groups of controls that a teacher's link hides. */
  locks: ReadonlySet<Lock>;
  /** False where the browser has no WebGPU: then there are only recordings. */
  hasEngine: boolean;
  draft: Experiment;
  opened?: Experiment;
  state: SessionState;
  /** Start was pressed before the engine was ready. */
  isQueued: boolean;
  /** Who asked for a pause since training began last: the user, which stands, or the tab when it was hidden. */
  pausing?: Pausing | undefined;
  adapter?: AdapterReport;
  /** Which family of kernels is chosen on the adapter, and why. */
  tiles?: TileChoice;
  /** The family that the opened experiment has. */
  tile?: TileId;
  /** How the open experiment samples. */
  sampling?: Sampling | undefined;
  proposal: ProposalChoice;
  estimate?: Estimate;
  /** Coefficients that the engine matched for the opened experiment. */
  strengths: readonly MatchedStrength[];
  progress?: Progress;
  failure?: Failure;
  /** Step of the newest checkpoint that the page holds. */
  checkpointStep?: number;
  /** Measured seconds that one step of one run takes; undefined before there is something to measure. */
  secondsPerStep?: number;
  notices: Notice[];
  recording?: Recording;
  /** Arms whose curves the user has put out of sight. */
  hidden: ReadonlySet<string>;
  /** Read aloud by the live region. */
  announcement: string;
}

export type Store = StoreApi<Session>;

export function createSessionStore(preset: Experiment, presetId: string, draft = preset): Store {
  return createStore<Session>(() => ({
    preset,
    presetId,
    locks: new Set(),
    hasEngine: true,
    draft,
    state: 'empty',
    isQueued: false,
    proposal: 'none',
    strengths: [],
    notices: [],
    hidden: new Set(),
    ...NO_DETAILS,
    announcement: '',
  }));
}

export function edit(store: Store, change: Edit): void {
  store.setState(({ draft, preset }) => ({ draft: change(draft, preset) }));
}

let nextNotice = 1;

export function notify(store: Store, kind: Notice['kind'], title: string, message: string): void {
  const notice = { id: nextNotice++, kind, title, message };
  // A text that already stands there does not come twice.
  store.setState(({ notices }) => ({
    notices: [...notices.filter((n) => n.message !== message || n.title !== title), notice],
    announcement: `${title}. ${message}`,
  }));
}

export function dismiss(store: Store, id: number): void {
  store.setState(({ notices }) => ({ notices: notices.filter((n) => n.id !== id) }));
}

/**
 * The experiment whose curves are on the charts, with names and colors as the controls have them; an arm that awaits a
 * restart under another method keeps the name of what it is until then.
 */
export function shownExperiment(session: Session): Experiment {
  if (session.recording) return session.recording.experiment;
  if (!session.opened) return session.draft;
  const drafted = new Map(session.draft.arms.map((arm) => [arm.id, arm]));
  const arms = session.opened.arms.map((arm) => {
    const draft = drafted.get(arm.id) ?? arm;
    const { name } = haveSameParts(arm, draft) ? draft : arm;
    return { ...arm, name, color: draft.color };
  });
  return { ...session.opened, arms };
}

/** The controls without the changes that wait for a restart. What needs none, names among it, stays. */
export function withoutWaiting(session: Session): Experiment {
  const { opened, draft } = session;
  if (!opened) return draft;
  return applied(shownExperiment({ ...session, recording: undefined }), liveChanges(opened, draft));
}
