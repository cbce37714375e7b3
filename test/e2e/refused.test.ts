// What cannot run is refused on the page with the reason and what to change, at its control and beside Start; and goes
// once it has been changed. On the scripted engine: nothing of it reaches one.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, transport, violations, visitSite } from './site.ts';

const site = visitSite();

/** The message above the charts, and that Start does not start. */
async function isRefused(page: Page, message: RegExp): Promise<void> {
  const alert = page.locator('.mantine-Alert-root', { hasText: 'The settings cannot run' });
  await alert.getByText(message).waitFor();
  // And beside Start, which cannot be pressed.
  await page.locator('.transport, .transport ~ *').getByText(message).first().waitFor();
  expect(await transport(page, 'Start').isDisabled()).toBe(true);
}

async function runs(page: Page): Promise<void> {
  await transport(page, 'Start').click();
  await transport(page, 'Pause').waitFor();
  expect(await page.getByText(/cannot run/i).count()).toBe(0);
}

test('more latent positions than a response is long', async () => {
  const page = await site.open(
    '?preset=think-in-mixtures&chain_sum.max_response=12&arm.lepo.lepo.positions=16',
    { isScripted: true },
  );
  await isRefused(page, /lepo cannot run.* fewer than the 12 tokens/);
  const arm = page.getByRole('region', { name: 'Arm LEPO', exact: true });
  await arm.getByText(/Cannot run:.*lower them, or allow longer responses/).waitFor();
  await picture(page, 'refused-latent-1280');
  expect(await violations(page, '[aria-label="Arm LEPO"]')).toEqual([]);
  await arm.getByRole('textbox', { name: /^latent positions/ }).fill('4');
  await arm.getByRole('textbox', { name: /^latent positions/ }).press('Enter');
  await runs(page);
});

test('more prompts to score a response under than there are', async () => {
  const page = await site.open(
    '?preset=information-plane&trainer.eval_prompts=8&trainer.information_prompts=16',
    { isScripted: true },
  );
  await isRefused(page, /at most 8, got 16; lower it, or raise “held-out prompts”/);
  await page.getByRole('button', { name: 'More of the training loop' }).click();
  const field = page.getByRole('textbox', { name: /^prompts a response is scored under/ });
  await field.scrollIntoViewIfNeeded();
  await page.getByText(/Cannot run:.*at most 8, got 16/).waitFor();
  await picture(page, 'refused-prompts-1280');
  await field.fill('8');
  await field.press('Enter');
  await runs(page);
});
