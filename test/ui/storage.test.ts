// Runs in a database: the shelf alone, and a session that is recorded, cut off and gone on with.
import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { superfluous } from '../../src/core/thin_out.ts';
import * as change from '../../src/ui/edit.ts';
import { type Locks, RunLocks } from '../../src/ui/storage/lock.ts';
import { Recorder } from '../../src/ui/storage/recorder.ts';
import { historyOf } from '../../src/ui/storage/rows.ts';
import { edit } from '../../src/ui/store.ts';
import { closePages, freshName, openPage } from './kept_page.ts';

afterEach(() => {
  closePages();
  vi.restoreAllMocks();
});

describe('a recorded session', () => {
  test('is listed by the next page, offered, and goes on with whole curves', async () => {
    const name = freshName();
    const first = openPage(name);
    await first.trainTo(12);
    const measured = first.history.run({ arm: 'ib', seed: 0 });
    const entropies = measured?.columns[0].slice(0, measured.length);
    first.actions.close();

    const second = openPage(name);
    await second.library.load();
    const { runs, offer } = second.recorder.state.getState();
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ label: 'seeds 0, 1, 2 → 0', isSetAside: false });
    expect(runs[0].thumbnail.entropy.ib.length).toBeGreaterThan(8);
    expect(offer?.step).toBeGreaterThanOrEqual(12);
    await second.until(() => second.state() === 'ready');
    await second.library.continueRun(runs[0].id);
    await second.until(() => second.state() === 'paused');
    const restored = second.history.run({ arm: 'ib', seed: 0 });
    expect(restored?.columns[0].slice(0, restored.length)).toEqual(entropies);
    expect(Object.keys(second.store.getState().responses)).toHaveLength(3);
    await second.trainTo((offer?.step ?? 0) + 2);
    expect(second.recorder.state.getState().runs).toHaveLength(1);
    expect(second.titles()).toEqual([]);
  });

  test('curves are appended, not rewritten', async () => {
    const name = freshName();
    const page = openPage(name);
    await page.trainTo(4);
    const id = page.recorder.state.getState().currentId as string;
    const shelf = await page.recorder.shelf;
    const before = (await shelf.read(id)).blocks;
    await page.trainTo(9);
    const { blocks } = await shelf.read(id);
    expect(blocks.slice(0, before.length)).toEqual(before);
    expect(historyOf(blocks).lastStep()).toBe(page.history.lastStep());
  });

  test('a lost device goes on in the same record', async () => {
    const page = openPage(freshName(), undefined, 12);
    await page.until(() => page.state() === 'ready');
    page.actions.start();
    await page.until(() => page.state() === 'failed');
    const id = page.recorder.state.getState().currentId as string;
    page.actions.resume();
    await page.until(() => page.state() === 'paused');
    await page.trainTo(14);
    expect(page.recorder.state.getState()).toMatchObject({ currentId: id, runs: [{ id }] });
    const { blocks } = await (await page.recorder.shelf).read(id);
    const kept = historyOf(blocks).means('ib', 'entropy');
    expect(kept.subarray(1).every(Number.isFinite)).toBe(true);
    expect(kept.length).toBe(page.history.means('ib', 'entropy').length);
  });

  test('a reset and a changed setting begin a run of its own', async () => {
    const page = openPage(freshName());
    await page.trainTo(2);
    page.actions.reset();
    await page.until(() => page.state() === 'ready');
    edit(page.store, change.setArmValue('ib', 'ib_entropy.alpha', 0.3));
    await page.until(() => page.worker.commands.some((command) => command.type === 'values'));
    await page.trainTo(2);
    const { runs } = page.recorder.state.getState();
    expect(runs.map((run) => run.isSetAside)).toEqual([false, true]);
    expect(runs[0].label).toBe(`ib alpha 0.5 → 0.3 (since ${runs[1].name})`);
    expect(runs[0].name).not.toBe(runs[1].name);
  });

  test('a fork is part of its run, and a re-run leaves it out', async () => {
    const page = openPage(freshName());
    await page.trainTo(3);
    const { draft } = page.store.getState();
    const arm = { ...draft.arms[2], id: 'ib_2', name: 'fork' };
    await page.library.fork('ib', arm);
    await page.until(() => page.state() === 'paused');
    expect(page.store.getState().draft.arms.map(({ id }) => id)).toContain('ib_2');
    const [run] = page.recorder.state.getState().runs;
    expect(run.forks).toMatchObject([{ arm: 'ib_2', from: 'ib' }]);
    const means = page.history.means('ib_2', 'entropy');
    expect(means.at(-1)).toBe(page.history.means('ib', 'entropy').at(-1));
    expect(means[1]).toBeNaN();
    page.library.rerun(run.id);
    expect(page.store.getState().draft.arms.map(({ id }) => id)).not.toContain('ib_2');
  });

  test('a fork from an earlier state leaves that state to the other arms', async () => {
    const page = openPage(freshName());
    await page.trainTo(9);
    const { library, recorder, history, store } = page;
    const [earlier] = await library.forkSteps('none');
    const arm = { ...store.getState().draft.arms[2], id: 'ib_2', name: 'fork' };
    const now = history.lastStep();
    expect(earlier.step).toBeLessThan(now - 1);
    await library.fork('ib', arm, earlier.at);
    await recorder.settled();
    const [run] = recorder.state.getState().runs;
    expect(run.forks).toEqual([{ arm: 'ib_2', from: 'ib', step: earlier.step }]);
    expect((await library.forkSteps('none'))[0]).toEqual(earlier);
    const shelf = await recorder.shelf;
    const { runs } = await shelf.checkpoint(run.id, earlier.at);
    expect(runs.map((state) => `${state.arm} ${state.step}`)).toEqual(
      ['none', 'naive', 'ib'].map((id) => `${id} ${earlier.step}`),
    );
    expect((await shelf.statesOf(run))[0]).toBe(now);
  });

  test('a checkpoint in which arms stand at different steps tells each arm its own', async () => {
    const page = openPage(freshName());
    await page.trainTo(3);
    const shelf = await page.recorder.shelf;
    const [own] = page.recorder.state.getState().runs;
    const run = { ...own, id: 'apart' };
    const taken = await page.actions.checkpointNow();
    const rest = { blocks: [], details: { responses: [], difficulty: [] } };
    const keep = (step: number, steps: Record<string, number>) =>
      shelf.write(run, {
        ...rest,
        checkpoint: {
          step,
          state: {
            base: taken.base,
            runs: Object.entries(steps).map(([arm, at]) => ({ ...taken.runs[0], arm, step: at })),
          },
        },
      });
    await keep(20, { a: 20, b: 20 });
    await keep(30, { a: 30, b: 31 });
    await keep(20, { a: 30, b: 31, fork: 20 });
    expect(await shelf.checkpointsWith(run.id, 'a')).toEqual([
      { at: 20, step: 20 },
      { at: 31, step: 30 },
    ]);
    expect((await shelf.checkpointsWith(run.id, 'b')).at(-1)).toEqual({ at: 31, step: 31 });
    expect(await shelf.checkpointsWith(run.id, 'fork')).toEqual([{ at: 31, step: 20 }]);
    expect((await shelf.statesOf(run))[0]).toBe(31);
  });

  test('what another tab has cannot be taken: it is shown, not continued', async () => {
    const name = freshName();
    const first = openPage(name);
    await first.trainTo(9);
    const taken: Locks = {
      request: ((_: string, __: unknown, callback: (lock: null) => unknown) =>
        Promise.resolve(callback(null))) as unknown as Locks['request'],
      query: async () => ({ held: [{ name: `entroscope-run-${id}` }] }),
    };
    const id = first.recorder.state.getState().currentId as string;
    const second = openPage(name, new RunLocks(taken));
    await second.library.load();
    expect(second.recorder.state.getState().offer).toBeUndefined();
    await second.library.continueRun(id);
    expect(second.store.getState().recording?.history.lastStep()).toBe(first.history.lastStep());
    expect(second.worker.commands.some((c) => c.type === 'open' && c.resume)).toBe(false);
  });

  test('a write that fails is told once; training goes on', async () => {
    const page = openPage(freshName());
    const shelf = await page.recorder.shelf;
    vi.spyOn(shelf, 'write').mockRejectedValue(new DOMException('full', 'QuotaExceededError'));
    await page.trainTo(20);
    expect(page.titles()).toEqual(['The storage of this browser is full']);
    expect(page.history.lastStep()).toBeGreaterThanOrEqual(20);
  });

  test('a browser without a database says so and trains', async () => {
    const page = openPage(freshName());
    const store = page.store;
    new Recorder(store, page.history, Promise.reject(new Error('forbidden')));
    await page.until(() => page.titles().includes('This browser cannot keep the run'));
    await page.trainTo(2);
  });
});

