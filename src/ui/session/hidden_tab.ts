/** What happens when the tab is hidden: training goes on or pauses, as chosen, and the tab's title says which. */

import type { Actions } from '../actions.ts';
import type { Recorder } from '../storage/recorder.ts';
import type { Store } from '../store.ts';

export type HiddenChoice = 'go on' | 'pause';

const KEY = 'entroscope.hidden-tab';
const TITLE = 'Entroscope';

/** Storage may be forbidden; the choice then lasts as long as the page. */
let chosen: HiddenChoice | undefined;

export function hiddenChoice(): HiddenChoice {
  if (chosen) return chosen;
  try {
    return localStorage.getItem(KEY) === 'pause' ? 'pause' : 'go on';
  } catch {
    return 'go on';
  }
}

export function chooseHidden(choice: HiddenChoice): void {
  chosen = choice;
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Kept in memory above.
  }
}

export function watchVisibility(store: Store, actions: Actions, recorder: Recorder): void {
  function goOn(): void {
    const { state, pausing } = store.getState();
    // The step that was under way when the tab was hidden: it goes on after that, unless the user has paused it.
    if (pausing !== 'hidden' || state === 'running') return;
    store.setState({ pausing: undefined });
    if (state !== 'paused') return;
    actions.start();
    const announcement = 'Training paused while the tab was hidden and goes on now.';
    store.setState({ announcement });
  }
  store.subscribe((now, before) => {
    if (now.state !== before.state && !document.hidden) goOn();
  });
  document.addEventListener('visibilitychange', () => {
    const isRunning = store.getState().state === 'running';
    if (document.hidden) {
      // The browser may end a hidden tab without a word.
      void recorder.flush();
      if (!isRunning) return;
      if (hiddenChoice() === 'pause') actions.pause('hidden');
      document.title = `${store.getState().pausing ? 'Paused' : 'Training'} · ${TITLE}`;
      return;
    }
    document.title = TITLE;
    goOn();
  });
}
