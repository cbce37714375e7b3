/** The experiment on the charts; a new object only when something it depends on is new. */
import { useMemo } from 'react';
import type { Experiment } from '../core/experiment.ts';
import { useLab, useSession } from './context.ts';
import { shownExperiment } from './store.ts';

export function useShownExperiment(): Experiment {
  const { store } = useLab();
  const recording = useSession((session) => session.recording);
  const opened = useSession((session) => session.opened);
  const draft = useSession((session) => session.draft);
  // biome-ignore lint/correctness/useExhaustiveDependencies: these three are what shownExperiment reads
  return useMemo(() => shownExperiment(store.getState()), [store, recording, opened, draft]);
}
