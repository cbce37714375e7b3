// A base that is trained in the tab, with its progress, and what becomes of it after a reload.
import { expect, test } from 'vitest';
import { alert, curveOf, keepTo, restingStep } from './kept_page.ts';
import { picture, transport, until, visitSite } from './site.ts';

/** Three numbers to add: learned soon enough for a processor that stands in for a GPU. */
const EASY =
  '?base=train&chain_sum.min_operands=3&chain_sum.max_operands=3&chain_sum.max_response=12' +
  '&trainer.prompts=4&trainer.group_size=2&trainer.eval_prompts=16&trainer.eval_every=50&trainer.steps=20&seeds=0';

const site = visitSite();

test('train in this tab: the progress is told, the runs begin with it, a reload does not train it again', async () => {
  const context = await site.newContext();
  const page = await site.open(EASY, { context });
  const facts = page.locator('.transport');
  // Told every ten steps, after the kernels are compiled.
  await until(async () =>
    /training the base model: practice \d+ of 450/.test(await facts.innerText()),
  );
  await until(async () => /held-out accuracy 0\.[0-9]*[1-9]/.test(await facts.innerText()));
  await picture(page, 'warm-start-1280');
  await expect.poll(() => facts.innerText(), { timeout: 300_000, interval: 500 }).toMatch(/in all/);
  await keepTo(page, 1);
  const curve = await curveOf(page, 'ib', 'eval_accuracy');
  expect(curve[0]).toMatch(/^0: 0\.[0-9]*[1-9]/);
  const entropy = await curveOf(page, 'ib');
  await page.close();

  const next = await site.open(EASY, { context });
  // The page begins to train a base for its own settings; the kept run has its own.
  await alert(next, 'was cut off')
    .getByRole('button', { name: /^Continue / })
    .click();
  const step = await restingStep(next);
  expect(step).toBeGreaterThanOrEqual(1);
  await keepTo(next, step + 1);
  const after = await curveOf(next, 'ib');
  expect(after.slice(0, entropy.length)).toEqual(entropy);
  expect(await transport(next, 'Continue').count()).toBe(1);
});

test('a model without shipped weights: the page offers to train its base', async () => {
  const page = await site.open(`${EASY.replace('base=train', 'base=shipped')}&model=micro`);
  const failed = alert(page, 'there is no shipped base for chain_sum with the model micro');
  await failed.getByRole('button', { name: 'Train a base in this tab' }).click();
  await until(async () => /training the base/.test(await page.locator('.transport').innerText()));
  expect(await failed.count()).toBe(0);
  expect(await page.getByRole('combobox', { name: 'Base' }).inputValue()).toBe('train in this tab');
});
