// Another task on the built page: chosen by hand, trained, looked at, and left again.
import { expect, test } from 'vitest';
import {
  picture,
  SMALL,
  stepOf,
  trainTo,
  transport,
  until,
  violations,
  visitSite,
} from './site.ts';

const site = visitSite();

test('a user changes the task, starts, and sees what only this task measures', async () => {
  const page = await site.open(SMALL);
  await page.getByText('in all').waitFor();
  const own = page.locator('[data-metric=think_share]');
  expect(await own.count()).toBe(0);

  const task = page.getByRole('combobox', { name: 'Task', exact: true });
  await task.click();
  await page.getByRole('option', { name: 'guess or think' }).click();
  // The task's own setting stands among the controls, and the other task's are gone.
  await page.getByRole('button', { name: 'Task: guess or think' }).click();
  await page.getByRole('slider', { name: 'temptation p₀' }).waitFor();
  expect(await page.getByRole('slider', { name: 'fewest operands' }).count()).toBe(0);

  await until(async () => (await own.count()) === 1);
  // What the preset says of its own task is not said of another.
  await page.getByRole('heading', { name: 'Arms of your choice on guess or think' }).waitFor();
  await page.getByText('in all').waitFor();
  await trainTo(page, 4);
  expect(await stepOf(page)).toBeGreaterThanOrEqual(4);
  for (const metric of ['think_share', 'eval_hard_accuracy', 'entropy']) {
    const curve = page.locator(`[data-metric=${metric}] .curve-none path`).first();
    await curve.waitFor({ state: 'attached' });
    expect(await curve.getAttribute('d')).toMatch(/[\d.]+/);
  }

  // Prompts and answers are the new task's.
  expect(await page.locator('.prompt').first().innerText()).toMatch(/^\d{4,7}_{1,4}$/);
  const responses = page.getByRole('region', { name: 'Responses of no regularizer' });
  expect(await responses.locator('.token').first().innerText()).toMatch(/^[\d#$_]$/);
  await responses.locator('.token').first().click();
  await page.getByRole('dialog').getByText('Microscope').first().waitFor();
  await page.keyboard.press('Escape');
  await picture(page, 'task-guess-or-think-1280', true);
  expect(await violations(page)).toEqual([]);

  // The link brings the task back.
  await page.getByRole('button', { name: 'Copy link' }).click();
  await until(async () => page.url().includes('task=guess_or_think'));
  await page.reload();
  await until(async () => (await task.count()) === 1);
  expect(await task.inputValue()).toBe('guess or think');
  await transport(page, 'Start').waitFor();
});
