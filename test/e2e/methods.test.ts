// Cards of methods, the losses of two arms, and matched strengths, in a browser.
import { expect, test } from 'vitest';
import { picture, SMALL, settled, violations, visitSite } from './site.ts';

const site = visitSite();
const MATCHED =
  '?preset=matched-strength&trainer.prompts=4&trainer.group_size=4&trainer.eval_prompts=4&seeds=0';

test('a card: found by a search, with the arm’s numbers, where it acts, its source and its text', async () => {
  const page = await site.open(SMALL, { isScripted: true });
  await page.getByRole('heading', { name: 'Arms', exact: true }).waitFor();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'Methods' });
  const search = dialog.getByRole('textbox', { name: 'Search the methods' });
  // What the arms use is at hand before anything is searched for.
  await dialog.getByText('In this experiment:').waitFor();
  await search.fill('bottleneck');
  const found = dialog.getByRole('navigation', { name: 'Methods by stage' });
  await found.getByRole('button', { name: 'IB entropy' }).click();
  const card = dialog.getByRole('article', { name: 'IB entropy' });
  await card.getByText('With the numbers of IB:').waitFor();
  expect(await card.locator('dd').first().innerText()).toBe('0.5 1/nat');
  await card.locator('math').nth(1).waitFor();
  expect(await card.locator('math').nth(1).textContent()).toContain('0.5');
  expect(await card.locator('[aria-current=step]').innerText()).toMatch(/Regularizer\s*here/);
  const link = card.getByRole('link', { name: /Information Bottleneck/ });
  expect(await link.getAttribute('href')).toBe('https://arxiv.org/abs/2507.18391');
  await card.getByText('As published').waitFor();
  await card.getByText(/longer responses weigh more/).waitFor();
  await card.getByText(/For IB: what the kernel/).click();
  await card.getByText('fn ib_entropy(t: Token) -> Term').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'method-card-1280');
  await page.emulateMedia({ colorScheme: 'dark' });
  await settled(page);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'method-card-dark');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
});

test('two arms’ losses: what is the same and what is not, in words', async () => {
  const page = await site.open(SMALL, { isScripted: true });
  await page.getByRole('button', { name: 'Methods', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Methods' });
  await dialog.getByText('Compare two arms', { exact: true }).click();
  await dialog.getByRole('combobox', { name: 'First arm' }).click();
  await page.getByRole('option', { name: 'naive entropy' }).click();
  await dialog.getByRole('combobox', { name: 'Second arm' }).click();
  await page.getByRole('option', { name: 'IB' }).click();
  const stages = dialog.getByRole('region', { name: 'Stage by stage' });
  expect(await stages.getByText('= both').count()).toBe(2);
  await stages.getByText('only naive entropy').waitFor();
  await stages.getByText('only IB').waitFor();
  const loss = dialog.getByRole('region', { name: 'Loss of a token' });
  expect(await loss.locator('figcaption').allInnerTexts()).toEqual([
    'both',
    expect.stringContaining('only naive entropy'),
    expect.stringContaining('only IB'),
  ]);
  await loss.locator('math').nth(2).waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'methods-compare-1280');
  await page.setViewportSize({ width: 360, height: 740 });
  await picture(page, 'methods-compare-360');
  await stages.getByRole('button', { name: 'IB entropy' }).click();
  await dialog.getByRole('article', { name: 'IB entropy' }).waitFor();
  await picture(page, 'method-card-360');
  await dialog.getByRole('button', { name: 'All methods' }).click();
  await dialog.getByRole('textbox', { name: 'Search the methods' }).waitFor();
  await picture(page, 'methods-360');
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 1920, height: 1080 });
  await picture(page, 'methods-1920');
});

test('matched strengths: what applies stands at each regularizer, the raw value stays', async () => {
  const page = await site.open(MATCHED);
  const arm = page.getByRole('region', { name: 'Arm IB' });
  await arm.getByText(/α = \d\S* applies/).waitFor({ timeout: 200_000 });
  await arm.getByText(/0\.5 × the policy’s .* cosine .* 8 batches of the base/).waitFor();
  expect(await arm.getByRole('textbox', { name: 'α' }).inputValue()).toBe('0.6');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'matched-1280');
  await page.getByRole('switch', { name: 'match strengths' }).press('Space');
  await arm.getByText(/applies/).waitFor({ state: 'hidden' });
  expect(await page.getByRole('textbox', { name: 'share of the policy gradient' }).count()).toBe(0);
});

test('the entropy law: a line where nobody intervenes, the reason where somebody does', async () => {
  const page = await site.open(SMALL, { isScripted: true });
  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page.getByRole('menuitem', { name: /^Open the recorded run/ }).click();
  const chart = page.locator('figure[data-phase=entropy-accuracy]');
  const law = chart.getByRole('list', { name: /Fit of R/ });
  await law.getByText(/no regularizer: R = .* fitted on \d+ steps up to 20/).waitFor();
  await law.getByText(/At step 60 it says \S+, measured 0\.\d+/).waitFor();
  await law.getByText(/because entropy bonus intervenes/).waitFor();
  await chart.scrollIntoViewIfNeeded();
  expect(await violations(page, 'figure[data-phase=entropy-accuracy]')).toEqual([]);
  await picture(page, 'entropy-law-1280');
  await page.setViewportSize({ width: 360, height: 740 });
  await chart.scrollIntoViewIfNeeded();
  await picture(page, 'entropy-law-360');
});
