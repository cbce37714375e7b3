// Answers to the fixed prompts: kept in order and in bounds, with their run, through reload, recording and bundle.
import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import { formatBundle } from '../../src/core/bundle.ts';
import { MAX_EVALUATIONS } from '../../src/core/kept_details.ts';
import { CATALOG } from '../../src/ui/declared.ts';
import { heldAt } from '../../src/ui/responses/Scrubber.tsx';
import { bundleOfPage } from '../../src/ui/runs/exchange.ts';
import { closePages, freshName, openPage, spoil } from './kept_page.ts';

afterEach(closePages);

const stepsOf = (events: readonly { step: number }[] | undefined) => events?.map((e) => e.step);

test('come back with a run that goes on, as far as its state', async () => {
  const name = freshName();
  const first = openPage(name, undefined, undefined, { evalEvery: 2 });
  await first.trainTo(9);
  const { probes, responses: shown } = first.store.getState();
  const id = first.recorder.state.getState().currentId as string;
  expect(stepsOf(probes['ib/0'])?.slice(0, 4)).toEqual([0, 2, 4, 6]);
  // Its last states are gone: what was measured after the one before is measured again.
  await spoil(name, (tx) => tx.objectStore('checkpoints').delete(IDBKeyRange.lowerBound([id, 5])));
  first.actions.close();

  const second = openPage(name);
  await second.library.load();
  await second.until(() => second.state() === 'ready');
  await second.library.continueRun(id);
  await second.until(() => second.state() === 'paused');
  const step = second.history.lastStep();
  expect(step).toBeLessThan(5);
  const restored = second.store.getState().probes;
  expect(restored['ib/0']).toEqual(probes['ib/0'].filter((event) => event.step <= step));
  expect(Object.keys(restored)).toHaveLength(3);

  // Shown as a recording they stand beside its curves, and leave those of the page alone.
  const third = openPage(name);
  await third.library.load();
  await third.library.show(id);
  const { recording, probes: live } = third.store.getState();
  expect(recording?.details?.probes['ib/0']).toEqual(probes['ib/0']);
  expect(recording?.details?.responses).toEqual(shown);
  expect(stepsOf(shown['ib/0'])).toHaveLength(2);
  expect(live).toEqual({});
});

test('leave in a bundle and come in again, bit for bit', async () => {
  const page = openPage(freshName(), undefined, undefined, { evalEvery: 2 });
  page.client.send({ type: 'gains', isAsked: true });
  await page.trainTo(5);
  const { probes } = page.store.getState();
  expect(probes['ib/0'].every(({ gains }) => gains?.responses === 192)).toBe(true);
  const [run] = page.recorder.state.getState().runs;
  const bundle = bundleOfPage(page.store.getState(), page.history, run);
  const json = JSON.parse(formatBundle(bundle, CATALOG));
  const other = openPage(freshName());
  other.library.importBundle(json);
  await other.recorder.settled();
  const [kept] = other.recorder.state.getState().runs;
  expect(other.store.getState().recording?.details?.probes).toEqual(probes);
  const shelf = await other.recorder.shelf;
  expect((await shelf.probes(kept.id)).filter(({ arm }) => arm === 'ib')).toEqual(
    probes['ib/0'].map((packed) => packed.unpacked()),
  );
});

test('stay within bounds: the first, the newest and some between, on the page and on the disk', async () => {
  const page = openPage(freshName(), undefined, undefined, { evalEvery: 1 });
  await page.trainTo(MAX_EVALUATIONS + 20);
  const steps = stepsOf(page.store.getState().probes['naive/0']) ?? [];
  expect(steps).toHaveLength(MAX_EVALUATIONS);
  expect(steps[0]).toBe(0);
  expect(steps.at(-1)).toBe(page.history.lastStep());
  const shelf = await page.recorder.shelf;
  const [{ id }] = page.recorder.state.getState().runs;
  const stored = (await shelf.probes(id)).filter(({ arm }) => arm === 'naive');
  expect(stored.length).toBeLessThanOrEqual(MAX_EVALUATIONS);
  expect(stored.length).toBeGreaterThan(MAX_EVALUATIONS / 2);
  expect(stored[0].step).toBe(0);
  expect(stored.at(-1)?.step).toBe(page.history.lastStep());
  await shelf.remove(id);
  expect(await shelf.probes(id)).toEqual([]);
});

test('an evaluation that is held and given up leaves the view at the one before it', () => {
  expect(heldAt([0, 10, 20, 30], 20)).toBe(2);
  expect(heldAt([0, 10, 30], 20)).toBe(1);
  expect(heldAt([0], 20)).toBe(0);
  expect(heldAt([], 20)).toBe(0);
});
