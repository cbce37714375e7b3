// A tab that is hidden and shown again, on the scripted engine and a document that can be hidden.
import { afterEach, expect, test, vi } from 'vitest';
import { chooseHidden, watchVisibility } from '../../src/ui/session/hidden_tab.ts';
import { closePages, freshName, openPage } from './kept_page.ts';

afterEach(() => {
  closePages();
  chooseHidden('go on');
  vi.unstubAllGlobals();
});

async function trainingPage() {
  const page = openPage(freshName());
  const listeners: (() => void)[] = [];
  const tab = {
    hidden: false,
    title: '',
    addEventListener: (_: string, listener: () => void) => listeners.push(listener),
  };
  vi.stubGlobal('document', tab);
  const show = (isShown: boolean) => {
    tab.hidden = !isShown;
    for (const listener of listeners) listener();
  };
  watchVisibility(page.store, page.actions, page.recorder);
  chooseHidden('pause');
  page.actions.start();
  await page.until(() => page.history.lastStep() > 2);
  return { ...page, tab, show };
}

test('hidden it pauses, shown again it goes on', async () => {
  const page = await trainingPage();
  page.show(false);
  expect(page.tab.title).toMatch(/^Paused/);
  await page.until(() => page.state() === 'paused');
  const reached = page.history.lastStep();
  page.show(true);
  await page.until(() => page.history.lastStep() > reached);
});

test('shown again before the step under way is over, it goes on after it', async () => {
  const page = await trainingPage();
  page.show(false);
  page.show(true);
  expect(page.state()).toBe('running');
  await page.until(() => page.worker.commands.filter(({ type }) => type === 'start').length === 2);
  const reached = page.history.lastStep();
  await page.until(() => page.history.lastStep() > reached);
});

test('hidden once more meanwhile, it stays paused', async () => {
  const page = await trainingPage();
  page.show(false);
  page.show(true);
  page.show(false);
  await page.until(() => page.state() === 'paused');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(page.state()).toBe('paused');
  page.show(true);
  await page.until(() => page.state() === 'running');
});

test('a pause that the user asked for stays one, before the tab is hidden and after it is shown', async () => {
  for (const order of ['before', 'after'] as const) {
    const page = await trainingPage();
    if (order === 'before') page.actions.pause();
    page.show(false);
    page.show(true);
    if (order === 'after') page.actions.toggle();
    await page.until(() => page.state() === 'paused');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(page.state()).toBe('paused');
    const starts = page.worker.commands.filter(({ type }) => type === 'start');
    expect(starts).toHaveLength(1);
    // Started again, the tab pauses and goes on as ever.
    page.actions.start();
    await page.until(() => page.state() === 'running');
    page.show(false);
    await page.until(() => page.state() === 'paused');
    page.show(true);
    await page.until(() => page.state() === 'running');
  }
});

test('a step that was asked for by itself is taken, and nothing goes on after it', async () => {
  const page = await trainingPage();
  page.actions.pause();
  await page.until(() => page.state() === 'paused');
  const reached = page.history.lastStep();
  const titles: string[] = [];
  page.store.subscribe(({ state }, before) => {
    if (state !== 'running' || before.state === 'running') return;
    page.show(false);
    titles.push(page.tab.title);
    page.show(true);
  });
  page.actions.step();
  await page.until(() => titles.length > 0 && page.state() === 'paused');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(page.state()).toBe('paused');
  expect(page.history.lastStep()).toBe(reached + 1);
  expect(titles).toEqual([expect.stringMatching(/^Training/)]);
});
