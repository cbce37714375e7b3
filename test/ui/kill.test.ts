// What is left of a run when something ends it: no state yet, a damaged one, a fork just made, a disk that is full.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Keeper } from '../../src/ui/keeper.ts';
import { newestState } from '../../src/ui/runs/going_on.ts';
import { makeRoom } from '../../src/ui/storage/make_room.ts';
import type { KeptRun } from '../../src/ui/storage/record.ts';
import { Shelf } from '../../src/ui/storage/shelf.ts';
import { closePages, freshName, openPage, spoil } from './kept_page.ts';

afterEach(() => {
  closePages();
  vi.restoreAllMocks();
});

const full = () => new DOMException('no space', 'QuotaExceededError');

describe('states are kept', () => {
  const runs = (...steps: number[]) =>
    steps.map((step, i) => ({ arm: 'abc'[i], seed: 0, length: step + 1 }));

  test('after 1, 2, 4, 8 rounds and every 8 steps from then on', () => {
    const keeper = new Keeper({ send: () => {}, onEvent: () => {}, close: () => {} });
    const page = openPage(freshName());
    const { draft } = page.store.getState();
    const asked: number[] = [];
    for (let step = 0; step <= 40; step++) {
      for (const now of [runs(step + 1, step), runs(step + 1, step + 1)]) {
        if (!keeper.isDue(now)) continue;
        keeper.ask(draft, now);
        asked.push(Math.min(...now.map((run) => run.length - 1)));
      }
    }
    expect(asked.slice(0, 4)).toEqual([1, 2, 4, 8]);
    for (let i = 4; i < asked.length; i++) expect(asked[i] - asked[i - 1]).toBeLessThanOrEqual(8);
    expect(asked.at(-1)).toBeGreaterThan(32);
  });

  test('while a fork catches up, too', () => {
    const keeper = new Keeper({ send: () => {}, onEvent: () => {}, close: () => {} });
    const { draft } = openPage(freshName()).store.getState();
    keeper.ask(draft, runs(60, 60, 20));
    expect(keeper.isDue(runs(60, 60, 27))).toBe(false);
    expect(keeper.isDue(runs(60, 60, 28))).toBe(true);
  });
});

describe('a run that was cut off', () => {
  test('at its third step goes on from its second', async () => {
    const name = freshName();
    const first = openPage(name);
    await first.trainTo(3);
    first.actions.close();
    const second = openPage(name);
    await second.library.load();
    expect(second.recorder.state.getState().offer?.step).toBeGreaterThanOrEqual(2);
  });

  test('before its first state begins again in its own record', async () => {
    const name = freshName();
    const first = openPage(name);
    await first.trainTo(3);
    const id = first.recorder.state.getState().currentId as string;
    const measured = first.history.means('ib', 'entropy').slice();
    first.actions.close();
    await spoil(name, (tx) => tx.objectStore('checkpoints').clear());

    const second = openPage(name);
    await second.library.load();
    expect(second.recorder.state.getState().offer).toEqual({ id, step: undefined });
    await second.until(() => second.state() === 'ready');
    await second.library.continueRun(id);
    await second.until(() => second.history.lastStep() >= 4);
    second.actions.pause();
    await second.until(() => second.state() === 'paused');
    await second.recorder.flush();
    const again = second.history.means('ib', 'entropy');
    const common = Math.min(measured.length, again.length);
    expect(common).toBeGreaterThan(3);
    expect(again.subarray(0, common)).toEqual(measured.subarray(0, common));
    expect(second.recorder.state.getState()).toMatchObject({ currentId: id, runs: [{ id }] });
    expect(second.titles()[0]).toMatch(/begins again from the base$/);
  });

  test('with a damaged newest state goes on from the one before, and says so', async () => {
    const name = freshName();
    const first = openPage(name);
    await first.trainTo(10);
    const [run] = first.recorder.state.getState().runs;
    const shelf = await first.recorder.shelf;
    const steps = await shelf.statesOf(run);
    expect(steps.length).toBeGreaterThan(1);
    const checkpoint = await shelf.checkpoint(run.id, steps[0]);
    checkpoint.runs[1].m[2] = Number.NaN;
    await spoil(name, (tx) => {
      tx.objectStore('checkpoints').put({ run: run.id, step: steps[0], checkpoint });
      tx.objectStore('curves').put({ run: run.id, block: { arm: 'ib', values: 'torn' } });
    });
    first.actions.close();

    const second = openPage(name);
    await second.library.load();
    await second.until(() => second.state() === 'ready');
    await second.library.continueRun(run.id);
    await second.until(() => second.state() === 'paused');
    expect(second.history.lastStep()).toBe(steps[1]);
    const [{ title, message }] = second.store.getState().notices;
    expect(title).toBe(`Parts of “${run.name}” are damaged`);
    expect(message).toContain(`the state at step ${steps[0]}: naive/0 must hold 4 finite values`);
    expect(message).toContain('curves.seed');
  });

  test('of an arm with a value head, which the base has not, is whole', async () => {
    const page = openPage(freshName());
    await page.trainTo(3);
    const [run] = page.recorder.state.getState().runs;
    const shelf = await page.recorder.shelf;
    const [newest] = await shelf.statesOf(run);
    const kept = await shelf.checkpoint(run.id, newest);
    const ofSize = (size: number) => new Float32Array(size).fill(0.5);
    const headed = { parameters: ofSize(6), m: ofSize(6), v: ofSize(6) };
    const read = vi.spyOn(shelf, 'checkpoint');
    read.mockResolvedValue({ ...kept, runs: kept.runs.map((state) => ({ ...state, ...headed })) });
    expect((await newestState(shelf, run)).checkpoint?.runs[0].parameters).toHaveLength(6);
    const torn = { ...headed, m: ofSize(4) };
    read.mockResolvedValue({ ...kept, runs: kept.runs.map((state) => ({ ...state, ...torn })) });
    expect(await newestState(shelf, run)).not.toHaveProperty('checkpoint');
  });

  test('right after a fork from an earlier step has the fork’s state', async () => {
    const name = freshName();
    const first = openPage(name);
    await first.trainTo(12);
    const [run] = first.recorder.state.getState().runs;
    const shelf = await first.recorder.shelf;
    const [early] = await shelf.checkpointSteps(run.id);
    const arm = { ...first.store.getState().draft.arms[2], id: 'ib_2', name: 'fork' };
    // The tab dies before the engine hears of the fork.
    vi.spyOn(first.actions, 'goOn').mockImplementation(() => {});
    await first.library.fork('ib', arm, early);
    await first.recorder.flush();
    first.actions.close();

    const second = openPage(name);
    await second.library.load();
    expect(second.recorder.state.getState().offer?.step).toBe(early);
    await second.until(() => second.state() === 'ready');
    await second.library.continueRun(run.id);
    await second.until(() => second.state() === 'paused');
    const resumed = second.worker.commands.findLast((c) => c.type === 'open');
    const states = resumed?.type === 'open' ? resumed.resume?.runs : [];
    expect(states?.map(({ arm, step }) => [arm, step])).toContainEqual(['ib_2', early]);
    expect(Math.max(...(states?.map(({ step }) => step) ?? []))).toBeGreaterThanOrEqual(12);
  });
});

