/** How components reach the session: read the store and the history, call actions. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Actions } from './actions.ts';
import type { Edit } from './edit.ts';
import type { History } from './history.ts';
import type { Lock } from './locks.ts';
import type { Lens } from './microscope/lens.ts';
import type { TokenPairsView } from './pairs/pairs.ts';
import type { PresetEntry } from './presets.ts';
import type { Library } from './runs/library.ts';
import type { SlowMotion } from './slow/motion.ts';
import type { RunsState } from './storage/recorder.ts';
import { edit as apply, NO_DETAILS, type RunDetails, type Session, type Store } from './store.ts';

export interface Lab {
  store: Store;
  /** Curves of the engine's runs; a recording has its own. */
  history: History;
  actions: Actions;
  presets: readonly PresetEntry[];
  /** Looks at single tokens. */
  lens: Lens;
  /** Looks at single steps. */
  slow: SlowMotion;
  /** λ and −A of single tokens. */
  pairs: TokenPairsView;
  /** Runs that this browser keeps. */
  library: Library;
}

export const LabContext = createContext<Lab | undefined>(undefined);

export function useLab(): Lab {
  const lab = useContext(LabContext);
  if (!lab) throw new Error('useLab: needs a LabContext above');
  return lab;
}

export function useSession<T>(select: (session: Session) => T): T {
  return useStore(useLab().store, select);
}

/** A teacher's link hides this group of controls. */
export function useIsLocked(lock: Lock): boolean {
  return useSession((session) => session.locks.has(lock));
}

export function useRuns<T>(select: (runs: RunsState) => T): T {
  return useStore(useLab().library.recorder.state, select);
}

export function useEdit(): (change: Edit) => void {
  const { store } = useLab();
  return (change) => apply(store, change);
}

/** The curves on the charts: of the open recording, else of the engine. */
export function useHistory(): History {
  const lab = useLab();
  return useSession((session) => session.recording?.history) ?? lab.history;
}

/** Something that follows from the curves and compares by ===; renders again only when that changes. */
export function useHistoryValue<T extends string | number | boolean>(
  read: (history: History) => T,
): T {
  const history = useHistory();
  return useSyncExternalStore(history.subscribe, () => read(history));
}

/** The curves, for components that are cheap enough to render whenever the curves grow. */
export function useGrowingHistory(): History {
  const history = useHistory();
  useSyncExternalStore(history.subscribe, () => history.version);
  return history;
}

/** What is known beside the curves on the charts: of the open recording, else of the engine's runs. */
export function useDetails<K extends keyof RunDetails>(key: K): RunDetails[K] {
  return useSession(({ recording, ...live }) =>
    recording ? (recording.details ?? NO_DETAILS)[key] : live[key],
  );
}
