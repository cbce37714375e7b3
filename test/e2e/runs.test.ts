// What one does with kept runs in the built page: the drawer, forks, bundles and weights.
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { parseSafetensors } from '../helpers/safetensors.ts';
import { alert, curveOf, FEW, keepTo, restingStep, saved, stored } from './kept_page.ts';
import { picture, settled, stepOf, transport, until, violations, visitSite } from './site.ts';

const site = visitSite();

test('the drawer: rename, pin, delete and undo, what differs, lines on the charts', async () => {
  const context = await site.newContext();
  const page = await site.open(FEW, { context });
  await keepTo(page, 3);
  await page.locator('.transport').getByRole('button', { name: 'Reset' }).click();
  await transport(page, 'Start').waitFor();
  await page
    .getByRole('region', { name: 'Arm IB' })
    .getByRole('textbox', { name: 'α' })
    .fill('0.3');
  await keepTo(page, 2);
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Kept runs' });
  const rows = drawer.locator('.run');
  expect(await rows.count()).toBe(2);
  expect(await rows.first().locator('.run-label').innerText()).toContain('ib alpha 0.5 → 0.3');

  const name = rows.nth(1).getByRole('textbox');
  await name.fill('my first');
  await name.press('Enter');
  await rows.nth(1).getByRole('checkbox').click();
  await until(() => rows.nth(1).getByRole('checkbox').isChecked());
  await rows.nth(1).getByRole('button', { name: 'Pin my first' }).click();
  // Pinned runs come first.
  await until(async () => (await rows.first().getByRole('textbox').inputValue()) === 'my first');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'storage-runs');
  await drawer.getByRole('switch').click();
  expect(await drawer.getByRole('columnheader').allInnerTexts()).toEqual(['Run', 'ib alpha']);
  await picture(page, 'storage-differs');
  await drawer.getByRole('switch').click();

  await drawer.getByRole('button', { name: 'More for the run my first' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await drawer.getByText('“my first” is deleted.').waitFor();
  await drawer.getByRole('button', { name: 'Undo' }).click();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
  await page.locator('.recorded-keys').getByText('my first').waitFor();
  expect(await page.locator('[data-metric=entropy] [class*=curve-REC] path').count()).toBe(3);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'storage-overlay');
  const { runs } = await stored(page);
  expect(runs.map((run) => run.name)).toContain('my first');
});

test('a fork goes on beside its source from the step where it began', async () => {
  const context = await site.newContext();
  const page = await site.open(FEW, { context });
  await keepTo(page, 4);
  await page.getByRole('button', { name: 'More for no regularizer' }).click();
  await page.getByRole('menuitem', { name: /^Fork/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Fork an arm' });
  await dialog.waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'storage-fork');
  const button = dialog.getByRole('button', { name: /^Fork from step/ });
  const at = Number(/\d+$/.exec(await button.innerText())?.[0]);
  await button.click();
  await page.getByRole('region', { name: `Arm no regularizer, forked at ${at}` }).waitFor();
  await transport(page, 'Continue').waitFor();
  await keepTo(page, at + 3);
  const source = await curveOf(page, 'none');
  const fork = await curveOf(page, 'none_2');
  const numbers = fork.map((line) => Number(line.split(':')[0]));
  // With the same method it measures what its source measures, from its first step on.
  const common = numbers.filter((step) => step >= at && step < source.length);
  expect(common.map((step) => fork[step])).toEqual(common.map((step) => source[step]));
  expect(fork.filter((line) => /: .+/.test(line)).length).toBeGreaterThanOrEqual(3);
  await picture(page, 'storage-forked');
});

test('out and in: a bundle opens again and goes on; the zip is a Hugging Face folder', async () => {
  const page = await site.open(FEW);
  await keepTo(page, 3);
  const at = await stepOf(page);
  const curve = await curveOf(page, 'naive');
  const openDialog = async () => {
    await page.getByRole('button', { name: 'File', exact: true }).click();
    await page.getByRole('menuitem', { name: /^Save a bundle or weights/ }).click();
    await page.getByRole('dialog', { name: 'Save a bundle or weights' }).waitFor();
  };
  await openDialog();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'storage-save');
  await page.getByRole('checkbox', { name: /^with the weights/ }).click();
  const [bundleName, bundle] = await saved(page, () =>
    page.getByRole('button', { name: 'Save bundle' }).click(),
  );
  expect(bundleName).toMatch(/^[a-z]+-[a-z]+\.entroscope\.json$/);

  await openDialog();
  const [zipName, zip] = await saved(page, () =>
    page.getByRole('button', { name: 'Save weights' }).click(),
  );
  // The first run may be one step ahead of the others.
  expect(zipName).toMatch(new RegExp(`-none-seed-0-step-(${at}|${at + 1})\\.zip$`));
  const folder = Object.entries(unzipSync(zip));
  const files = new Map(folder.map(([name, bytes]) => [name.split('/')[1], bytes]));
  expect([...files.keys()].sort()).toEqual([
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const config = JSON.parse(strFromU8(files.get('config.json')!));
  const tensors = parseSafetensors(Buffer.from(files.get('model.safetensors')!));
  const shape = (name: string) => tensors.get(name)?.shape;
  expect(tensors.size).toBe(3 + 9 * config.num_hidden_layers);
  expect(shape('model.embed_tokens.weight')).toEqual([config.vocab_size, config.hidden_size]);
  expect(shape('model.layers.1.mlp.down_proj.weight')).toEqual([
    config.hidden_size,
    config.intermediate_size,
  ]);

  // Another browser, another machine.
  const other = await site.open(FEW);
  await other.getByText('in all').waitFor();
  const give = (name: string, buffer: Buffer) =>
    other
      .locator('input[type=file]')
      .setInputFiles([{ name, mimeType: 'application/json', buffer }]);
  await give('bad.entroscope.json', Buffer.from('{"format":"entroscope-bundle","version":9}'));
  await alert(other, 'bundle.version').waitFor();
  await give(bundleName, bundle);
  await alert(other, 'A recording, not a live run').waitFor();
  expect(await curveOf(other, 'naive')).toEqual(curve);
  await other.getByRole('button', { name: 'Runs', exact: true }).click();
  await other.getByRole('button', { name: /^More for the run/ }).click();
  await other.getByRole('menuitem', { name: /^Continue/ }).click();
  expect(await restingStep(other)).toBe(at);
  await keepTo(other, at + 2);
});

test('pictures: the drawer on a narrow, a dark and a wide screen', async () => {
  const page = await site.open(`${FEW}#ms=150`, { isScripted: true });
  const drawer = page.getByRole('dialog', { name: 'Kept runs' });
  const looks = [
    ['360', { width: 360, height: 740 }, 'dark'],
    ['1280-dark', { width: 1280, height: 900 }, 'dark'],
    ['1920', { width: 1920, height: 1080 }, 'light'],
  ] as const;
  const shown = async (name: string, check?: () => Promise<void>) => {
    await page.getByRole('button', { name: 'Runs', exact: true }).click();
    await drawer.waitFor();
    for (const [look, size, colorScheme] of looks) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await settled(page);
      await check?.();
      await picture(page, `storage-${name}-${look}`);
    }
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
  };
  await shown('empty', () => drawer.getByText('No run is kept yet.').waitFor());
  await keepTo(page, 5);
  await shown('runs', async () => {
    await drawer.locator('.run').waitFor();
    expect(await violations(page, '[role=dialog]')).toEqual([]);
    expect(await drawer.evaluate((node) => node.scrollWidth - node.clientWidth)).toBe(0);
  });
});
