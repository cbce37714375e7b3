// Whose record a run is written into, and which tab has it: one run after another on a page.
import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import * as change from '../../src/ui/edit.ts';
import { RunLocks } from '../../src/ui/storage/lock.ts';
import { Recorder } from '../../src/ui/storage/recorder.ts';
import { edit } from '../../src/ui/store.ts';
import { browserLocks, closePages, freshName, openPage } from './kept_page.ts';

afterEach(() => closePages());

test('going on with another run leaves the record of the one under way as it was', async () => {
  const page = openPage(freshName());
  await page.trainTo(2);
  const first = page.recorder.state.getState().currentId as string;
  page.actions.restart();
  await page.until(() => page.state() === 'running');
  await page.trainTo(20);
  const second = page.recorder.state.getState().currentId as string;
  expect(second).not.toBe(first);
  const { step, thumbnail } = page.recorder.record(second) ?? {};
  await page.library.continueRun(first);
  await page.until(() => page.state() === 'paused');
  await page.recorder.settled();
  expect(page.recorder.record(second)).toMatchObject({ step, thumbnail });
  const { runs } = await (await page.recorder.shelf).list();
  expect(runs.find(({ id }) => id === second)).toMatchObject({ step, thumbnail });
});

test('a run that was deleted and is gone on with all the same is kept', async () => {
  const name = freshName();
  const first = openPage(name);
  await first.trainTo(3);
  const id = first.recorder.state.getState().currentId as string;
  first.actions.close();
  const second = openPage(name);
  await second.library.load();
  await second.until(() => second.state() === 'ready');
  second.library.patch(id, { isRemoved: true });
  // The offer to go on still stands there.
  await second.library.continueRun(id);
  await second.until(() => second.recorder.state.getState().currentId === id);
  await second.recorder.settled();
  const { runs } = await (await second.recorder.shelf).list();
  expect(runs).toMatchObject([{ id, isRemoved: false }]);
  expect(second.recorder.record(id)?.isRemoved).toBe(false);
});

test('a run that could not be opened is free for other tabs once another one trains', async () => {
  const name = freshName();
  const first = openPage(name);
  await first.trainTo(3);
  const id = first.recorder.state.getState().currentId as string;
  first.actions.close();
  const locks = browserLocks();
  const second = openPage(name, new RunLocks(locks));
  await second.library.load();
  await second.until(() => second.state() === 'ready');
  second.recorder.change(id, {
    experiment: { ...second.store.getState().draft, model: 'micro' },
  });
  await second.library.continueRun(id);
  await second.until(() => second.state() === 'failed');
  edit(second.store, change.patch({ model: 'nano' }));
  second.actions.restart();
  await second.until(() => second.state() === 'running');
  await vi.waitFor(async () => {
    const names = (await locks.query()).held?.map((lock) => lock.name);
    expect(names).toEqual([`entroscope-run-${second.recorder.state.getState().currentId}`]);
  });
});

test('a run that is gone on with is this tab’s, also where another one began while it was read', async () => {
  const locks = browserLocks();
  const page = openPage(freshName(), new RunLocks(locks));
  await page.trainTo(3);
  const id = page.recorder.state.getState().currentId as string;
  page.actions.restart();
  const { state } = page.recorder;
  await page.until(() => page.state() === 'running' && state.getState().currentId !== id);
  page.actions.pause();
  await page.until(() => page.state() === 'paused');
  page.actions.reset();
  await page.until(() => page.state() === 'ready' && state.getState().currentId === undefined);
  const begun = new Promise<void>((resolve) => {
    state.subscribe(({ currentId }) => currentId !== undefined && currentId !== id && resolve());
  });
  const shelf = await page.recorder.shelf;
  const { read } = shelf;
  vi.spyOn(shelf, 'read').mockImplementation(async (...asked) => {
    page.actions.start();
    await begun;
    await page.recorder.settled();
    return read.apply(shelf, asked);
  });
  await page.library.continueRun(id);
  await page.until(() => state.getState().currentId === id && page.state() === 'paused');
  await page.recorder.settled();
  const names = (await locks.query()).held?.map((lock) => lock.name);
  expect(names).toEqual([`entroscope-run-${id}`]);
});

test('an arm may be called like what every object has', async () => {
  const name = freshName();
  const page = openPage(name);
  edit(page.store, (draft) => ({ ...draft, arms: [{ ...draft.arms[0], id: 'constructor' }] }));
  await page.trainTo(3);
  const id = page.recorder.state.getState().currentId as string;
  const states = await (await page.recorder.shelf).checkpointsWith(id, 'constructor');
  expect(states.at(-1)).toEqual({ at: page.history.lastStep(), step: page.history.lastStep() });
  expect(await (await page.recorder.shelf).checkpointsWith(id, 'toString')).toEqual([]);
  page.actions.close();
  const next = openPage(name);
  await next.library.load();
  expect(next.recorder.state.getState().offer).toEqual({ id, step: page.history.lastStep() });
});

test('a browser without a database gathers nothing for it', async () => {
  const page = openPage(freshName());
  const recorder = new Recorder(page.store, page.history, Promise.reject(new Error('forbidden')));
  const client = { send: () => {}, onEvent: vi.fn(), close: () => {} };
  recorder.tap(client).onEvent(() => {});
  await page.trainTo(2);
  client.onEvent.mock.calls[0][0]({ type: 'state', state: 'running' });
  expect(recorder.state.getState()).toMatchObject({ runs: [] });
  expect(recorder.state.getState()).not.toHaveProperty('currentId');
});
