// Runs are kept: what a reload, a second tab, a full disk and a spoiled record leave, seen in the built page.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { alert, curveOf, FEW, keepTo, restingStep, stored } from './kept_page.ts';
import { picture, stepOf, transport, until, violations, visitSite } from './site.ts';

const site = visitSite();
/** Where no number counts, on a scripted engine that can be paused between two steps. */
const SCRIPTED = `${FEW}#ms=150`;

test('a reload in the middle: the run is offered, goes on, its curves are whole', async () => {
  const context = await site.newContext();
  const page = await site.open(FEW, { context });
  await transport(page, 'Start').click();
  await until(async () => (await stored(page).catch(() => ({ checkpoints: 0 }))).checkpoints >= 1);
  await until(async () => (await stepOf(page)) >= 11);
  await page.reload();

  const offer = alert(page, 'was cut off');
  await offer.waitFor();
  await transport(page, 'Start').waitFor();
  await page.getByText('in all').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'storage-offer');
  const button = offer.getByRole('button', { name: /^Continue .* from step \d+$/ });
  const from = Number(/step (\d+)$/.exec(await button.innerText())?.[1]);
  // The eighth round's, or the fourth's where that was not written yet.
  expect(from).toBeGreaterThanOrEqual(4);
  await button.click();
  expect(await restingStep(page)).toBe(from);
  const before = await curveOf(page, 'ib');
  expect(before.map((line) => Number(line.split(':')[0]))).toEqual(
    Array.from({ length: before.length }, (_, i) => i),
  );
  await keepTo(page, from + 3);
  const after = await curveOf(page, 'ib');
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.length).toBeGreaterThan(before.length + 1);
  const { runs } = await stored(page);
  expect(runs).toHaveLength(1);
});

test('answers to the fixed prompts come back with the run, and stand in its recording', async () => {
  const context = await site.newContext();
  const page = await site.open(`${FEW}&trainer.eval_every=2`, { context });
  await keepTo(page, 4);
  const heat = (tab: Page) => tab.getByRole('img', { name: /^IB: distribution at position/ });
  const prompts = (tab: Page) => tab.locator('.responses .response').allInnerTexts();
  await until(async () => (await heat(page).locator('.heat-cell').count()) > 0);
  const before = await heat(page).getAttribute('aria-label');
  await page.close();

  const next = await site.open(`${FEW}&trainer.eval_every=2`, { context });
  await transport(next, 'Start').waitFor();
  await alert(next, 'was cut off')
    .getByRole('button', { name: /^Continue / })
    .click();
  await restingStep(next);
  await until(async () => (await heat(next).getAttribute('aria-label')) === before);
  const shown = await prompts(next);
  await next.locator('.transport').getByRole('button', { name: 'Reset' }).click();
  await transport(next, 'Start').waitFor();
  await until(async () => (await heat(next).count()) === 0);

  await next.getByRole('button', { name: 'Runs', exact: true }).click();
  await next.getByRole('button', { name: /^More for the run/ }).click();
  await next.getByRole('menuitem', { name: 'Show as a recording' }).click();
  await alert(next, 'the responses below are those that were kept').waitFor();
  await next.getByRole('heading', { name: 'Responses to one prompt, recorded' }).waitFor();
  expect(await heat(next).getAttribute('aria-label')).toBe(before);
  expect(await prompts(next)).toEqual(shown);
  expect(await next.getByText('from the first step on').count()).toBe(0);
  // Nothing can be looked at more closely: the weights are not on the device.
  expect(await next.locator('.responses button.token').count()).toBe(0);
  expect(await violations(next)).toEqual([]);
  await picture(next, 'storage-recorded-responses', true);
});

test('two tabs: the second cannot write the first one’s run and shows it read-only', async () => {
  const context = await site.newContext();
  const first = await site.open(SCRIPTED, { context, isScripted: true });
  await keepTo(first, 2);
  const second = await site.open(SCRIPTED, { context, isScripted: true });
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
  await keepTo(second, 1);
  const { runs } = await stored(second);
  expect(new Set(runs.map((run) => run.id)).size).toBe(2);
  const step = await stepOf(first);
  await transport(first, 'Step').click();
  await until(async () => (await stepOf(first)) === step + 1);
});

test('a write that fails is told once, and training goes on', async () => {
  const context = await site.newContext();
  await context.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no space left', 'QuotaExceededError');
    };
  });
  const page = await site.open(SCRIPTED, { context, isScripted: true });
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
  const context = await site.newContext();
  const page = await site.open(SCRIPTED, { context, isScripted: true });
  await keepTo(page, 1);
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

test('nothing from outside runs in the page, and the hidden tab does as it is told', async () => {
  const page = await site.open(FEW);
  await page.getByText('in all').waitFor();
  const blocked = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const found: string[] = [];
        addEventListener('securitypolicyviolation', (event) => {
          found.push(event.effectiveDirective);
          if (found.length === 2) resolve(found.sort());
        });
        const script = document.createElement('script');
        script.textContent = 'window.wasRun = true';
        document.body.append(script);
        fetch('https://example.org/').catch(() => {});
      }),
  );
  expect(blocked).toEqual(['connect-src', 'script-src-elem']);
  expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  site.complaints.splice(0);

  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  await page.getByRole('dialog').getByText('pauses', { exact: true }).click();
  await page.keyboard.press('Escape');
  await transport(page, 'Start').click();
  await until(async () => (await stepOf(page)) >= 1);
  const hide = (isHidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  await hide(true);
  await transport(page, 'Continue').waitFor();
  expect(await page.title()).toBe('Paused · Entroscope');
  await hide(false);
  await transport(page, 'Pause').waitFor();
});
