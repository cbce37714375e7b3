/**
 * The engine follows the settings on the controls: values that can change while it trains are sent at most once a frame;
 * before the first step the rest is opened anew.
 */
import type { Client } from '../worker/client.ts';
import { applied, liveChanges, restartReasons } from './changes.ts';
import { problemOf } from './declared.ts';
import type { History } from './history.ts';
import type { Session, Store } from './store.ts';

/** Before the first step, changed settings are opened anew after this much quiet. */
const REOPEN_MS = 400;

interface Opening {
  /** Opens the draft. */
  open(): void;
  /** An `open` is on its way. */
  isOpening(): boolean;
}

export function followDraft(
  client: Client,
  store: Store,
  history: History,
  { open, isOpening }: Opening,
): { settle(): void; close(): void } {
  let reopenTimer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;

  /** Sends what changed on the controls since the last frame. */
  function sendChanges(): void {
    frame = 0;
    const { opened, draft, state, recording } = store.getState();
    if (recording || isOpening() || state === 'preparing') return;
    if (opened && state !== 'failed') {
      const changes = liveChanges(opened, draft);
      for (const { arm, values } of changes) client.send({ type: 'values', arm, values });
      if (changes.length > 0) store.setState({ opened: applied(opened, changes) });
    }
    clearTimeout(reopenTimer);
    if (canReopen()) reopenTimer = setTimeout(() => canReopen() && open(), REOPEN_MS);
  }

  /** Before the first step nothing is lost by opening anew: the estimate stays true, a refusal can be answered. */
  function canReopen(): boolean {
    const { state, failure, draft, adapter } = store.getState();
    const isWaiting =
      state === 'ready' ||
      (state === 'failed' && failure?.recoverable === true) ||
      // What the page began with could not run, so nothing is open yet.
      (state === 'empty' && adapter !== undefined);
    return (
      isWaiting && history.lastStep() === 0 && isRestartDue(store.getState()) && !problemOf(draft)
    );
  }

  const unsubscribe = store.subscribe((now, before) => {
    const settled = now.state !== before.state && now.state === 'ready';
    if ((now.draft !== before.draft || settled) && !frame) frame = requestFrame(sendChanges);
  });
  return {
    /** The draft is being opened: nothing is left to do for it. */
    settle: () => clearTimeout(reopenTimer),
    close() {
      unsubscribe();
      clearTimeout(reopenTimer);
    },
  };
}

/** Some setting on the controls needs the runs to begin anew. */
export function isRestartDue({ opened, draft }: Session): boolean {
  return !opened || restartReasons(opened, draft).length > 0;
}

function requestFrame(callback: () => void): number {
  return typeof requestAnimationFrame === 'function'
    ? requestAnimationFrame(callback)
    : (setTimeout(callback, 16) as unknown as number);
}
