// A step's profile in the built page with the real engine, by keyboard, narrow and wide, dark and light; and which kernels
// are chosen.
import { expect, test } from 'vitest';
import { picture, SMALL, settled, transport, until, violations, visitSite } from './site.ts';

const site = visitSite();

test('profiles a step: kernels sorted, shares of the whole, and training refuses to be timed with it', async () => {
  const page = await site.open(`${SMALL}&tiles=alone`, {
    colorScheme: 'dark',
    viewport: { width: 360, height: 740 },
  });
  await transport(page, 'Start').waitFor();
  await page.getByRole('button', { name: 'Check the engine on this adapter' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: /^Trust/ });
  await dialog.getByText(/comparisons agree/).waitFor();
  const profile = dialog.getByRole('region', { name: 'Profile' });
  await profile.getByRole('button', { name: 'Profile a step' }).press('Enter');
  const rows = profile.locator('tbody tr');
  await rows.first().waitFor();
  const cells = await rows.evaluateAll((list) =>
    list.map((row) => [...row.children].map((cell) => cell.textContent?.trim() ?? '')),
  );
  expect(cells.length).toBeGreaterThan(20);
  const names = cells.map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining(['qkv', 'attention', 'policy_loss', 'adamw']));
  expect(cells.filter((row) => row.includes('not counted'))).toEqual([]);
  // The address forced a family, and it is what ran.
  const loads = new Set(cells.map((row) => row[4]));
  expect(loads).toEqual(new Set(['separate', '']));
  await dialog.getByText('Forced by the address.').waitFor();
  const column = (i: number) => cells.map((row) => Number((row[i] ?? '').replace(' %', '')));
  const times = column(1).filter(Number.isFinite);
  expect(times.length).toBeGreaterThan(15);
  expect(times).toEqual([...times].sort((a, b) => b - a));
  const shares = column(2).filter(Number.isFinite);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(95);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(105);
  await profile.getByText(/GFLOP\/s in a loop of multiply-adds/).waitFor();
  await profile.getByText(/held now \([+−]\d+\.\d %\)/).waitFor();

  // The table scrolls by itself, by keyboard; nothing is wider than the page.
  const frame = profile.getByRole('region', { name: 'Kernels of a step' });
  await frame.focus();
  await page.keyboard.press('ArrowRight');
  await until(() => frame.evaluate((node) => node.scrollLeft > 0));
  expect(await page.evaluate(() => document.body.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await profile.scrollIntoViewIfNeeded();
  await settled(page);
  await picture(page, 'profile-360-dark');
  expect(await violations(page, '[role=dialog]')).toEqual([]);

  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await settled(page);
  await picture(page, 'profile-1280-light');
  expect(await violations(page, '[role=dialog]')).toEqual([]);

  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await transport(page, 'Start').click();
  await transport(page, 'Pause').waitFor();
  await page.getByRole('button', { name: 'Check the engine on this adapter' }).press('Enter');
  await profile.getByText('Pause training first').waitFor();
  expect(await profile.getByRole('button', { name: 'Profile a step' }).isDisabled()).toBe(true);
  // What was measured before stays.
  expect(await rows.count()).toBeGreaterThan(20);
});

test('says how it timed and what is not there where the adapter has no timestamps', async () => {
  const page = await site.open('#software', { isScripted: true });
  await page.getByText('in all').waitFor();
  await page.getByRole('button', { name: 'Check the engine on this adapter' }).click();
  const profile = page.getByRole('region', { name: 'Profile' });
  await profile.getByRole('button', { name: 'Profile a step' }).click();
  await profile.getByText('Timed by waiting for repetitions').waitFor();
  await profile.getByText('Falls back: timestamp-query').waitFor();
  const cells = profile.locator('tbody tr').last().locator('td');
  expect(await cells.nth(0).innerText()).toBe('–');
  await profile.getByText('not counted').waitFor();
  const chosen = page.getByRole('region', { name: 'Chosen kernels' });
  await chosen.getByText('1.8 ms against 3.9 ms for the same work; measured 2 days ago').waitFor();
  await chosen.getByText('many tokens in one launch').waitFor();
  await chosen.getByRole('button', { name: 'Measure again' }).press('Enter');
  await chosen.getByText('measured just now').waitFor();
  await settled(page);
  await picture(page, 'choice-1280');
  // Kept in this browser, and told to the engine at the next visit.
  const kept = await page.evaluate(() => localStorage.getItem('entroscope.tiles'));
  expect(JSON.parse(kept ?? '[]')).toMatchObject([{ tile: 'quad', how: 'measured' }]);
  expect(await violations(page, '[role=dialog]')).toEqual([]);
});
