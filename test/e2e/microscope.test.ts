// Tokens under the microscope, views over all tokens, the fixed prompts and the trust panel, in the built page with the
// real engine: by mouse and by keyboard alone.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, SMALL, transport, until, violations, visitSite } from './site.ts';

const site = visitSite();

/** Two steps of every run, then pause: an evaluation has been kept and responses stand still. */
async function train(page: Page): Promise<void> {
  await transport(page, 'Start').click();
  await until(async () => (await page.locator('.heat-mark').count()) === 3);
  await until(async () => {
    const text = await page.locator('.scrubber-step').innerText();
    return Number(/\d+/.exec(text)?.[0]) >= 2;
  });
  await transport(page, 'Pause').click();
  await transport(page, 'Continue').waitFor();
}

const scope = (page: Page) => page.getByRole('dialog', { name: 'Microscope' });

const tokensOf = (page: Page, arm: string) =>
  page.getByRole('region', { name: `Responses of ${arm}` }).locator('button.token');

test('a token by click: distribution, pushes that oppose each other, what if', async () => {
  const page = await site.open();
  await train(page);
  await tokensOf(page, 'IB').nth(2).scrollIntoViewIfNeeded();
  const before = await page.locator('.main').boundingBox();
  await tokensOf(page, 'IB').nth(2).click();
  const dialog = scope(page);
  await dialog.getByRole('heading', { name: 'Distribution and push on each logit' }).waitFor();
  expect(await page.locator('.main').boundingBox()).toEqual(before);

  const slider = dialog.getByRole('slider', { name: 'What if the advantage were' });
  const verdict = dialog.getByRole('region', { name: 'Push on the entropy' });
  // A press can meet the slider while an answer of the engine redraws it: pressed until it is heard.
  await until(async () => {
    await slider.press('Home');
    return verdict.getByText('naive pushes up, IB pushes down').isVisible();
  });
  await verdict.getByText('opposite').waitFor();
  await picture(page, 'microscope-1280');
  expect(await violations(page)).toEqual([]);

  await slider.press('End');
  await verdict.getByText('naive and IB push up').waitFor();
  await dialog.getByRole('button', { name: /^Back to its own/ }).click();

  // Pushes of a term over the whole vocabulary cancel, as gradients of a softmax must.
  const cells = await dialog
    .locator('.scope-table')
    .first()
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...row.querySelectorAll('.push span')].map((cell) =>
          Number((cell.textContent ?? '').replaceAll('−', '-').replace('+', '')),
        ),
      ),
    );
  expect(cells.length).toBe(9);
  for (let column = 0; column < 3; column++) {
    const sum = cells.reduce((total, row) => total + row[column], 0);
    const size = Math.max(...cells.map((row) => Math.abs(row[column])));
    expect(Math.abs(sum)).toBeLessThanOrEqual(0.006 + 0.02 * size);
  }
  expect(await dialog.locator('math').count()).toBeGreaterThanOrEqual(9);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('by keyboard alone: Enter opens, arrows walk, Escape goes back to the token', async () => {
  const page = await site.open(SMALL, {
    colorScheme: 'dark',
    viewport: { width: 360, height: 740 },
  });
  await train(page);
  const first = tokensOf(page, 'naive entropy').first();
  await first.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const dialog = scope(page);
  await dialog.getByText(/token 3 of/).waitFor();
  await dialog.getByText('Distribution and push on each logit').waitFor();
  const pressed = dialog.locator('.scope-token[aria-pressed=true]');
  await until(() => pressed.evaluate((token) => token === document.activeElement));
  await page.keyboard.press('ArrowLeft');
  await dialog.getByText(/token 2 of/).waitFor();
  await page.keyboard.press('End');
  expect(await dialog.evaluate((node) => node.scrollWidth - node.clientWidth)).toBeLessThanOrEqual(
    0,
  );
  await picture(page, 'microscope-360');
  expect(await violations(page, '[role=dialog]')).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const focused = page.locator('button.token:focus');
  expect(await focused.getAttribute('data-at')).toBe('2');
});

test('works while training runs', async () => {
  const page = await site.open();
  await transport(page, 'Start').click();
  await until(async () => (await tokensOf(page, 'IB').count()) > 0);
  await tokensOf(page, 'IB').first().click();
  await scope(page).getByText('numbers of the model after step').waitFor();
  await transport(page, 'Pause').waitFor();
});

