// One step in five phases, in the built page with the real engine: by mouse, by keyboard alone, while training runs, and
// where there is no live run.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture as pictureOf, transport, violations as violationsIn, visitSite } from './site.ts';

/** Small enough for a processor that stands in for a GPU. */
const SMALL =
  '?trainer.prompts=8&trainer.group_size=8&trainer.eval_prompts=4&trainer.eval_every=20&seeds=0';
const TITLES = [
  'One prompt, several answers',
  'Right or wrong',
  'Better or worse than the group',
  'What each arm pays every token',
  'What the step changed',
];

const site = visitSite();

async function openPage(options: BrowserContextOptions = {}, query = SMALL): Promise<Page> {
  const page = await site.open(query, { viewport: { width: 1280, height: 800 }, ...options });
  await page.getByText('in all').waitFor();
  return page;
}

const slow = (page: Page) => page.getByRole('dialog', { name: /^Slow motion/ });
const heading = (page: Page, phase: number) =>
  slow(page).getByRole('heading', { name: TITLES[phase] });
const picture = (page: Page, name: string) => pictureOf(page, `slow-${name}`);
const violations = (page: Page) => violationsIn(page, '[role=dialog]');

const numberOf = (text: string): number => Number(text.replace('−', '-').replace(/^[+×] ?/, ''));

test('by mouse, before the first step: five phases of the engine’s own numbers', async () => {
  const page = await openPage();
  await transport(page, 'Slow motion').click();
  await heading(page, 0).waitFor();
  const dialog = slow(page);
  await dialog.getByText('Slow motion: step 1, seed 0').waitFor();
  await dialog.getByText('All arms wrote these').waitFor();
  expect(await dialog.getByRole('toolbar').count()).toBe(8);
  await dialog.locator('button.token').nth(1).hover();
  await dialog.getByText(/in response 1: probability/).waitFor();
  expect(await violations(page)).toEqual([]);

  const phase = (name: string) => dialog.getByRole('button', { name });
  await phase('Verify').click();
  await heading(page, 1).waitFor();
  const rewards = await dialog.locator('.slow-reward b').allInnerTexts();
  const right = await dialog.locator('.slow-verified .mark-right').count();
  expect(rewards.map(Number).reduce((a, b) => a + b, 0)).toBe(right);
  // A group from which there is something to learn.
  expect(right).toBeGreaterThan(0);
  expect(right).toBeLessThan(8);
  expect(await violations(page)).toEqual([]);

  await phase('Advantage').click();
  await heading(page, 2).waitFor();
  const rows = await dialog
    .locator('.slow-bars tbody tr')
    .evaluateAll((found) =>
      found.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
    );
  const advantages = rows.map((row) => numberOf(row[3]));
  expect(rows.map((row) => row[1])).toEqual(rewards);
  expect(Math.abs(advantages.reduce((a, b) => a + b, 0))).toBeLessThan(0.01);
  const mean = right / 8;
  const deviation = Math.sqrt((8 * mean * (1 - mean)) / 7);
  advantages.forEach((A, i) => {
    expect(A).toBeCloseTo((Number(rewards[i]) - mean) / deviation, 2);
  });
  const formulas = await dialog.locator('.slow-tex').allInnerTexts();
  expect(formulas.join(' ')).toContain(mean.toFixed(3));
  expect(formulas.join(' ')).toContain(Math.max(...advantages).toFixed(3));
  expect(await violations(page)).toEqual([]);

  await phase('Weigh').click();
  await heading(page, 3).waitFor();
  const arm = (name: string) => dialog.getByRole('region', { name, exact: true });
  await arm('no regularizer').getByText('Nothing is paid for entropy.').waitFor();
  await arm('naive entropy').getByText('+0.200 per nat at every token').waitFor();
  await arm('IB').getByText('with the sign of the advantage').waitFor();
  // α A, the engine's, at a token of the first response that is shown.
  const shown = numberOf((await arm('IB').locator('.slow-place').first().innerText()).split(/\s/).at(-1) ?? ''); // biome-ignore format: one number
  const title = await arm('IB').locator('button.token').first().getAttribute('title');
  expect(numberOf(/entropy ([+−\d.]+) per nat/.exec(title ?? '')?.[1] ?? '')).toBeCloseTo(0.5 * shown, 2); // biome-ignore format: one number
  await picture(page, 'weigh-1280');
  await dialog.getByText('paid for the token', { exact: true }).click();
  await arm('no regularizer').getByText('with the sign of the advantage').waitFor();
  expect(await violations(page)).toEqual([]);

  await dialog.getByRole('button', { name: 'Next' }).click();
  await heading(page, 4).waitFor();
  for (const name of ['no regularizer', 'naive entropy', 'IB']) {
    const changes = await arm(name).locator('dd').allInnerTexts();
    expect(changes).toHaveLength(3);
    expect(changes.map(numberOf).every(Number.isFinite)).toBe(true);
  }
  const entropy = async (name: string) =>
    numberOf(await arm(name).locator('dd').nth(2).innerText());
  expect(await entropy('naive entropy')).toBeGreaterThan(await entropy('no regularizer'));
  await dialog.getByRole('button', { name: 'Show all 8 of each' }).click();
  expect(await dialog.getByRole('toolbar').count()).toBe(24);
  await picture(page, 'update-1280');
  expect(await violations(page)).toEqual([]);

  // A glossary word opens over it; Escape closes one window at a time.
  await dialog.getByRole('button', { name: 'gradient' }).click();
  await page.getByRole('dialog', { name: 'gradient' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'gradient' }).waitFor({ state: 'detached' });
  await heading(page, 4).waitFor();

  // The next step: the arms have parted, so whose responses are shown can be chosen.
  await dialog.getByRole('button', { name: 'Another step' }).click();
  await dialog.getByText('Slow motion: step 2, seed 0').waitFor();
  await heading(page, 0).waitFor();
  await dialog.getByRole('button', { name: 'Leave the slow motion' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await transport(page, 'Slow motion').evaluate((b) => b === document.activeElement)).toBe(true); // biome-ignore format: one line
  await page.getByText(/step\s*2\s*of 100/).waitFor();
});

test('by keyboard alone, on a phone, in the dark', async () => {
  const page = await openPage({ colorScheme: 'dark', viewport: { width: 360, height: 740 } });
  await page.keyboard.press('m');
  await heading(page, 0).waitFor();
  for (let i = 1; i <= 4; i++) {
    await page.keyboard.press('ArrowRight');
    await heading(page, i).waitFor();
    expect(await violations(page)).toEqual([]);
    await picture(page, `${i + 1}-360`);
    const frame = await slow(page).locator('.slow').evaluate((node) => node.scrollWidth - node.clientWidth); // biome-ignore format: one number
    expect(frame).toBeLessThanOrEqual(0);
  }
  await page.keyboard.press('ArrowRight');
  await heading(page, 4).waitFor();
  await page.keyboard.press('Home');
  await heading(page, 0).waitFor();
  const current = slow(page).locator('[aria-current=step]');
  expect(await current.innerText()).toContain('Sample');

  // Space plays: the next phase comes by itself; again, it pauses. Training is not started by it.
  await page.keyboard.press('Space');
  await slow(page).getByRole('button', { name: 'Pause' }).waitFor();
  await heading(page, 1).waitFor();
  await page.keyboard.press('Space');
  await slow(page).getByRole('button', { name: 'Play' }).waitFor();
  expect(await transport(page, 'Continue').count()).toBe(1);

  // Into the tokens: arrows walk there instead.
  await page.keyboard.press('Home');
  await heading(page, 0).waitFor();
  await slow(page).locator('button.token[tabindex="0"]').first().focus();
  await page.keyboard.press('ArrowRight');
  await heading(page, 0).waitFor();
  expect(await page.locator('button.token:focus').getAttribute('data-at')).toBe('1');
  await page.keyboard.press('Escape');
  await slow(page).waitFor({ state: 'detached' });
});

test('of several seeds the next step of the chosen one', async () => {
  const page = await openPage({}, SMALL.replace('seeds=0', 'seeds=0,3'));
  await transport(page, 'Slow motion').click();
  await heading(page, 0).waitFor({ timeout: 150_000 });
  const dialog = slow(page);
  await dialog.getByText('Slow motion: step 1, seed 0').waitFor();
  const prompt = await dialog.locator('code.prompt').first().innerText();
  await dialog.getByRole('combobox', { name: 'Seed of the next step' }).selectOption('seed 3');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'seeds-1280');
  await dialog.getByRole('button', { name: 'Another step' }).click();
  // The other seed's arms may still be at their first step.
  await dialog.getByText(/Slow motion: step [12], seed 3/).waitFor({ timeout: 150_000 });
  expect(await dialog.locator('code.prompt').first().innerText()).not.toBe(prompt);
  await page.setViewportSize({ width: 360, height: 740 });
  await picture(page, 'seeds-360');
});

