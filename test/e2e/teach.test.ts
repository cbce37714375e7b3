// What the page offers a class: presets with commentary, locked links, no network, no WebGPU.
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { stored } from './kept_page.ts';
import { picture, SMALL, until, violations, visitSite } from './site.ts';

const site = visitSite();

test('presets stand in groups; the choice brings settings and commentary', async () => {
  const page = await site.open(SMALL, { isScripted: true });
  await page.getByRole('combobox', { name: 'Preset' }).click();
  await page.getByText('What does not', { exact: true }).waitFor();
  await picture(page, 'presets-1280');
  await page.getByRole('option', { name: 'Small coefficients change nothing' }).click();
  await page.getByRole('heading', { name: 'Small coefficients change nothing' }).waitFor();
  await page.getByText('What it does not show: that they are equal.').waitFor();
  const arm = page.getByRole('region', { name: 'Arm naive 0.03' });
  expect(await arm.getByRole('textbox', { name: 'α' }).inputValue()).toBe('0.03');
});

test('a teacher makes a link; a student sees what it leaves', async () => {
  const page = await site.open(`${SMALL}&arm.naive.entropy_bonus.alpha=0.3`, {
    isScripted: true,
  });
  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page.getByRole('menuitem', { name: /Link for a class/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: /^Arms/ }).uncheck();
  const href = await dialog.getByRole('textbox', { name: 'Address' }).inputValue();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'class-link-1280');
  await page.context().close();

  const student = await site.open(href.slice(href.indexOf('?')), { isScripted: true });
  await student.getByText('Some settings are set by your teacher.').waitFor();
  const arm = student.getByRole('region', { name: 'Arm naive entropy' });
  expect(await arm.getByRole('textbox', { name: 'α' }).inputValue()).toBe('0.3');
  expect(await arm.getByRole('switch').count()).toBe(0);
  for (const name of ['File', 'Add an arm']) {
    expect(await student.getByRole('button', { name, exact: true }).count()).toBe(0);
  }
  expect(await student.getByRole('textbox', { name: 'prompts per step' }).count()).toBe(0);
  expect(await violations(student)).toEqual([]);
  await picture(student, 'locked-1280');
});

test('every group of controls can be locked, and what is cut off can still be gone on with', async () => {
  const page = await site.open(SMALL, { isScripted: true });
  const places: Record<string, Locator> = {
    presets: page.getByRole('combobox', { name: 'Preset' }),
    arms: page.getByRole('button', { name: 'Add an arm' }),
    setup: page.getByRole('combobox', { name: 'Model' }),
    training: page.getByRole('textbox', { name: 'prompts per step' }),
    files: page.getByRole('button', { name: 'File', exact: true }),
    runs: page.getByRole('button', { name: 'Runs', exact: true }),
    forks: page.getByRole('menuitem', { name: /^Fork/ }),
    view: page.getByRole('region', { name: 'View of the curves' }),
    responses: page.getByRole('heading', { name: 'Responses to one prompt' }),
    slow: page.getByRole('button', { name: 'Slow motion' }),
    trust: page.getByRole('button', { name: 'Check the engine on this adapter' }),
    tour: page.locator('#tour-button'),
  };
  const drawer = page.getByRole('dialog', { name: 'Kept runs' });
  const openArm = () => page.getByRole('button', { name: 'More for IB' }).click();
  await page.getByText('in all').waitFor();
  await openArm();
  for (const [name, place] of Object.entries(places)) expect(await place.count(), name).toBe(1);
  await page.keyboard.press('Escape');
  await page.locator('h1').click();
  await page.keyboard.press('k');
  await drawer.waitFor();
  await page.keyboard.press('k');
  await drawer.waitFor({ state: 'hidden' });
  await page.locator('.transport').getByRole('button', { name: 'Step' }).click();
  await page.getByText(/step 1 of/).waitFor();
  await until(async () => (await stored(page)).checkpoints > 0);

  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page.getByRole('menuitem', { name: /Link for a class/ }).click();
  const dialog = page.getByRole('dialog');
  const boxes = dialog.getByRole('checkbox');
  await boxes.first().waitFor();
  for (const box of await boxes.all()) if (await box.isChecked()) await box.uncheck();
  await picture(page, 'class-link-all-1280');
  const href = await dialog.getByRole('textbox', { name: 'Address' }).inputValue();
  const locked = new URL(href).searchParams.get('locks')?.split(',') ?? [];
  expect(locked).toEqual(expect.arrayContaining(Object.keys(places)));
  await page.goto(href);
  await page.getByText('Some settings are set by your teacher.').waitFor();
  await page.locator('.mantine-Alert-root').filter({ hasText: 'was cut off' }).waitFor();
  for (const [name, place] of Object.entries(places)) expect(await place.count(), name).toBe(0);
  expect(await page.getByRole('button', { name: /^Options of/ }).count()).toBe(0);
  await page.locator('h1').click();
  await page.keyboard.press('k');
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.waitFor();
  expect(await keys.getByText(/kept runs|slow motion/).count()).toBe(0);
  await page.keyboard.press('Escape');
  expect(await drawer.count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'locked-all-1280');

  await page.goto(href.replace(/locks=[^&]*/, 'locks=forks'));
  await page.getByText('Some settings are set by your teacher.').waitFor();
  await openArm();
  await page.getByRole('menuitem', { name: 'Duplicate' }).waitFor();
  expect(await places.forks.count()).toBe(0);
});

