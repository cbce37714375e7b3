// The built page with the real engine, used as a person would.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { picture, SMALL, stepOf, transport, until, violations, visitSite } from './site.ts';

const site = visitSite();

/** Points of an arm's entropy curve as it is drawn. */
function drawnPoints(page: Page, arm: string): Promise<number> {
  const curve = page.locator(`[data-metric=entropy] .curve-${arm} path`);
  return curve.evaluateAll((paths) =>
    paths.reduce((sum, p) => sum + (p.getAttribute('d') ?? '').split(/(?=[MLC])/).length, 0),
  );
}

test('starts, draws three arms, pauses, steps, takes a slider, survives its link', async () => {
  const page = await site.open();
  // Before anything is ready: the start is queued.
  await transport(page, 'Start').click();
  for (const arm of ['none', 'naive', 'ib']) {
    await until(async () => (await drawnPoints(page, arm)) > 3);
  }
  expect(page.workers()).toHaveLength(1);

  await page.locator('h1').click();
  await page.keyboard.press('Space');
  await transport(page, 'Continue').waitFor();
  const step = await stepOf(page);
  expect(step).toBeGreaterThan(3);
  expect(await page.locator('[role=status]').first().innerText()).toBe(`Paused at step ${step}.`);

  await page.keyboard.press('s');
  await until(async () => (await stepOf(page)) === step + 1);
  await transport(page, 'Continue').waitFor();
  for (const arm of ['no regularizer', 'naive entropy', 'IB']) {
    const responses = page.getByRole('region', { name: `Responses of ${arm}` });
    expect(await responses.locator('.token').count()).toBeGreaterThan(0);
  }

  const arm = page.getByRole('region', { name: 'Arm naive entropy' });
  await arm.getByRole('slider', { name: 'α' }).focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft');
  const alpha = await arm.getByRole('textbox', { name: 'α' }).inputValue();
  expect(Number(alpha)).toBeLessThan(0.2);
  expect(Number(alpha)).toBeGreaterThan(0.1);
  expect(await page.getByRole('button', { name: 'Restart with the changes' }).count()).toBe(0);

  await page.getByRole('textbox', { name: 'prompts per step' }).fill('3');
  await page.getByRole('button', { name: 'Restart with the changes' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  expect(await page.getByRole('textbox', { name: 'prompts per step' }).inputValue()).toBe('4');

  await picture(page, 'page-1280', true);
  expect(await violations(page)).toEqual([]);

  await page.getByRole('button', { name: 'Copy link' }).click();
  await until(async () => page.url().includes('arm.naive.entropy_bonus.alpha'));
  await page.reload();
  await until(async () => (await arm.getByRole('textbox', { name: 'α' }).count()) > 0);
  expect(await arm.getByRole('textbox', { name: 'α' }).inputValue()).toBe(alpha);
  expect(await page.getByRole('textbox', { name: 'prompts per step' }).inputValue()).toBe('4');
});

test('a first visit on a software adapter gets settings that fit it, and says so', async () => {
  const page = await site.open('');
  await until(async () => /in all/.test(await page.locator('.transport').innerText()));
  const line = await page.locator('.adapter').innerText();
  // On a real GPU there is nothing to propose.
  if (line.startsWith('Software')) expect(line).toContain('Settings were fitted to it.');
  // How long the first step takes is the machine's affair: it is told.
  const started = performance.now();
  await transport(page, 'Start').click();
  await until(async () => (await stepOf(page)) >= 1);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `first step of every arm ${seconds.toFixed(1)} s after Start; 5 s on an idle machine`,
  );
});

test('narrow and wide, light and dark', async () => {
  const narrow = await site.open(SMALL, {
    isScripted: true,
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  await narrow.getByText('right answer').or(narrow.getByText('in all')).first().waitFor();
  const overflow = await narrow.evaluate(() => document.body.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  expect(await violations(narrow)).toEqual([]);
  await picture(narrow, 'page-360', true);
  await narrow.getByRole('button', { name: 'Settings', exact: true }).click();
  await narrow.getByRole('dialog').waitFor();
  expect(await violations(narrow)).toEqual([]);
  await picture(narrow, 'settings-360');
  await narrow.context().close();

  const wide = await site.open(SMALL, {
    isScripted: true,
    viewport: { width: 1920, height: 1080 },
  });
  await wide.getByText('in all').waitFor();
  await picture(wide, 'page-1920');
  await wide.keyboard.press('?');
  await wide.getByRole('dialog').waitFor();
  expect(await violations(wide)).toEqual([]);
});

test('files: a recording is drawn and marked, a wrong one is refused', async () => {
  const page = await site.open(SMALL, { isScripted: true });
  await page.getByText('in all').waitFor();
  const file = (name: string, text: string) => ({
    name,
    mimeType: 'text/plain',
    buffer: Buffer.from(text),
  });
  const input = page.locator('input[type=file]');
  await input.setInputFiles([file('mine.json', '{ "seeds": [0, 0] }')]);
  const alert = page.getByRole('alert');
  await alert.getByText('seeds: must be a list of 1 to 12 different seeds').waitFor();

  const curves = ['arm,seed,step,entropy', 'a,0,1,0.5', 'a,0,2,0.7', 'a,1,1,0.6', 'a,1,2,0.6'];
  await input.setInputFiles([
    file('experiment.json', '{ "name": "Recorded", "arms": [{ "id": "a" }], "seeds": [0, 1] }'),
    file('curves.csv', curves.join('\n')),
  ]);
  await page.getByText('A recording, not a live run').waitFor();
  await page.getByRole('heading', { name: 'Recorded' }).waitFor();
  expect(await drawnPoints(page, 'a')).toBe(2);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Close the recording' }).click();
  await transport(page, 'Start').waitFor();
});

test('settings in the address that are out of range are named', async () => {
  const page = await site.open('?trainer.prompts=9999', { isScripted: true });
  await page
    .getByRole('alert')
    .getByText('trainer.prompts: must be a whole number from 1 to 512, got "9999"')
    .waitFor();
});

test('without WebGPU: what is missing and what to do', async () => {
  const page = await site.open('', {
    viewport: { width: 360, height: 740 },
    script: 'delete Navigator.prototype.gpu',
  });
  await page.getByText('What is missing is WebGPU').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'without-webgpu-360');
});