test('in projector mode, while training runs, token by token', async () => {
  const page = await openPage({
    viewport: { width: 1920, height: 1080 },
    reducedMotion: 'no-preference',
  });
  await page.keyboard.press('p');
  await page.locator('.projector').getByRole('button', { name: 'Start' }).click();
  await page
    .locator('.projector')
    .getByText(/step\s*[1-9]\d*\s*of 100/)
    .waitFor();
  await page.keyboard.press('m');
  await heading(page, 0).waitFor();
  expect(await slow(page).locator('.slow-token[data-hidden=true]').count()).toBeGreaterThan(0);
  await expect.poll(() => slow(page).locator('.slow-token[data-hidden=true]').count()).toBe(0);
  await page.keyboard.press('End');
  await heading(page, 4).waitFor();
  await picture(page, 'projector-1920');
  const size = await heading(page, 4).evaluate((node) => getComputedStyle(node).fontSize);
  expect(Number.parseFloat(size)).toBeGreaterThan(36);
  // One window at a time: the projector stays, and training has gone on.
  await page.keyboard.press('Escape');
  await slow(page).waitFor({ state: 'detached' });
  await page.locator('.projector').getByRole('button', { name: 'Pause' }).waitFor();
});

test('says what it needs where there is no live run', async () => {
  const page = await openPage();
  await page.getByRole('button', { name: 'File' }).click();
  await page.getByRole('menuitem', { name: 'Open the recorded run' }).click();
  await page.getByText('A recording, not a live run').waitFor();
  await page.locator('body').click({ position: { x: 700, y: 780 } });
  await page.keyboard.press('m');
  await slow(page).getByText('A recording holds curves, not tokens').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'recording-1280');
  await slow(page).getByRole('button', { name: 'Close the recording' }).click();
  await heading(page, 0).waitFor();
});
