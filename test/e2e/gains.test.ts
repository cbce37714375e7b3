// What tokens tell about the answer, on the page: asked for while somebody looks and not otherwise, and drawn through
// training with the same in numbers. On the scripted engine, where a step costs nothing.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, settled, stepOf, transport, until, violations, visitSite } from './site.ts';

const site = visitSite();
const QUERY = '?preset=naive-vs-ib&trainer.eval_every=2&trainer.steps=2000&seeds=0,1#ms=40';

/** Counts what the page says to the engine. */
const COUNTING = `
  window.said = [];
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (command, ...rest) {
    window.said.push(command.isAsked === undefined ? command.type : command.type + ' ' + command.isAsked);
    return post.call(this, command, ...rest);
  };`;
const said = (page: Page, what: string): Promise<number> =>
  page.evaluate(
    (w) => (globalThis as unknown as { said: string[] }).said.filter((s) => s === w).length,
    what,
  );

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Tint tokens by' }).click();
  await page.getByRole('option', { name, exact: true }).click();
}

/** Lets training go on for some steps. */
async function later(page: Page, steps = 30): Promise<void> {
  const from = await stepOf(page);
  await until(async () => (await stepOf(page)) >= from + steps);
}

test('nothing is asked of the engine while nobody looks', async () => {
  const page = await site.open(QUERY, { isScripted: true, script: COUNTING });
  await transport(page, 'Start').click();
  const title = page.getByRole('heading', { name: /^Responses to one prompt/ });
  await title.scrollIntoViewIfNeeded();
  await later(page);
  expect(await said(page, 'inspect')).toBe(0);
  expect(await said(page, 'gains true')).toBe(0);

  await choose(page, 'tells about the answer');
  await until(async () => (await said(page, 'inspect')) > 3);
  expect(await said(page, 'gains true')).toBe(1);

  // Out of sight, but still chosen: the next evaluations shall not be missing when somebody comes back.
  await page.evaluate(() => window.scrollTo(0, 0));
  await settled(page);
  await later(page, 5);
  const before = await said(page, 'inspect');
  await later(page);
  expect(await said(page, 'inspect')).toBe(before);
  expect(await said(page, 'gains false')).toBe(0);

  await title.scrollIntoViewIfNeeded();
  await until(async () => (await said(page, 'inspect')) > before + 3);
  await choose(page, 'entropy H');
  await later(page, 5);
  const asked = await said(page, 'inspect');
  await later(page);
  expect(await said(page, 'inspect')).toBe(asked);
  expect(await said(page, 'gains false')).toBe(1);
});

test('the curves through training have numbers, words and both themes', async () => {
  const page = await site.open(QUERY, { isScripted: true });
  await choose(page, 'tells about the answer');
  const section = page.locator('section[aria-labelledby=gains-title]');
  await section.scrollIntoViewIfNeeded();
  expect(await section.getByText('drawn from the first evaluation on').count()).toBe(1);
  const empty = await section.boundingBox();
  await picture(page, 'gains-empty-1280');
  await transport(page, 'Start').click();
  await until(async () => (await stepOf(page)) >= 40);
  await transport(page, 'Pause').click();
  await transport(page, 'Continue').waitFor();
  const ib = section.getByRole('region', { name: 'Which tokens tell under IB' });
  await ib.getByRole('row', { name: /partial result .* ± / }).waitFor();
  expect(await ib.locator('figcaption').first().textContent()).toMatch(
    /^along the reasoning: tells about the answer, mean nats a token from beginning to end, at step 0 0\.000, .*; at step \d+ 0\.000, .*\.$/,
  );
  expect(await section.locator('svg path[stroke-width="2.5"]').count()).toBe(3);
  expect(await section.innerText()).toContain('192 held-out responses × 2 seeds');
  // Filled as it was empty: nothing below has moved.
  expect((await section.boundingBox())?.height).toBe(empty?.height);
  await picture(page, 'gains-1280');
  expect(await violations(page, 'section[aria-labelledby=gains-title]')).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await settled(page);
  await picture(page, 'gains-dark-1280');
  expect(await violations(page, 'section[aria-labelledby=gains-title]')).toEqual([]);

  await page.setViewportSize({ width: 360, height: 800 });
  await section.scrollIntoViewIfNeeded();
  await picture(page, 'gains-360');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);

  await choose(page, 'entropy H');
  expect(await section.count()).toBe(0);
});

test('kept with its run, it is drawn again where the engine cannot be asked', async () => {
  const page = await site.open(QUERY, { isScripted: true });
  await choose(page, 'tells about the answer');
  await transport(page, 'Start').click();
  await until(async () => (await stepOf(page)) >= 10);
  await transport(page, 'Pause').click();
  await transport(page, 'Continue').waitFor();
  await transport(page, 'Reset').click();
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  await page.getByRole('button', { name: /^More for the run/ }).click();
  await page.getByRole('menuitem', { name: /^Show/ }).click();
  await page.getByText('A recording, not a live run').waitFor();
  const section = page.locator('section[aria-labelledby=gains-title]');
  await section
    .getByRole('row', { name: /partial result .* ± / })
    .first()
    .waitFor();
  // The tint itself asks the model: its place in the list says why it cannot be had.
  await page.getByRole('combobox', { name: 'Tint tokens by' }).click();
  await page.getByRole('option', { name: /^tells about the answer.*not of a recording/ }).waitFor();
});

test('a preset whose methods pay for it begins with that tint, the others with entropy', async () => {
  const page = await site.open('?preset=naive-vs-ib', { isScripted: true });
  const tint = page.getByRole('combobox', { name: 'Tint tokens by' });
  await tint.waitFor();
  expect(await tint.inputValue()).toBe('entropy H');
  await page.getByRole('combobox', { name: 'Preset' }).click();
  await page.getByRole('option', { name: 'Which tokens carry the answer?' }).click();
  await until(async () => (await tint.inputValue()) === 'tells about the answer');
});
