// Whoever closes a window goes on where they were: the focus returns to what opened it, however it is closed.
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { harnessFolder } from './serve.ts';
import { trainTo, until, visitSite } from './site.ts';

const site = visitSite(harnessFolder);
const SHORT = '?seeds=0,1&trainer.steps=30#ms=150';

const hasFocus = (place: Locator) =>
  place.evaluate((element) => element === document.activeElement);

/** Opens a window from `opener`, closes it with its button and with Escape, and looks where the focus is. */
async function returns(page: Page, opener: Locator, open: () => Promise<void>): Promise<void> {
  for (const close of ['button', 'Escape']) {
    await opener.focus();
    await open();
    const window = page.getByRole('dialog');
    await window.waitFor();
    await until(() => window.evaluate((element) => element.contains(document.activeElement)));
    if (close === 'button')
      await window
        .getByRole('button', { name: /^(Close|Leave)/ })
        .first()
        .click();
    else await page.keyboard.press('Escape');
    await window.waitFor({ state: 'detached' });
    await until(() => hasFocus(opener));
  }
}

test('from every window the focus returns to what opened it', async () => {
  const page = await site.open(SHORT);
  await page.getByText('in all').waitFor();
  await trainTo(page, 2);
  const button = (name: string) => page.getByRole('button', { name, exact: true }).first();
  const press = (key: string) => () => page.keyboard.press(key);

  const term = page.locator('.main button.term').first();
  await returns(page, term, press('Enter'));
  for (const name of [
    'Runs',
    'Keys',
    'Glossary',
    'Slow motion',
    'Check the engine on this adapter',
  ]) {
    await returns(page, button(name), press('Enter'));
  }
  for (const key of ['g', 'c', 'k', '?', 'm']) await returns(page, button('Step'), press(key));
  await returns(page, page.locator('.responses button.token').first(), press('Enter'));
  const item = (name: RegExp) => async () => {
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name }).click();
  };
  for (const name of [/^Link for a class/, /^Save a bundle or weights/]) {
    await returns(page, button('File'), item(name));
  }
  for (const name of [/^Fork/, /^Sweep/]) {
    await returns(page, button('More for IB'), item(name));
  }
});

test('an explanation opens for the keyboard, and Escape closes it', async () => {
  const page = await site.open(SHORT);
  const help = page.getByRole('button', { name: 'About entropy', exact: true }).first();
  const explanation = page.getByRole('dialog', { name: 'About entropy' });
  for (const keys of [['Escape'], ['Tab', 'Escape']]) {
    await help.focus();
    await page.keyboard.press('Enter');
    await until(() => explanation.evaluate((one) => one.contains(document.activeElement)));
    for (const key of keys) await page.keyboard.press(key);
    await explanation.waitFor({ state: 'detached' });
    await until(() => hasFocus(help));
  }
});

test('of two windows Escape closes the one above', async () => {
  const page = await site.open(SHORT);
  await page.getByText('in all').waitFor();
  for (const key of ['c', 'k', '?']) {
    await page.keyboard.press(key);
    const windows = page.getByRole('dialog');
    await until(() => windows.evaluate((one) => one.contains(document.activeElement)));
    // A field would take the keys.
    await windows
      .getByRole('button', { name: /^Close/ })
      .first()
      .focus();
    const below = await windows.getAttribute('aria-labelledby');
    // What one would not see does not happen.
    await page.keyboard.press('p');
    await page.keyboard.press('g');
    const glossary = page.getByRole('dialog', { name: 'Glossary' });
    await until(() => glossary.evaluate((one) => one.contains(document.activeElement)));
    await page.keyboard.press('Escape');
    await glossary.waitFor({ state: 'detached' });
    expect(await windows.getAttribute('aria-labelledby')).toBe(below);
    await until(() => windows.evaluate((one) => one.contains(document.activeElement)));
    expect(await page.locator('.projector').count()).toBe(0);
    await page.keyboard.press('Escape');
    await windows.waitFor({ state: 'detached' });
  }
});

test('from one entry of the glossary to others and back to the text', async () => {
  const page = await site.open(SHORT);
  const term = page.locator('.main button.term', { hasText: 'held-out' }).first();
  await term.click();
  const window = page.getByRole('dialog');
  await window.locator('button.term').first().click();
  await window.getByRole('button', { name: 'All terms' }).click();
  await page.getByRole('dialog', { name: 'Glossary' }).waitFor();
  await page.keyboard.press('Escape');
  await window.waitFor({ state: 'detached' });
  await until(() => hasFocus(term));
  expect(await window.count()).toBe(0);
});