describe('a full disk', () => {
  test('costs the oldest finished runs their states, never a curve, and is told once', async () => {
    const name = freshName();
    const page = openPage(name);
    await page.trainTo(9);
    page.actions.reset();
    await page.until(() => page.state() === 'ready');
    await page.trainTo(2);
    const [current, old] = page.recorder.state.getState().runs;
    const shelf = await page.recorder.shelf;
    await shelf.write(
      { ...old, step: old.experiment.values['trainer.steps'] },
      { blocks: [], details: { responses: [], difficulty: [] } },
    );
    page.recorder.change(old.id, { step: old.experiment.values['trainer.steps'] });
    const curves = (await shelf.read(old.id)).blocks;
    const write = shelf.write.bind(shelf);
    vi.spyOn(shelf, 'write').mockImplementation(async (...news) => {
      if ((await shelf.checkpointSteps(old.id)).length > 0) throw full();
      return write(...news);
    });
    await page.trainTo(12);
    expect(await shelf.checkpointSteps(old.id)).toEqual([]);
    expect((await shelf.read(old.id)).blocks).toEqual(curves);
    expect((await shelf.checkpointSteps(current.id)).at(-1)).toBe(page.history.lastStep());
    expect(page.titles()).toEqual(['The storage of this browser was full']);
    expect(page.store.getState().notices[0].message).toContain(`finished run “${old.name}”`);
  });

  test('spares pinned runs, and the newest state of everything that is not finished', async () => {
    const name = freshName();
    const page = openPage(name);
    await page.trainTo(9);
    const [run] = page.recorder.state.getState().runs;
    const shelf = await Shelf.open(name);
    const newest = (await shelf.checkpointSteps(run.id)).at(-1);
    const pinned: KeptRun = { ...run, isPinned: true };
    expect(await makeRoom(shelf, [pinned], () => false)).toBeUndefined();
    expect(await makeRoom(shelf, [run], () => false)).toMatchObject({
      freed: `the earlier states of “${run.name}”, not the newest`,
    });
    expect(await shelf.checkpointSteps(run.id)).toEqual([newest]);
    const done = { ...run, step: run.experiment.values['trainer.steps'] };
    expect(await makeRoom(shelf, [done], () => true)).toBeUndefined();
    expect(await makeRoom(shelf, [done], () => false)).toMatchObject({
      freed: `1 state of the finished run “${run.name}”`,
    });
  });

  test('that has room again gets everything that was measured meanwhile', async () => {
    const page = openPage(freshName());
    await page.trainTo(2);
    const shelf = await page.recorder.shelf;
    const broken = vi.spyOn(shelf, 'write').mockRejectedValue(full());
    await page.trainTo(20);
    expect(page.titles()).toEqual(['The storage of this browser is full']);
    broken.mockRestore();
    const now = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(now + 10_000);
    await page.recorder.flush();
    const { currentId } = page.recorder.state.getState();
    const { blocks } = await shelf.read(currentId as string);
    const { historyOf } = await import('../../src/ui/storage/rows.ts');
    expect(historyOf(blocks).means('ib', 'entropy')).toEqual(page.history.means('ib', 'entropy'));
    expect(page.titles().at(-1)).toBe('This browser keeps the run again');
  });
});
