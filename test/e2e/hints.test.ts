// λ against −A on the built page, and the way out where a base knows no hints; then a setting swept from an arm's menu.
import { expect, test } from 'vitest';
import { picture, SMALL, trainTo, transport, until, violations, visitSite } from './site.ts';

const site = visitSite();

test('λ against −A is drawn while its run trains, and told in words; without hints the arm is refused', async () => {
  const preset = '&preset=is-lambda-minus-a&trainer.match_strength=false';
  const page = await site.open(SMALL + preset);
  await page.getByText('in all').waitFor();
  const plot = page.locator('[data-pairs=ibro]');
  await plot.scrollIntoViewIfNeeded();
  expect(await plot.innerText()).toContain('drawn while its run trains');
  await trainTo(page, 3);
  await plot.scrollIntoViewIfNeeded();
  await until(async () => (await plot.locator('circle').count()) > 20);
  expect(await plot.locator('figcaption').textContent()).toMatch(
    /^λ against −A of IBRO, seed 0, step \d+, over \d+ tokens: .*Mean λ/,
  );
  // Only the arm that has a λ has the plot, and its correlation a chart.
  expect(await page.locator('[data-pairs]').count()).toBe(1);
  const curve = page.locator('[data-metric=lambda_advantage_corr]');
  await curve.waitFor();
  await picture(page, 'hints-1280', true);
  expect(await violations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'hints-dark-1280', true);
  expect(await violations(page)).toEqual([]);

  await page.getByRole('button', { name: 'Task: chain sum' }).click();
  await page.getByRole('switch', { name: 'base that knows hints' }).press('Space');
  const arm = page.getByRole('region', { name: 'Arm IBRO' });
  await arm.getByText('this base has never seen one').waitFor();
});

test('a setting is swept from the menu of an arm', async () => {
  const page = await site.open(`${SMALL}&preset=naive-vs-ib`);
  await transport(page, 'Start').waitFor();
  await page.getByRole('button', { name: 'More for IB' }).click();
  await page.getByRole('menuitem', { name: /^Sweep a setting/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Sweep a setting' });
  await dialog.waitFor();
  const values = dialog.getByRole('textbox', { name: /^Values/ });
  await values.fill('0.1, 7');
  await dialog.getByText('Each must be a number from 0 to 1.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Make the arms' }).isDisabled()).toBe(true);
  expect(await violations(page, '[role=dialog]')).toEqual([]);
  await values.fill('0.1, 0.3, 0.5');
  await picture(page, 'sweep-1280');
  await dialog.getByRole('button', { name: 'Make 3 arms' }).click();
  for (const value of ['0.1', '0.3', '0.5']) {
    await page.getByRole('region', { name: `Arm IB, α ${value}` }).waitFor();
  }
  await page.getByRole('heading', { name: 'accuracy against α' }).waitFor();
  await trainTo(page, 2);
  const plot = page.locator('[data-sweep="ib_entropy.alpha"]');
  await plot.scrollIntoViewIfNeeded();
  await until(async () => (await plot.locator('circle').count()) === 3);
  expect(await plot.locator('figcaption').textContent()).toMatch(/at step \d+: at α 0\.1 /);
  await picture(page, 'sweep-drawn-1280', true);
});
