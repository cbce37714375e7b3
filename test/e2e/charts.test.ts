// Charts, verdicts and projector mode, used as a person would. What they draw is a scripted engine's.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { harnessFolder } from './serve.ts';
import { picture, SMALL, trainTo, violations, visitSite } from './site.ts';

const site = visitSite(harnessFolder);
/** Slow enough to be paused between two steps. */
const AT_LEISURE = '#ms=150';

const chart = (page: Page, id: string) => page.locator(`[data-metric=${id}]`);

async function choose(page: Page, id: string, item: string): Promise<void> {
  await chart(page, id).getByRole('button', { name: 'Options of' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function saved(page: Page, id: string, item: string): Promise<Buffer> {
  const waiting = page.waitForEvent('download');
  await choose(page, id, item);
  return readFileSync(await (await waiting).path());
}

test('views, zoom, pictures, verdicts, and a link that keeps the view', async () => {
  const page = await site.open(SMALL.replace('seeds=0', 'seeds=0,1') + AT_LEISURE);
  // Before the first step each panel says once until when it is empty, and keeps the room that it will take.
  const strip = page.locator('.verdict');
  expect((await strip.innerText()).match(/not measured|from the first step on/g)).toHaveLength(1);
  const height = async () => (await strip.boundingBox())?.height;
  const empty = await height();
  await trainTo(page, 5);
  expect(await height()).toBe(empty);

  // Verdicts: three pairs by four metrics, each with words.
  const rows = page.locator('.verdict tbody tr');
  expect(await rows.count()).toBe(3);
  await expect.poll(() => page.locator('.verdict [data-outcome=none]').count()).toBe(0);
  expect(await strip.getByText('from the first step on').count()).toBe(0);
  const verdicts = await page.locator('.verdict').innerText();
  expect(verdicts).not.toMatch(/significant/i);
  expect(verdicts).toMatch(/not yet distinguishable|higher|lower/);

  // Another x-axis, smoothing that says its window, a line for each seed.
  const bar = page.getByRole('region', { name: 'View of the curves' });
  await bar.getByText('tokens', { exact: true }).click();
  await bar.getByText('each seed').click();
  await bar.getByRole('combobox', { name: 'Smoothing' }).click();
  await page.getByRole('option', { name: 'smoothed, 5 steps' }).click();
  await page.getByText('Each seed smoothed over 5 steps.').waitFor();
  await expect.poll(() => chart(page, 'entropy').locator('.curve-ib path').count()).toBe(2);

  await choose(page, 'entropy', 'Log scale');
  await chart(page, 'entropy').getByText('log', { exact: true }).waitFor();
  await choose(page, 'reward', 'Hide');
  expect(await chart(page, 'reward').count()).toBe(0);
  await choose(page, 'p_eos', 'Show large');
  await page.locator('.charts-large [data-metric=p_eos]').waitFor();

  // Zoom by keyboard and by mouse, in all charts at once.
  const plot = chart(page, 'entropy').getByRole('slider');
  const all = bar.getByRole('button', { name: 'Show all' });
  await plot.focus();
  await page.keyboard.press('+');
  await all.waitFor();
  await page.keyboard.press('0');
  await all.waitFor({ state: 'hidden' });
  await plot.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const box = await plot.boundingBox();
  if (!box) throw new Error('the plot has no box');
  await page.mouse.move(box.x + 80, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await all.click();
  await all.waitFor({ state: 'hidden' });

  // Words instead of the picture.
  const words = await chart(page, 'entropy').locator('figcaption').textContent();
  expect(words).toMatch(/^entropy, in nats\. no regularizer: from [\d.]+ at step 1 to /);

  // Pictures and values.
  const svg = (await saved(page, 'entropy', 'Save as SVG')).toString();
  expect(svg).toMatch(/^<svg xmlns/);
  expect(svg).toContain('naive entropy');
  expect(svg).toMatch(/4 prompts × 4 responses/);
  const png = await saved(page, 'entropy', 'Save as PNG');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(1920);
  const csv = (await saved(page, 'entropy', 'Save values as CSV')).toString().split('\n');
  expect(csv[0]).toBe('arm,seed,step,tokens,seconds,entropy');
  expect(csv.length).toBeGreaterThan(30);

  await picture(page, 'charts-1280', true);
  expect(await violations(page)).toEqual([]);

  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect.poll(() => page.url()).toContain('view.by=tokens');
  expect(page.url()).toContain('view.log=entropy');
  await page.reload();
  await page.locator('.charts-large [data-metric=p_eos]').waitFor();
  expect(await chart(page, 'reward').count()).toBe(0);
  expect(await page.getByText('Parts of the address have no effect').count()).toBe(0);
});

test('one seed says nothing of chance; projector mode comes and goes with p', async () => {
  const page = await site.open(SMALL + AT_LEISURE, {
    viewport: { width: 1024, height: 768 },
  });
  await trainTo(page, 3);
  const verdicts = page.locator('.verdict');
  await expect.poll(() => verdicts.locator('td').first().innerText()).toMatch(/\d/);
  // Once, not in every cell.
  expect((await verdicts.innerText()).match(/said about chance/g)).toHaveLength(1);

  await page.locator('h1').click();
  await page.keyboard.press('p');
  const projector = page.locator('.projector');
  await projector.waitFor();
  expect(await page.locator('.header').isVisible()).toBe(false);
  expect(await page.getByRole('complementary', { name: 'Settings' }).count()).toBe(0);
  expect(await projector.locator('figure').count()).toBe(3);
  const ends = chart(page, 'entropy').locator('.line-ends span');
  await expect.poll(() => ends.allInnerTexts()).toEqual(['no regularizer', 'naive entropy', 'IB']);
  const fits = () =>
    page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return scrollWidth <= innerWidth && scrollHeight <= innerHeight;
    });
  expect(await fits()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'projector-1024');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await expect.poll(fits).toBe(true);
  await picture(page, 'projector-1920');

  // The transport works here, too; the keys lead back.
  await page.keyboard.press('Space');
  await projector.getByRole('button', { name: 'Pause' }).waitFor();
  await page.keyboard.press('Space');
  await projector.getByRole('button', { name: 'Continue' }).waitFor();
  await page.keyboard.press('p');
  await projector.waitFor({ state: 'hidden' });
  await page.locator('.header').waitFor();

  const dark = await site.open(`${SMALL}&projector`, { colorScheme: 'dark' });
  await dark.locator('.projector').waitFor();
  expect(await violations(dark)).toEqual([]);
  await dark.getByRole('button', { name: 'Leave (p)' }).click();
  await dark.locator('.header').waitFor();
});
