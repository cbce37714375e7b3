// A page's runs as one file, out and in again.
import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test } from 'vitest';
import * as change from '../../src/ui/edit.ts';
import { edit } from '../../src/ui/store.ts';
import { closePages, freshName, openPage } from './kept_page.ts';

afterEach(() => closePages());

describe('bundle', () => {
  test('a saved run comes back with curves and state, under a name of its own', async () => {
    const page = openPage(freshName());
    await page.trainTo(9);
    const { bundleOfPage } = await import('../../src/ui/runs/exchange.ts');
    const { formatBundle } = await import('../../src/core/bundle.ts');
    const { CATALOG } = await import('../../src/ui/declared.ts');
    const [run] = page.recorder.state.getState().runs;
    const checkpoint = await page.actions.checkpointNow();
    const bundle = bundleOfPage(page.store.getState(), page.history, run, checkpoint);
    const json = JSON.parse(formatBundle(bundle, CATALOG));

    const other = openPage(freshName());
    other.library.importBundle(json);
    const [kept] = other.recorder.state.getState().runs;
    expect(kept).toMatchObject({ name: run.name, step: run.step, isSetAside: true });
    const { recording } = other.store.getState();
    expect(recording?.history.means('naive', 'entropy')).toEqual(
      page.history.means('naive', 'entropy'),
    );
    await other.until(() => other.state() === 'ready');
    await other.library.continueRun(kept.id);
    await other.until(() => other.state() === 'paused');
    expect(other.history.completeStep([{ arm: 'ib', seed: 0 }])).toBe(run.step);
    other.library.importBundle(json);
    expect(other.recorder.state.getState().runs[0].name).not.toBe(run.name);
  });

  test('saved beside an experiment that could not be opened, it can be read again', async () => {
    const page = openPage(freshName());
    await page.trainTo(3);
    edit(page.store, change.removeArm('naive'));
    edit(page.store, change.patch({ model: 'micro' }));
    page.actions.restart();
    await page.until(() => page.state() === 'failed');
    expect(page.history.run({ arm: 'naive', seed: 0 })).toBeDefined();
    const { bundleOfPage } = await import('../../src/ui/runs/exchange.ts');
    const { formatBundle } = await import('../../src/core/bundle.ts');
    const { CATALOG } = await import('../../src/ui/declared.ts');
    const bundle = bundleOfPage(page.store.getState(), page.history, undefined);
    page.library.importBundle(JSON.parse(formatBundle(bundle, CATALOG)));
    const { recording } = page.store.getState();
    expect(recording?.history.runs().map(({ arm }) => arm)).toEqual(['none', 'ib']);
  });
});
