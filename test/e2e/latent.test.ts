// Latent positions on the page, in the preset that is about them: bars instead of tokens, and what the microscope and slow
// motion say of a position at which no token was drawn.
import { expect, test } from 'vitest';
import { picture, trainTo, transport, until, violations, visitSite } from './site.ts';

const QUERY =
  '?preset=think-in-mixtures&trainer.prompts=4&trainer.group_size=4&trainer.eval_prompts=4&trainer.eval_every=2&seeds=0';
const NAME = /^latent, a mixture of (<1|\d+) % “/;

const site = visitSite();

test('a response begins with four bars in words, and each opens a microscope that draws no token', async () => {
  const page = await site.open(QUERY);
  await trainTo(page, 1);
  const responses = page.getByRole('region', { name: 'Responses of LEPO', exact: true });
  const latent = responses.locator('button.token-latent');
  await latent.first().waitFor();
  const first = responses.locator('.response').first();
  const count = await first.locator('button.token-latent').count();
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(4);
  expect(await first.locator('button.token').first().getAttribute('aria-label')).toMatch(NAME);
  expect(await first.locator('.response-why').innerText()).toMatch(
    /\d latent positions? and \d+ token/,
  );
  const tokens = page.getByRole('region', { name: 'Responses of GRPO, tokens alone' });
  expect(await tokens.locator('.token-latent').count()).toBe(0);
  await page
    .getByRole('figure', { name: /pass@8/ })
    .or(page.getByText('pass@8 (held-out)'))
    .first()
    .waitFor();
  await page.getByText('entropy of mixtures').first().waitFor();
  await responses.scrollIntoViewIfNeeded();
  await picture(page, 'latent-responses');
  expect(await violations(page, '.responses')).toEqual([]);

  await latent.first().click();
  const dialog = page.getByRole('dialog', { name: 'Microscope' });
  await dialog.getByText(/no token was drawn/).waitFor({ timeout: 60_000 });
  await dialog.getByText(/^latent position 1 of/).waitFor();
  await dialog.getByRole('columnheader', { name: 'share in the mixture' }).waitFor();
  expect(await dialog.locator('.scope-taken').count()).toBe(0);
  expect(await dialog.locator('.scope-facts').innerText()).toContain('entropy of the mixture');
  await picture(page, 'latent-microscope');
  expect(await violations(page, '[role=dialog]')).toEqual([]);
  // On to the tokens: those were drawn.
  await page.keyboard.press('End');
  await dialog.getByText(/^token \d+ of/).waitFor();
  await until(async () => (await dialog.locator('.scope-taken').count()) > 0);
});

test('slow motion shows mixtures as such and the verifier’s part alone', async () => {
  const page = await site.open(QUERY, { viewport: { width: 1280, height: 800 } });
  await page.getByText('in all').waitFor({ timeout: 60_000 });
  await transport(page, 'Slow motion').click();
  const dialog = page.getByRole('dialog', { name: /^Slow motion/ });
  await dialog
    .getByRole('heading', { name: 'One prompt, several answers' })
    .waitFor({ timeout: 90_000 });
  await dialog.getByRole('button', { name: 'Weigh' }).click();
  const arm = dialog.getByRole('region', { name: 'LEPO', exact: true });
  const latent = arm.locator('button.token-latent');
  expect(await latent.first().getAttribute('aria-label')).toMatch(NAME);
  await latent.first().hover();
  await dialog.getByText(/latent, a mixture of .*for its log-probability/).waitFor();
  await picture(page, 'latent-slow-weigh');
  await dialog.getByRole('button', { name: 'Update' }).click();
  await latent.first().hover();
  await dialog.getByText(/mean log-probability of what was mixed/).waitFor();
  expect(await violations(page, '[role=dialog]')).toEqual([]);
});