test('tints, filter and order of all responses', async () => {
  const page = await site.open(SMALL, { viewport: { width: 1920, height: 1080 } });
  await train(page);
  const titles = () =>
    page
      .locator('.responses-arm button.token')
      .evaluateAll((tokens) => tokens.map((token) => token.getAttribute('title') ?? ''));
  const tint = page.getByRole('combobox', { name: 'Tint tokens by' });
  for (const [label, pattern] of [
    ['advantage A', /advantage A −?\d/],
    ['A × H', /A × H −?\d/],
    ['P(end)', /P\(end\) \d/],
    ['pay for the token', /pay for the token −?\d/],
    ['pay for entropy', /pay for entropy −?\d/],
  ] as const) {
    await tint.click();
    await page.getByRole('option', { name: label, exact: true }).click();
    await until(async () => (await titles()).every((title) => pattern.test(title)));
  }
  // What naive pays is its coefficient, everywhere; computed by the engine.
  const naive = page.getByRole('region', { name: 'Responses of naive entropy' });
  const pays = await naive
    .locator('button.token')
    .evaluateAll((tokens) =>
      tokens.map((token) => /entropy (−?[\d.]+)/.exec(token.getAttribute('title') ?? '')?.[1]),
    );
  expect(new Set(pays)).toEqual(new Set(['0.200']));

  // What a token tells about the answer is known up to the model's own answer, and nothing is told after it.
  await tint.click();
  await page.getByRole('option', { name: 'tells the right answer' }).click();
  const gains = async () =>
    (await titles()).map((title) => /tells the right answer (−?[\d.]+)/.exec(title)?.[1]);
  await until(async () => (await gains()).some((gain) => gain !== undefined));
  expect((await gains()).some((gain) => gain?.startsWith('−'))).toBe(true);
  expect((await gains()).some((gain) => gain && !gain.startsWith('−'))).toBe(true);
  const answers = await page
    .locator('.responses-arm .tokens')
    .evaluateAll((lists) =>
      lists.map((list) => list.querySelector('.token:last-of-type')?.getAttribute('title') ?? ''),
    );
  expect(answers.some((title) => /answer −?\d/.test(title))).toBe(false);

  await page.getByRole('combobox', { name: 'Order' }).click();
  await page.getByRole('option', { name: 'longest first' }).click();
  const lengths = await naive
    .locator('.response')
    .evaluateAll((items) => items.map((item) => item.querySelectorAll('.token').length));
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  const shown = page.getByRole('radiogroup', { name: 'Responses shown' });
  await shown.getByText('wrong', { exact: true }).click();
  expect(await page.locator('.responses-arm:not(.probe) .mark-right').count()).toBe(0);
  await shown.getByText('all', { exact: true }).click();
  await page.locator('#responses-title').scrollIntoViewIfNeeded();
  await picture(page, 'tokens-1920');
  expect(await violations(page)).toEqual([]);
});

test('a fixed prompt through training: back to the base by keyboard, another position', async () => {
  const page = await site.open();
  await train(page);
  const slider = page.getByRole('slider', { name: 'Evaluation' });
  await slider.focus();
  await page.keyboard.press('Home');
  await until(async () => /after step 0/.test(await page.locator('.scrubber-step').innerText()));
  // At the base all arms answer the same.
  const answers = await page.locator('.probe-response .tokens').allInnerTexts();
  expect(new Set(answers).size).toBe(1);
  await page.locator('#scrubber-position').focus();
  await page.keyboard.press('Home');
  await page.getByRole('img', { name: /^IB: distribution at position 1;/ }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('img', { name: /^IB: distribution at position 2;/ }).waitFor();
  await page.locator('#scrubber-title').scrollIntoViewIfNeeded();
  await picture(page, 'scrubber-1280');
});

test('the trust panel: every comparison agrees, and the text of the loss is there', async () => {
  const page = await site.open(SMALL, { viewport: { width: 1920, height: 1080 } });
  await page.getByText('in all').waitFor();
  await page.getByRole('button', { name: 'Check the engine on this adapter' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: /^Trust/ });
  await dialog.getByText('All 15 comparisons agree').waitFor();
  await dialog.getByText('IB', { exact: true }).click();
  await until(async () => (await dialog.locator('pre').innerText()).includes('fn ib_entropy('));
  await picture(page, 'trust-1920');
  expect(await violations(page)).toEqual([]);
});
