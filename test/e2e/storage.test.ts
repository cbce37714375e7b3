// Runs are kept: what a reload, a second tab, a full disk and a spoiled record leave, seen in the built page.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { root } from '../../src/cli/install.mjs';
import { openBrowser, servePage } from './browser.ts';
import type { ServedPage } from './serve.ts';

const SMALL =
  '?trainer.prompts=4&trainer.group_size=2&trainer.eval_prompts=4&trainer.eval_every=50&trainer.steps=40&seeds=0&chain_sum.max_response=12';
/** Pictures for people to look at. */
const pictures = path.join(root, 'node_modules/.cache/entroscope/pictures');

let browser: Browser;
let served: ServedPage;
const complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  served = await servePage();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const viewport = { width: 1280, height: 900 };
  return browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
}

async function openPage(context: BrowserContext, query = SMALL): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(served.url + query);
  return page;
}

const until = (check: () => Promise<boolean>) =>
  expect.poll(check, { timeout: 120_000, interval: 200 }).toBe(true);
const transport = (page: Page, name: string) =>
  page.locator('.transport').getByRole('button', { name, exact: true });
const alert = (page: Page, text: RegExp | string) =>
  page.locator('.mantine-Alert-root').filter({ hasText: text });

async function stepOf(page: Page): Promise<number> {
  const text = await page.locator('.transport').innerText();
  return Number(/step\s+(\d+)/.exec(text)?.[1] ?? Number.NaN);
}

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html.slice(0, 160))}`);
}

/** Trains to a step and pauses; waits for what is written behind it. */
async function trainTo(page: Page, step: number): Promise<void> {
  await page.locator('.transport button').first().click();
  await until(async () => (await stepOf(page)) >= step);
  await transport(page, 'Pause').click();
  await transport(page, 'Continue').waitFor();
  await until(async () => (await stored(page)).checkpoints >= 1);
}

/** What lies in the database. */
function stored(page: Page) {
  return page.evaluate(async () => {
    const ask = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await ask(indexedDB.open('entroscope'));
    const tx = db.transaction(['runs', 'curves', 'checkpoints']);
    const [runs, curves, checkpoints] = await Promise.all([
      ask(tx.objectStore('runs').getAll()),
      ask(tx.objectStore('curves').count()),
      ask(tx.objectStore('checkpoints').count()),
    ]);
    db.close();
    return { runs: runs as { id: string; name: string; step: number }[], curves, checkpoints };
  });
}

/** Entropy of an arm at every step, as the page would save it. */
async function curveOf(page: Page, arm: string): Promise<string[]> {
  await page.getByRole('button', { name: 'File', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /Save curves/ }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const [head, ...lines] = Buffer.concat(chunks).toString().trim().split('\n');
  const [armAt, stepAt, at] = ['arm', 'step', 'entropy'].map((n) => head.split(',').indexOf(n));
  return lines
    .map((line) => line.split(','))
    .filter((cells) => cells[armAt] === arm)
    .map((cells) => `${cells[stepAt]}: ${cells[at]}`);
}

test('a reload in the middle: the run is offered, goes on, its curves are whole', async () => {
  const context = await newContext();
  const page = await openPage(context);
  await transport(page, 'Start').click();
  await until(async () => (await stored(page).catch(() => ({ checkpoints: 0 }))).checkpoints >= 1);
  await until(async () => (await stepOf(page)) >= 11);
  await page.reload();

  const offer = alert(page, 'was cut off');
  await offer.waitFor();
  await transport(page, 'Start').waitFor();
  await page.getByText('in all').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: path.join(pictures, 'storage-offer.png') });
  const button = offer.getByRole('button', { name: /^Continue .* from step \d+$/ });
  const from = Number(/step (\d+)$/.exec(await button.innerText())?.[1]);
  expect(from).toBeGreaterThanOrEqual(8);
  await button.click();
  await transport(page, 'Continue').waitFor();
  expect(await stepOf(page)).toBe(from);
  const before = await curveOf(page, 'ib');
  expect(before.map((line) => Number(line.split(':')[0]))).toEqual(
    Array.from({ length: before.length }, (_, i) => i),
  );
  await trainTo(page, from + 3);
  const after = await curveOf(page, 'ib');
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.length).toBeGreaterThan(before.length + 1);
  const { runs } = await stored(page);
  expect(runs).toHaveLength(1);
});

test('two tabs: the second cannot write the first one’s run and shows it read-only', async () => {
  const context = await newContext();
  const first = await openPage(context);
  await trainTo(first, 2);
  const second = await openPage(context);
  await second.getByText('in all').waitFor();
  // It is not offered: it is not cut off, it is open elsewhere.
  await second.getByRole('button', { name: 'Runs', exact: true }).click();
  const drawer = second.getByRole('dialog', { name: 'Kept runs' });
  await drawer.getByText('open in another tab').waitFor();
  expect(await alert(second, 'was cut off').count()).toBe(0);
  await drawer.getByRole('button', { name: /^More for the run/ }).click();
  await second.getByRole('menuitem', { name: /^Continue/ }).click();
  await alert(second, 'is open in another tab').waitFor();
  await alert(second, 'A recording, not a live run').waitFor();
  await second.getByRole('button', { name: 'Close the recording' }).click();
  await trainTo(second, 1);
  const { runs } = await stored(second);
  expect(new Set(runs.map((run) => run.id)).size).toBe(2);
  const step = await stepOf(first);
  await transport(first, 'Step').click();
  await until(async () => (await stepOf(first)) === step + 1);
});

test('a write that fails is told once, and training goes on', async () => {
  const context = await newContext();
  await context.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no space left', 'QuotaExceededError');
    };
  });
  const page = await openPage(context);
  await transport(page, 'Start').click();
  await alert(page, 'storage of this browser is full').waitFor();
  const step = await stepOf(page);
  await until(async () => (await stepOf(page)) >= step + 6);
  expect(await alert(page, 'storage of this browser is full').count()).toBe(1);
  await transport(page, 'Pause').click();
  await transport(page, 'Continue').waitFor();
  expect((await curveOf(page, 'none')).length).toBeGreaterThan(6);
});

test('a spoiled record is named and skipped; the others stay', async () => {
  const context = await newContext();
  const page = await openPage(context);
  await trainTo(page, 1);
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        indexedDB.open('entroscope').onsuccess = function () {
          const tx = this.result.transaction('runs', 'readwrite');
          tx.objectStore('runs').put({ id: 'spoiled', name: 7 });
          tx.oncomplete = () => resolve();
        };
      }),
  );
  await page.reload();
  await alert(page, 'A kept run could not be read and is skipped').waitFor();
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Kept runs' });
  expect(await drawer.locator('.run').count()).toBe(1);
  await drawer.getByRole('button', { name: 'Delete it' }).click();
  await until(async () => (await stored(page)).runs.length === 1);
});

test('the drawer: rename, pin, delete and undo, what differs, lines on the charts', async () => {
  const context = await newContext();
  const page = await openPage(context);
  await trainTo(page, 3);
  await page.locator('.transport').getByRole('button', { name: 'Reset' }).click();
  await transport(page, 'Start').waitFor();
  await page
    .getByRole('region', { name: 'Arm IB' })
    .getByRole('textbox', { name: 'α' })
    .fill('0.3');
  await trainTo(page, 2);
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Kept runs' });
  const rows = drawer.locator('.run');
  expect(await rows.count()).toBe(2);
  expect(await rows.first().locator('.run-label').innerText()).toContain('ib alpha 0.5 → 0.3');

  const name = rows.nth(1).getByRole('textbox');
  await name.fill('my first');
  await name.press('Enter');
  await rows.nth(1).getByRole('checkbox').click();
  await until(() => rows.nth(1).getByRole('checkbox').isChecked());
  await rows.nth(1).getByRole('button', { name: 'Pin my first' }).click();
  // Pinned runs come first.
  await until(async () => (await rows.first().getByRole('textbox').inputValue()) === 'my first');
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: path.join(pictures, 'storage-runs.png') });
  await drawer.getByRole('switch').click();
  expect(await drawer.getByRole('columnheader').allInnerTexts()).toEqual(['Run', 'ib alpha']);
  await page.screenshot({ path: path.join(pictures, 'storage-differs.png') });
  await drawer.getByRole('switch').click();

  await drawer.getByRole('button', { name: 'More for the run my first' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await drawer.getByText('“my first” is deleted.').waitFor();
  await drawer.getByRole('button', { name: 'Undo' }).click();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
  await page.locator('.recorded-keys').getByText('my first').waitFor();
  expect(await page.locator('[data-metric=entropy] [class*=curve-REC] path').count()).toBe(3);
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: path.join(pictures, 'storage-overlay.png') });
  const { runs } = await stored(page);
  expect(runs.map((run) => run.name)).toContain('my first');
});

test('a fork goes on beside its source from the step where it began', async () => {
  const context = await newContext();
  const page = await openPage(context);
  await trainTo(page, 4);
  const at = await stepOf(page);
  await page.getByRole('button', { name: 'More for no regularizer' }).click();
  await page.getByRole('menuitem', { name: /^Fork/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Fork an arm' });
  await dialog.waitFor();
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: path.join(pictures, 'storage-fork.png') });
  await dialog.getByRole('button', { name: `Fork from step ${at}` }).click();
  await page.getByRole('region', { name: `Arm no regularizer, forked at ${at}` }).waitFor();
  await transport(page, 'Continue').waitFor();
  await trainTo(page, at + 3);
  const source = await curveOf(page, 'none');
  const fork = await curveOf(page, 'none_2');
  const numbers = fork.map((line) => Number(line.split(':')[0]));
  // With the same method it measures what its source measures, from its first step on.
  const same = fork.filter((line, i) => numbers[i] >= at && line !== source[numbers[i]]);
  expect(same).toEqual([]);
  expect(fork.filter((line) => /: .+/.test(line)).length).toBeGreaterThanOrEqual(3);
  await page.screenshot({ path: path.join(pictures, 'storage-forked.png') });
});