test('a lock that is none is named', async () => {
  const page = await site.open('?locks=arms,everything', { isScripted: true });
  await page
    .getByRole('alert')
    .getByText(/locks: must be some of .* got "everything"/)
    .waitFor();
  await page.getByText('Some settings are set by your teacher.').waitFor();
});

test('without WebGPU: the recorded run, marked as one', async () => {
  const page = await site.open('', { script: 'delete Navigator.prototype.gpu' });
  await page.getByRole('button', { name: 'Look at a recorded run' }).click();
  await page.getByText('A recording, not a live run').waitFor();
  await page.locator('[data-metric=entropy] .curve-naive path').first().waitFor();
  expect(await page.getByRole('button', { name: 'Close the recording' }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'recording-1280');
});

test('the tour by keyboard: predict, run, compare; it can be left and resumed', async () => {
  const page = await site.open(`${SMALL}&trainer.steps=12`);
  await page.getByText('in all').waitFor();
  await page.getByRole('button', { name: 'Take the tour' }).focus();
  await page.keyboard.press('Enter');
  const card = page.locator('.tour');
  const at = (title: string) => card.getByRole('heading', { name: title }).waitFor();
  const next = async (title: string) => {
    await card.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
    await at(title);
  };
  await at('Five minutes on the live page');
  expect(await violations(page)).toEqual([]);
  await next('What a rollout is');
  await card.getByRole('button', { name: 'Let every arm take one step' }).focus();
  await page.keyboard.press('Enter');
  await card.getByText('A real one: prompt').waitFor();
  await next('What entropy is');
  await card.getByText('At the start this model has').waitFor();
  await next('What each arm is paid for');
  await card.locator('math').first().waitFor();
  await picture(page, 'tour-arms-1280');
  await next('Predict: accuracy');
  await next('Predict: entropy');
  await card.getByRole('radio', { name: 'naive entropy rises', exact: true }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  expect(
    await card.getByRole('radio', { name: 'naive entropy falls', exact: true }).isChecked(),
  ).toBe(true);
  await page.locator('[data-metric=entropy] .prediction-naive').waitFor();
  // Drawn for another arm.
  await card.getByRole('button', { name: 'IB', exact: true }).click();
  const pad = await card.locator('.tour-pad svg').boundingBox();
  if (!pad) throw new Error('no pad');
  await page.mouse.move(pad.x + 5, pad.y + 90);
  await page.mouse.down();
  await page.mouse.move(pad.x + pad.width / 2, pad.y + 20, { steps: 5 });
  await page.mouse.move(pad.x + pad.width - 5, pad.y + 90, { steps: 5 });
  await page.mouse.up();
  await page.locator('[data-metric=entropy] .prediction-ib').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'tour-predict-1280');

  await page.keyboard.press('Escape');
  await card.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('in all').waitFor();
  await page.getByRole('button', { name: 'Resume the tour' }).click();
  await at('Predict: entropy');
  await next('Predict: response length');
  await next('Run it');
  await card.getByRole('button', { name: 'Start' }).focus();
  await page.keyboard.press('Enter');
  await card.getByText('Step 12 of 12').waitFor({ timeout: 200_000 });
  await next('Compare');
  await card.getByText(/You said: falls. Measured: /).waitFor();
  await card.getByText(/You drew: rises, then falls. Measured: .* away on average/).waitFor();
  await page.locator('[data-metric=entropy] .prediction-naive').waitFor();
  await picture(page, 'tour-compare-1280');
  expect(await violations(page)).toEqual([]);
  await next('Why a naive bonus can end responses early');
  const ends = card.getByRole('row', { name: /naive entropy/ }).getByRole('cell');
  expect(Number(await ends.first().innerText())).toBeGreaterThan(0);
  await picture(page, 'tour-why-1280');
  await next('What it does not show');
  await card.getByRole('button', { name: 'Finish' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Take the tour' }).waitFor();
  expect(await page.locator('.prediction').count()).toBe(0);
});

test('a term opens its entry; the glossary is searched', async () => {
  const page = await site.open(SMALL, {
    isScripted: true,
    colorScheme: 'dark',
    viewport: { width: 360, height: 740 },
  });
  await page.locator('.caption .term').first().focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /arm|Glossary/ });
  await dialog.getByText('One side of the comparison').waitFor();
  await dialog.getByRole('button', { name: 'All terms' }).click();
  await page.getByRole('textbox', { name: 'Search the glossary' }).fill('pass@8');
  await dialog.getByRole('heading', { name: 'pass@8 (held-out)' }).waitFor();
  await dialog.locator('math').first().waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'glossary-360');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Take the tour' }).click();
  await page.getByRole('heading', { name: 'Five minutes on the live page' }).waitFor();
  for (let i = 0; i < 5; i++) await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Predict: entropy' }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate(() => document.body.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await picture(page, 'tour-360');
});
