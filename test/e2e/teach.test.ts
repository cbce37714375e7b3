// What the page offers a class: presets with commentary, locked links, no network, no WebGPU.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { root } from '../../src/cli/install.mjs';
import { openBrowser, servePage } from './browser.ts';
import type { ServedPage } from './serve.ts';

const SMALL =
  '?trainer.prompts=4&trainer.group_size=4&trainer.eval_prompts=4&trainer.eval_every=2&seeds=0';
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

async function openPage(query: string, options: BrowserContextOptions = {}, script = '') {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(served.url + query);
  return page;
}

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`,
  );
}

const shot = (page: Page, name: string) =>
  page.screenshot({ path: path.join(pictures, `${name}.png`) });

test('presets stand in groups; the choice brings settings and commentary', async () => {
  const page = await openPage(SMALL);
  await page.getByRole('combobox', { name: 'Preset' }).click();
  await page.getByText('What does not', { exact: true }).waitFor();
  await shot(page, 'presets-1280');
  await page.getByRole('option', { name: 'Small coefficients change nothing' }).click();
  await page.getByRole('heading', { name: 'Small coefficients change nothing' }).waitFor();
  await page.getByText('What it does not show: that they are equal.').waitFor();
  const arm = page.getByRole('region', { name: 'Arm naive 0.03' });
  expect(await arm.getByRole('textbox', { name: 'α' }).inputValue()).toBe('0.03');
});

test('a teacher makes a link; a student sees what it leaves', async () => {
  const page = await openPage(`${SMALL}&arm.naive.entropy_bonus.alpha=0.3`);
  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page.getByRole('menuitem', { name: /Link for a class/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: /^Arms/ }).uncheck();
  const href = await dialog.getByRole('textbox', { name: 'Address' }).inputValue();
  expect(await violations(page)).toEqual([]);
  await shot(page, 'class-link-1280');
  await page.context().close();

  const student = await openPage(href.slice(href.indexOf('?')));
  await student.getByText('Some settings are set by your teacher.').waitFor();
  const arm = student.getByRole('region', { name: 'Arm naive entropy' });
  expect(await arm.getByRole('textbox', { name: 'α' }).inputValue()).toBe('0.3');
  expect(await arm.getByRole('switch').count()).toBe(0);
  for (const name of ['File', 'Add an arm']) {
    expect(await student.getByRole('button', { name, exact: true }).count()).toBe(0);
  }
  expect(await student.getByRole('textbox', { name: 'prompts per step' }).count()).toBe(0);
  expect(await violations(student)).toEqual([]);
  await shot(student, 'locked-1280');
});

test('a lock that is none is named', async () => {
  const page = await openPage('?locks=arms,everything');
  await page
    .getByRole('alert')
    .getByText(/locks: must be some of .* got "everything"/)
    .waitFor();
  await page.getByText('Some settings are set by your teacher.').waitFor();
});

test('offline after the first visit', async () => {
  const page = await openPage(SMALL);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText('in all').waitFor();
  await page.locator('.transport').getByRole('button', { name: 'Step' }).click();
  await page.getByText(/step 1 of/).waitFor({ timeout: 120_000 });
  await page.getByRole('button', { name: 'About entropy', exact: true }).click();
  await page.locator('math').first().waitFor();
});

test('without WebGPU: the recorded run, marked as one', async () => {
  const page = await openPage('', {}, 'delete Navigator.prototype.gpu');
  await page.getByRole('button', { name: 'Look at a recorded run' }).click();
  await page.getByText('A recording, not a live run').waitFor();
  await page.locator('[data-metric=entropy] .curve-naive path').first().waitFor();
  expect(await page.getByRole('button', { name: 'Close the recording' }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await shot(page, 'recording-1280');
});
