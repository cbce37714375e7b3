// The whole way by keyboard alone: preset, start, pause, microscope, export. No mouse, no focus set from outside.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { stepOf, transport, until, visitSite } from './site.ts';

const site = visitSite();
const FEW =
  '?trainer.prompts=4&trainer.group_size=4&trainer.eval_prompts=4&trainer.eval_every=50&seeds=0';

/** Walks with Tab (or Shift+Tab) until this has the focus. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab') {
  for (let stop = 0; stop < 250; stop++) {
    const isThere = await target.evaluateAll((all) =>
      all.includes(document.activeElement as never),
    );
    if (isThere) return;
    await page.keyboard.press(key);
  }
  throw new Error(`no way by ${key} to ${target}`);
}

test('preset, start, pause, microscope, export', async () => {
  const page = await site.open(FEW);
  await page.getByText('in all').waitFor();

  await tabTo(page, page.getByRole('combobox', { name: 'Preset' }));
  await page.keyboard.press('Enter');
  const preset = 'Small coefficients change nothing';
  const option = page.getByRole('option', { name: preset });
  await option.waitFor();
  for (let i = 0; i < 20; i++) {
    if ((await option.getAttribute('data-combobox-selected')) === 'true') break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: preset }).waitFor();
  // The preset brings its own batch: back to one that a processor can do.
  for (const [label, value] of [
    ['prompts per step', '4'],
    ['responses per prompt (G)', '4'],
  ]) {
    await tabTo(page, page.getByRole('textbox', { name: label }), 'Shift+Tab');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(value);
    await page.keyboard.press('Enter');
  }
  const start = transport(page, 'Start');
  await until(async () => /in all/.test(await page.locator('.transport').innerText()));

  await tabTo(page, start);
  await page.keyboard.press('Enter');
  await until(async () => (await stepOf(page)) >= 1);
  await tabTo(page, transport(page, 'Pause'));
  await page.keyboard.press('Enter');
  await transport(page, 'Continue').waitFor();

  await page.keyboard.press('t');
  await until(() =>
    page.evaluate(() => document.activeElement?.matches('.responses button.token') ?? false),
  );
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Microscope' });
  await dialog.getByText('Distribution and push on each logit').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await tabTo(page, page.getByRole('button', { name: 'File', exact: true }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  const item = page.getByRole('menuitem', { name: /Save curves/ });
  await item.waitFor();
  for (let i = 0; i < 10; i++) {
    if (await item.evaluate((node) => node === document.activeElement)) break;
    await page.keyboard.press('ArrowDown');
  }
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.keyboard.press('Enter'),
  ]);
  const csv = readFileSync(await download.path(), 'utf8').split('\n');
  expect(csv[0]).toContain('entropy');
  expect(csv.length).toBeGreaterThan(3);
});
