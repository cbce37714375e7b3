// The built page with the real engine, used as a person would.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { root } from '../../src/cli/install.mjs';
import { openBrowser, servePage } from './browser.ts';
import type { ServedPage } from './serve.ts';

/** Small enough for a processor that stands in for a GPU. */
const SMALL =
  '?trainer.prompts=4&trainer.group_size=4&trainer.eval_prompts=4&trainer.eval_every=2&seeds=0';
/** Pictures for people to look at. */
const pictures = path.join(root, 'node_modules/.cache/entroscope/pictures');

let browser: Browser;
let served: ServedPage;
/** Whatever the page complained of, and requests that left our host. */
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

async function openPage(query: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    const isOurs =
      host === new URL(served.url).host || protocol === 'data:' || protocol === 'blob:';
    if (!isOurs) complaints.push(`request to ${request.url()}`);
  });
  await page.goto(served.url + query);
  return page;
}

/** Findings of axe, in a line each. */
async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`,
  );
}

/** Points of an arm's entropy curve as it is drawn. */
function drawnPoints(page: Page, arm: string): Promise<number> {
  const curve = page.locator(`[data-metric=entropy] .curve-${arm} path`);
  return curve.evaluateAll((paths) =>
    paths.reduce((sum, p) => sum + (p.getAttribute('d') ?? '').split(/(?=[MLC])/).length, 0),
  );
}

const until = (check: () => Promise<boolean>) =>
  expect.poll(check, { timeout: 120_000, interval: 250 }).toBe(true);

async function stepOf(page: Page): Promise<number> {
  const text = await page.locator('.transport').innerText();
  return Number(/step\s+(\d+)/.exec(text)?.[1] ?? Number.NaN);
}

const transport = (page: Page, name: string) =>
  page.locator('.transport').getByRole('button', { name, exact: true });

test('starts, draws three arms, pauses, steps, takes a slider, survives its link', async () => {
  const page = await openPage(SMALL);
  // Before anything is ready: the start is queued.
  await transport(page, 'Start').click();
  for (const arm of ['none', 'naive', 'ib']) {
    await until(async () => (await drawnPoints(page, arm)) > 3);
  }
  expect(page.workers()).toHaveLength(1);

  await page.locator('h1').click();
  await page.keyboard.press('Space');
  await transport(page, 'Continue').waitFor();
  const step = await stepOf(page);
  expect(step).toBeGreaterThan(3);
  expect(await page.locator('[role=status]').first().innerText()).toBe(`Paused at step ${step}.`);

  await page.keyboard.press('s');
  await until(async () => (await stepOf(page)) === step + 1);
  await transport(page, 'Continue').waitFor();
  for (const arm of ['no regularizer', 'naive entropy', 'IB']) {
    const responses = page.getByRole('region', { name: `Responses of ${arm}` });
    expect(await responses.locator('.token').count()).toBeGreaterThan(0);
  }

  const arm = page.getByRole('region', { name: 'Arm naive entropy' });
  await arm.getByRole('slider', { name: 'α' }).focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft');
  const alpha = await arm.getByRole('textbox', { name: 'α' }).inputValue();
  expect(Number(alpha)).toBeLessThan(0.2);
  expect(Number(alpha)).toBeGreaterThan(0.1);
  expect(await page.getByRole('button', { name: 'Restart with the changes' }).count()).toBe(0);

  await page.getByRole('textbox', { name: 'prompts per step' }).fill('3');
  await page.getByRole('button', { name: 'Restart with the changes' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  expect(await page.getByRole('textbox', { name: 'prompts per step' }).inputValue()).toBe('4');

  await page.screenshot({ path: path.join(pictures, 'page-1280.png'), fullPage: true });
  expect(await violations(page)).toEqual([]);

  await page.getByRole('button', { name: 'Copy link' }).click();
  await until(async () => page.url().includes('arm.naive.entropy_bonus.alpha'));
  await page.reload();
  await until(async () => (await arm.getByRole('textbox', { name: 'α' }).count()) > 0);
  expect(await arm.getByRole('textbox', { name: 'α' }).inputValue()).toBe(alpha);
  expect(await page.getByRole('textbox', { name: 'prompts per step' }).inputValue()).toBe('4');
});

test('a first visit on a software adapter gets settings that fit it, and says so', async () => {
  const page = await openPage('');
  await until(async () => /in all/.test(await page.locator('.transport').innerText()));
  const line = await page.locator('.adapter').innerText();
  // On a real GPU there is nothing to propose.
  if (line.startsWith('Software')) expect(line).toContain('Settings were fitted to it.');
  const started = performance.now();
  await transport(page, 'Start').click();
  await until(async () => (await stepOf(page)) >= 1);
  console.log(`first step ${((performance.now() - started) / 1000).toFixed(1)} s after Start`);
});

test('narrow and wide, light and dark', async () => {
  const narrow = await openPage(SMALL, {
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  await narrow.getByText('right answer').or(narrow.getByText('in all')).first().waitFor();
  const overflow = await narrow.evaluate(() => document.body.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  expect(await violations(narrow)).toEqual([]);
  await narrow.screenshot({ path: path.join(pictures, 'page-360.png'), fullPage: true });
  await narrow.getByRole('button', { name: 'Settings', exact: true }).click();
  await narrow.getByRole('dialog').waitFor();
  expect(await violations(narrow)).toEqual([]);
  await narrow.screenshot({ path: path.join(pictures, 'settings-360.png') });
  await narrow.context().close();

  const wide = await openPage(SMALL, { viewport: { width: 1920, height: 1080 } });
  await wide.getByText('in all').waitFor();
  await wide.screenshot({ path: path.join(pictures, 'page-1920.png') });
  await wide.keyboard.press('?');
  await wide.getByRole('dialog').waitFor();
  expect(await violations(wide)).toEqual([]);
});

test('files: a recording is drawn and marked, a wrong one is refused', async () => {
  const page = await openPage(SMALL);
  await page.getByText('in all').waitFor();
  const file = (name: string, text: string) => ({
    name,
    mimeType: 'text/plain',
    buffer: Buffer.from(text),
  });
  const input = page.locator('input[type=file]');
  await input.setInputFiles([file('mine.json', '{ "seeds": [0, 0] }')]);
  const alert = page.getByRole('alert');
  await alert.getByText('seeds: must be a list of 1 to 12 different seeds').waitFor();

  const curves = ['arm,seed,step,entropy', 'a,0,1,0.5', 'a,0,2,0.7', 'a,1,1,0.6', 'a,1,2,0.6'];
  await input.setInputFiles([
    file('experiment.json', '{ "name": "Recorded", "arms": [{ "id": "a" }], "seeds": [0, 1] }'),
    file('curves.csv', curves.join('\n')),
  ]);
  await page.getByText('A recording, not a live run').waitFor();
  await page.getByRole('heading', { name: 'Recorded' }).waitFor();
  expect(await drawnPoints(page, 'a')).toBe(2);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Close the recording' }).click();
  await transport(page, 'Start').waitFor();
});

test('settings in the address that are out of range are named', async () => {
  const page = await openPage('?trainer.prompts=9999');
  await page
    .getByRole('alert')
    .getByText('trainer.prompts: must be a whole number from 1 to 512, got "9999"')
    .waitFor();
});

test('without WebGPU: what is missing and what to do', async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  await context.addInitScript('delete Navigator.prototype.gpu');
  const page = await context.newPage();
  await page.goto(served.url);
  await page.getByText('What is missing is WebGPU').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: path.join(pictures, 'without-webgpu-360.png') });
});
