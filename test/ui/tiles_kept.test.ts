// A kept run remembers the adapter and the family of kernels that trained it; it goes on and runs again with that family, and
// the page says when it cannot.
import { afterEach, expect, test } from 'vitest';
import { formatBundle } from '../../src/core/bundle.ts';
import { CATALOG } from '../../src/ui/declared.ts';
import { bundleOfPage } from '../../src/ui/runs/exchange.ts';
import { closePages, freshName, openPage } from './kept_page.ts';

afterEach(closePages);

type Page = ReturnType<typeof openPage>;
const opens = (page: Page) => page.worker.commands.filter((command) => command.type === 'open');

/** A page whose engine had these kernels forced, trained and closed; the kept run. */
async function trained(name: string, quads: boolean) {
  const page = openPage(name, undefined, undefined, { quads });
  await page.trainTo(3);
  await page.recorder.flush();
  const [run] = page.recorder.state.getState().runs;
  page.actions.close();
  return run as NonNullable<typeof run>;
}

test('which adapter and kernels trained it is part of the record', async () => {
  const name = freshName();
  const run = await trained(name, false);
  expect(run.madeBy).toEqual([{ adapter: 'Scripted engine', tile: 'alone', sampling: 'loop' }]);
  const page = openPage(name);
  await page.library.load();
  expect(page.library.run(run.id).madeBy).toEqual(run.madeBy);
});

test('it goes on with the kernels it had, also where others are chosen by now', async () => {
  const name = freshName();
  const run = await trained(name, false);
  const page = openPage(name);
  await page.library.load();
  await page.until(() => page.state() === 'ready');
  expect(page.store.getState().tile).toBe('quad');
  await page.library.continueRun(run.id);
  await page.until(() => page.store.getState().tile === 'alone');
  expect(opens(page).at(-1)).toMatchObject({ resume: { tile: 'alone', sampling: 'loop' } });
  expect(page.titles()).toEqual([]);
  await page.trainTo(6);
  expect(page.library.run(run.id).madeBy).toEqual(run.madeBy);
});

test('run again has the kernels of the first time', async () => {
  const name = freshName();
  const run = await trained(name, false);
  const page = openPage(name);
  await page.library.load();
  await page.until(() => page.state() === 'ready');
  page.library.rerun(run.id);
  await page.until(() => page.state() === 'running');
  expect(opens(page).at(-1)).toMatchObject({ kernels: { tile: 'alone', sampling: 'loop' } });
  expect(page.store.getState()).toMatchObject({ tile: 'alone', sampling: 'loop' });
});

test('where the adapter is another one and cannot run them, the page says so and the record, too', async () => {
  const name = freshName();
  const run = await trained(name, true);
  const page = openPage(name, undefined, undefined, { quads: false, software: true });
  await page.library.load();
  await page.until(() => page.state() === 'ready');
  await page.library.continueRun(run.id);
  await page.until(() => page.titles().length === 2);
  expect(page.titles()).toEqual([
    `“${run.name}” comes from another adapter`,
    'Other kernels than before',
  ]);
  expect(page.store.getState().notices[1]?.message).toMatch(
    /with shared-load kernels and sampling in one launch, which this adapter cannot run/,
  );
  await page.trainTo(6);
  expect(page.library.run(run.id).madeBy).toEqual([
    { adapter: 'Scripted engine', tile: 'quad', sampling: 'mega' },
    { adapter: 'SwiftShader', tile: 'alone', sampling: 'loop' },
  ]);
});

test('a bundle carries both', async () => {
  const name = freshName();
  const page = openPage(name, undefined, undefined, { quads: false });
  await page.trainTo(3);
  const checkpoint = await page.actions.checkpointNow();
  const run = page.recorder.state.getState().runs[0];
  const bundle = bundleOfPage(page.store.getState(), page.history, run);
  const json = JSON.parse(formatBundle(bundle, CATALOG));
  expect(json.madeBy).toEqual([{ adapter: 'Scripted engine', tile: 'alone', sampling: 'loop' }]);
  expect(checkpoint).toMatchObject({ tile: 'alone', sampling: 'loop' });
  page.library.importBundle(json);
  expect(page.recorder.state.getState().runs[0]?.madeBy).toEqual(json.madeBy);
});

test('a forced family is asked for at the probe', async () => {
  const page = openPage(freshName(), undefined, undefined, { tiles: 'alone' });
  await page.until(() => page.store.getState().tiles !== undefined);
  const tiles = { remembered: [], forced: 'alone' };
  expect(page.worker.commands[0]).toEqual({ type: 'probe', tiles });
  expect(page.store.getState().tiles).toMatchObject({ tile: 'alone', how: 'forced' });
});
