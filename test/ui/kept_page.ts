/** A page without a screen on a database and the scripted engine, for tests of what is kept. */
import 'fake-indexeddb/auto';
import { expect, vi } from 'vitest';
import type { TileId } from '../../src/core/tile_choice.ts';
import * as change from '../../src/ui/edit.ts';
import { History } from '../../src/ui/history.ts';
import { Library } from '../../src/ui/runs/library.ts';
import { type Locks, RunLocks } from '../../src/ui/storage/lock.ts';
import { Recorder } from '../../src/ui/storage/recorder.ts';
import { Shelf } from '../../src/ui/storage/shelf.ts';
import { createSessionStore } from '../../src/ui/store.ts';
import { connect } from '../../src/ui/sync.ts';
import { clientOf } from '../../src/worker/client.ts';
import { FakeWorker } from './fake_worker.ts';
import { shippedPreset } from './helpers.ts';

const open: (() => void)[] = [];
export function closePages(): void {
  for (const close of open.splice(0)) close();
}

let databases = 0;
export const freshName = () => `test-${databases++}`;

/** A page of its own on a database; `locks` stand for the browser that its tabs share. */
export function openPage(
  name: string,
  locks = new RunLocks(undefined),
  fails = Number.POSITIVE_INFINITY,
  { evalEvery = 10, quads = true, software = false, tiles = undefined as TileId | undefined } = {},
) {
  const { port1, port2 } = new MessageChannel();
  const preset = shippedPreset();
  const store = createSessionStore(
    preset,
    'naive-vs-ib',
    change.setValue('trainer.eval_every', evalEvery)(change.patch({ seeds: [0] })(preset)),
  );
  const history = new History();
  const worker = new FakeWorker(port2, { stepMs: 2, failAt: fails, quads, software });
  const recorder = new Recorder(store, history, Shelf.open(name), locks);
  const client = recorder.tap(clientOf(port1, () => port1.close()));
  const options = { takesProposal: false, bases: '/', tiles };
  const actions = connect(client, store, history, options);
  const library = new Library(recorder, store, history, actions);
  open.push(actions.close);
  const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), 4000);
  const state = () => store.getState().state;
  const titles = () => store.getState().notices.map((notice) => notice.title);
  /** At least to this step, and further than before. */
  async function trainTo(least: number) {
    await until(() => state() !== 'empty' && state() !== 'preparing');
    const step = Math.max(least, history.lastStep() + 1);
    actions.start();
    await until(() => history.lastStep() >= step);
    actions.pause();
    await until(() => state() === 'paused');
    // The answer to the pause's checkpoint request.
    await until(() => (store.getState().checkpointStep ?? 0) > 0);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await recorder.flush();
  }
  return {
    store,
    history,
    worker,
    client,
    recorder,
    actions,
    library,
    until,
    state,
    titles,
    trainTo,
  };
}

/** Changes what lies in a store, behind the page's back. */
export async function spoil(name: string, change: (tx: IDBTransaction) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => {
      const tx = request.result.transaction(['runs', 'curves', 'checkpoints'], 'readwrite');
      change(tx);
      tx.oncomplete = () => {
        request.result.close();
        resolve();
      };
    };
  });
}

/** The locks of a browser, as far as they are used. */
export function browserLocks(): Locks {
  const held = new Set<string>();
  return {
    request: (async (name: string, _: unknown, use: (lock: object | null) => unknown) => {
      if (held.has(name)) {
        use(null);
        return;
      }
      held.add(name);
      await use({});
      held.delete(name);
    }) as unknown as Locks['request'],
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
  };
}