describe('another version of the page', () => {
  const title = 'A newer version of this page has the kept runs';
  /** As a newer version opens it. */
  const upgrade = (name: string) =>
    new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(name, 1000);
      request.onblocked = () => reject(new Error('the older page holds the database'));
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });

  test('takes the database from under an older one, which says what to do and trains on', async () => {
    const name = freshName();
    const page = openPage(name);
    await page.trainTo(9);
    await upgrade(name);
    await page.trainTo(12);
    await page.until(() => page.titles().includes(title));
    await page.trainTo(20);
    expect(page.titles().filter((t) => t === title)).toHaveLength(1);
    expect(page.store.getState().notices.at(-1)?.message).toMatch(/^Reload the page/);
    await expect((await page.recorder.shelf).list()).rejects.toThrow('newer version');
  });

  test('had the database before an older one came', async () => {
    const name = freshName();
    await upgrade(name);
    const page = openPage(name);
    await page.until(() => page.titles().includes(title));
    await page.trainTo(2);
  });
});

describe('shelf', () => {
  test('a spoiled record is told apart; a spoiled checkpoint is refused', async () => {
    const name = freshName();
    const page = openPage(name);
    await page.trainTo(9);
    const { id } = page.recorder.state.getState().runs[0];
    const shelf = await page.recorder.shelf;
    await new Promise<void>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => {
        const tx = request.result.transaction(['runs', 'checkpoints'], 'readwrite');
        tx.objectStore('runs').put({ id: 'spoiled', version: 1 });
        tx.objectStore('checkpoints').put({ run: id, step: 99, checkpoint: { runs: 'x' } });
        tx.oncomplete = () => resolve();
      };
    });
    const { runs, broken } = await shelf.list();
    expect(runs.map((run) => run.id)).toEqual([id]);
    expect(broken.map((run) => run.id)).toEqual(['spoiled']);
    await expect(shelf.checkpoint(id, 99)).rejects.toThrow('checkpoint.runs');
  });

  test('a rename in one tab survives the next write of another', async () => {
    const page = openPage(freshName());
    await page.trainTo(2);
    const { id } = page.recorder.state.getState().runs[0];
    const shelf = await page.recorder.shelf;
    await shelf.patch(id, { name: 'renamed elsewhere' });
    await page.trainTo(4);
    expect((await shelf.list()).runs[0].name).toBe('renamed elsewhere');
  });

  test('removes a run with all that belongs to it', async () => {
    const page = openPage(freshName());
    await page.trainTo(9);
    const { id } = page.recorder.state.getState().runs[0];
    const shelf = await page.recorder.shelf;
    await shelf.remove(id);
    expect((await shelf.list()).runs).toEqual([]);
    expect((await shelf.read(id)).blocks).toEqual([]);
    expect(await shelf.checkpointSteps(id)).toEqual([]);
  });

  test('keeps few earlier checkpoints, spread over the run', () => {
    let steps: number[] = [];
    for (let step = 8; step <= 96; step += 8) {
      const gone = superfluous(steps, 3);
      steps = [...steps.filter((s) => !gone.includes(s)), step];
    }
    expect(steps).toHaveLength(4);
    expect(steps[0]).toBe(8);
    expect(steps.at(-1)).toBe(96);
  });
});
