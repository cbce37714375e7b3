// Without a network after the first visit, and a newer build that comes later, with the service worker as it is built.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../../src/cli/install.mjs';
import { alert } from './kept_page.ts';
import { picture, transport, until, violations, visitSite } from './site.ts';

/** A copy of the build that the tests can change while it is served. */
const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-build-'));
cpSync(path.join(root, 'dist'), folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const site = visitSite(folder);

const isControlled = () => navigator.serviceWorker.controller !== null;

test('offline after the first visit the page trains and explains', async () => {
  const page = await site.open();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText('in all').waitFor();
  await page.locator('.transport').getByRole('button', { name: 'Step' }).click();
  await page.getByText(/step 1 of/).waitFor();
  await page.getByRole('button', { name: 'About entropy', exact: true }).click();
  await page.locator('math').first().waitFor();
});

test('offline after the first visit: every preset, base and recording is there', async () => {
  const page = await site.open();
  await page.waitForFunction(isControlled);
  await page.context().setOffline(true);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => file !== 'sw.js' && file !== 'screenshot.png');
  for (const part of ['presets/', 'bases/', 'recordings/', 'assets/']) {
    expect(files.some((file) => file.startsWith(part))).toBe(true);
  }
  const missing = await page.evaluate(async (names) => {
    const found = await Promise.all(
      names.map((name) =>
        fetch(name).then(
          (response) => response.ok && response.headers.get('content-length') !== '0',
          () => false,
        ),
      ),
    );
    return names.filter((_, index) => !found[index]);
  }, files);
  expect(missing).toEqual([]);

  // As a person sees it: a preset of every base opens with it, and the recorded run.
  const groups: { presets: string[] }[] = JSON.parse(
    readFileSync(path.join(folder, 'presets/index.json'), 'utf8'),
  );
  const baseOf = (id: string) => {
    const text = readFileSync(path.join(folder, `presets/${id}.json`), 'utf8');
    const { task, model, base } = JSON.parse(text);
    return `${task} ${model} ${base}`;
  };
  const presets = new Map(groups.flatMap((group) => group.presets.map((id) => [baseOf(id), id])));
  expect(presets.size).toBeGreaterThan(1);
  for (const id of presets.values()) {
    await page.goto(
      `${site.url}?preset=${id}&trainer.prompts=4&trainer.group_size=4&trainer.eval_prompts=16&seeds=0`,
    );
    await page.getByText('in all').waitFor();
    expect(await page.getByRole('alert').count(), id).toBe(0);
  }
  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page.getByRole('menuitem', { name: /^Open the recorded run/ }).click();
  await alert(page, 'A recording, not a live run').waitFor();
  await page.locator('[data-metric=entropy] .curve-naive path').first().waitFor();
  // Every preset is opened, and compiled for.
}, 400_000);

test('a newer build is told, waits for the runs, and is used after the reload', async () => {
  const page = await site.open();
  await page.waitForFunction(isControlled);
  await transport(page, 'Start').click();
  await until(async () => /step\s+[1-9]/.test(await page.locator('.transport').innerText()));

  // The next build: another text in the page, and the worker that the build writes for it.
  const index = path.join(folder, 'index.html');
  writeFileSync(index, readFileSync(index, 'utf8').replace('<html', '<html data-build="2"'));
  const worker = path.join(folder, 'sw.js');
  const old = readFileSync(worker, 'utf8');
  writeFileSync(worker, old.replace(/const VERSION = "[0-9a-f]+"/, 'const VERSION = "next"'));
  expect(readFileSync(worker, 'utf8')).not.toBe(old);
  expect(await page.locator('.update-hint').count()).toBe(0);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());

  const hint = page.locator('.update-hint');
  await hint.getByText('A new version of this page is here.').waitFor();
  await hint.getByText('Reload when your runs are done.').waitFor();
  // Nothing happened to the run, and until the reload the page is the old one, offline too.
  expect(await transport(page, 'Pause').count()).toBe(1);
  expect(await page.locator('html').getAttribute('data-build')).toBeNull();
  expect(await violations(page, '.update-hint')).toEqual([]);
  await picture(page, 'update-hint-1280');
  await transport(page, 'Pause').click();
  await hint.getByText('It is used after a reload.').waitFor();

  await hint.getByRole('button', { name: 'Reload' }).click();
  await page.locator('html[data-build="2"]').waitFor({ state: 'attached' });
  await alert(page, 'was cut off').waitFor();
  expect(await page.locator('.update-hint').count()).toBe(0);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText('in all').waitFor();
  expect(await page.locator('html').getAttribute('data-build')).toBe('2');
});
