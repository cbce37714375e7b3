/** What the live region says of the engine when its state changes. */
import { runsOf } from '../core/experiment.ts';
import type { SessionState } from '../worker/protocol.ts';
import { plural } from './format.ts';
import type { History } from './history.ts';
import type { Store } from './store.ts';

export function announce(store: Store, history: History, state: SessionState): void {
  const { opened } = store.getState();
  const step = opened ? history.completeStep(runsOf(opened)) : 0;
  const words: Partial<Record<SessionState, string>> = {
    ready: 'Ready to start.',
    running: 'Training runs.',
    paused: `Paused at step ${step}.`,
    finished: `Finished after ${plural(step, 'step')}.`,
  };
  const announcement = words[state];
  if (announcement) store.setState({ announcement });
}
