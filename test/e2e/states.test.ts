// Every state and window of the page as axe, the keyboard and a screen reader meet it: light and dark, wide and narrow.
import path from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { root } from '../../src/cli/install.mjs';
import { harnessFolder } from './serve.ts';
import {
  picture,
  settled,
  stepOf,
  trainTo,
  transport,
  until,
  violations,
  visitSite,
} from './site.ts';

const site = visitSite(harnessFolder);

const SHORT = '?seeds=0,1&trainer.steps=30';

const looks: [string, BrowserContextOptions][] = [
  ['1280-dark', { colorScheme: 'dark' }],
  ['360-light', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
];

describe.each(looks)('%s', (look, options) => {
  const isNarrow = look.startsWith('360');

  /** Axe finds nothing, nothing is wider than the page, and there is a picture to look at. */
  async function pass(page: Page, name: string, within?: string): Promise<void> {
    await picture(page, `state-${name}-${look}`);
    expect(await violations(page, within), name).toEqual([]);
    const excess = await page.evaluate(() => document.body.scrollWidth - innerWidth);
    expect(excess, `${name}: wider than the page`).toBeLessThanOrEqual(0);
  }

  test('preparing, ready, running, paused, projector, finished', async () => {
    const page = await site.open(`${SHORT}#ms=150&wait=1500`, options);
    await page.getByText('compiling kernels').waitFor();
    await pass(page, 'preparing');
    await page.getByText('in all').waitFor();
    await pass(page, 'ready');
    await trainTo(page, 4);
    await pass(page, 'paused');
    await transport(page, 'Continue').click();
    await until(async () => (await stepOf(page)) >= 6);
    await pass(page, 'running');
    if (!isNarrow) {
      await page.getByRole('button', { name: 'Projector' }).click();
      await page.locator('.projector').waitFor();
      await pass(page, 'projector');
      await page.getByRole('button', { name: 'Leave (p)' }).click();
    }
    await transport(page, 'Finished').waitFor();
    await pass(page, 'finished');
  });

  test('a run that stopped, a session that failed, no WebGPU, a wrong address', async () => {
    const page = await site.open(`${SHORT}&trainer.prompts=9999#ms=40&run-fails=3&fail=9`, options);
    await page.getByRole('alert').getByText('must be a whole number').waitFor();
    await pass(page, 'refused');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('in all').waitFor();
    await transport(page, 'Start').click();
    await page.getByText('Training stopped').waitFor();
    await pass(page, 'failed');
    const without = await site.open('#no-webgpu', options);
    await without.getByText('What is missing is WebGPU').waitFor();
    await pass(without, 'no-webgpu');
  });

  test('drawers and dialogs', async () => {
    const page = await site.open(`${SHORT}#ms=150`, options);
    await page.getByText('in all').waitFor();
    await trainTo(page, 3);
    const opened = async (name: string, title: string | RegExp, open: () => Promise<void>) => {
      await open();
      const dialog = page.getByRole('dialog', { name: title });
      await dialog.waitFor();
      await settled(page);
      // What lies behind it is hidden from everybody, and has been looked at without it.
      await pass(page, name, '[role=dialog]');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
    };
    const press = (name: string | RegExp) => () =>
      page.getByRole('button', { name, exact: true }).first().click();
    const file = (item: RegExp) => async () => {
      await press('File')();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await opened('runs', 'Kept runs', press('Runs'));
    await opened('glossary', /Glossary/, press('Glossary'));
    await opened('class-link', /.*/, file(/^Link for a class/));
    await opened('save', 'Save a bundle or weights', file(/^Save a bundle or weights/));
    await opened('keys', 'Keys', () => page.keyboard.press('?'));
    await opened('microscope', 'Microscope', () =>
      page.locator('.responses button.token').first().click(),
    );
    if (isNarrow) {
      await opened('settings', 'Settings', press('Settings'));
    } else {
      await opened('fork', 'Fork an arm', async () => {
        await page.getByRole('button', { name: 'More for IB' }).click();
        await page.getByRole('menuitem', { name: /^Fork/ }).click();
      });
    }
    await press('Take the tour')();
    await page.locator('.tour').waitFor();
    await pass(page, 'tour');
  });
});

/** Writes down what the live region says. @returns what it has said so far */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.locator('.visually-hidden[aria-live]').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    const region = document.querySelector('.visually-hidden[aria-live]') as Element;
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return () => page.evaluate(() => (window as unknown as { said: string[] }).said);
}

test('read aloud: a run that stopped, a session that failed', async () => {
  const page = await site.open(`${SHORT}#ms=150&run-fails=3&fail=6`);
  const said = await listen(page);
  await page.getByText('in all').waitFor();
  await transport(page, 'Start').click();
  await page.getByText('Training stopped').waitFor();
  const [run, session, ...more] = (await said()).filter((words) => /stopped/i.test(words));
  expect(run).toMatch(/^no regularizer, seed 0 stopped at step 3\. loss: must be finite/);
  expect(session).toMatch(/^Stopped\. device: lost .* Resume goes on from the last checkpoint\.$/);
  expect(more).toEqual([]);
});

test('the microscope says why it has no number, and closes when a recording is opened', async () => {
  const page = await site.open(`${SHORT}#ms=150`);
  await page.getByText('in all').waitFor();
  await trainTo(page, 2);
  const token = page.locator('.responses button.token').first();
  const scope = page.getByRole('dialog', { name: 'Microscope' });
  await token.click();
  const why = 'The engine could not look at this token: the scripted engine has no model.';
  const note = scope.getByRole('alert');
  await note.getByText(why).waitFor();
  expect(await violations(page)).toEqual([]);
  // It asks again when it is told to, not by itself: what is read aloud stands still.
  await note.evaluate((element) => element.setAttribute('data-first', ''));
  await page.waitForTimeout(300);
  expect(await scope.locator('[data-first]').count()).toBe(1);
  await scope.getByRole('button', { name: 'Look again' }).click();
  await scope.locator('[data-first]').waitFor({ state: 'detached' });
  await note.getByText(why).waitFor();
  // Nothing opens behind it.
  await page.keyboard.press('k');
  expect(await page.getByRole('dialog', { name: 'Kept runs' }).count()).toBe(0);
  // Other curves come in: what was looked at is not on the page any more.
  const folder = path.join(root, 'public/recordings/naive-vs-ib');
  const files = ['experiment.json', 'curves.csv'].map((file) => path.join(folder, file));
  await page.locator('input[type=file]').setInputFiles(files);
  await page.getByText('A recording, not a live run').waitFor({ state: 'attached' });
  await scope.waitFor({ state: 'hidden' });
});

test('read aloud: ready, start, pause, finish; not every step', async () => {
  const page = await site.open(`${SHORT}&trainer.steps=60#ms=150`);
  const listened = await listen(page);
  await page.getByText('in all').waitFor();
  await trainTo(page, 4);
  const step = await stepOf(page);
  await transport(page, 'Continue').click();
  await transport(page, 'Finished').waitFor();
  const said = await listened();
  expect(said.filter((words) => words !== 'Ready to start.')).toEqual([
    'Training runs.',
    `Paused at step ${step}.`,
    'Training runs.',
    'Finished after 60 steps.',
  ]);
  // Nothing else that changes by itself is announced.
  const live = await page.locator('[aria-live]:not([aria-live=off]), [role=status], [role=alert]');
  expect(await live.evaluateAll((all) => all.filter((e) => e.textContent !== '').length)).toBe(1);
});

test('whoever asks for less motion gets none', async () => {
  const page = await site.open(`${SHORT}#ms=150`);
  await page.getByText('in all').waitFor();
  await transport(page, 'Start').click();
  let moving = 0;
  for (const name of ['Runs', 'Glossary']) {
    await page.getByRole('button', { name, exact: true }).first().click();
    for (let i = 0; i < 5; i++) {
      moving += await page.evaluate(
        () => document.getAnimations().filter((a) => a.playState === 'running').length,
      );
      await page.waitForTimeout(20);
    }
    await page.keyboard.press('Escape');
  }
  expect(moving).toBe(0);
});

test('focus is seen wherever the Tab key leads', async () => {
  const page = await site.open(`${SHORT}#ms=150`);
  await page.getByText('in all').waitFor();
  await trainTo(page, 2);
  await page.locator('body').focus();
  const unseen: string[] = [];
  let stops = 0;
  for (; stops < 200; stops++) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      if (!element || element === document.body) return null;
      const look = () => {
        // A slider shows its focus on its thumb, a switch on its track.
        const near = [element, element.parentElement, element.nextElementSibling];
        return near.flatMap((one) => {
          if (!one) return [];
          const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor } =
            getComputedStyle(one);
          const outline = outlineStyle === 'none' ? '' : outlineWidth + outlineColor;
          return [outline, boxShadow, borderColor];
        });
      };
      const focused = String(look());
      element.blur();
      const plain = String(look());
      element.focus({ preventScroll: true });
      return { isSeen: focused !== plain, html: element.outerHTML.slice(0, 140) };
    });
    if (!seen) break;
    if (!seen.isSeen) unseen.push(seen.html);
  }
  expect(stops).toBeGreaterThan(40);
  expect(unseen).toEqual([]);
});

test('at no width is anything wider than the page, from 320 pixels on', async () => {
  const page = await site.open(`${SHORT}#ms=150`);
  await page.getByText('in all').waitFor();
  await trainTo(page, 2);
  const wider: string[] = [];
  const look = async (what: string) => {
    await settled(page);
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (excess > 0) wider.push(`${what}: ${excess}`);
  };
  for (const width of [320, 360, 480, 700, 800, 999, 1000, 1280]) {
    await page.setViewportSize({ width, height: 700 });
    await look(`${width}`);
    for (const name of [/^Charts:/, 'About this view', 'About these verdicts']) {
      await page.getByRole('button', { name }).click();
      const small = page.getByRole('dialog');
      await small.waitFor();
      await look(`${width}, ${name}`);
      await page.keyboard.press('Escape');
      await small.waitFor({ state: 'detached' });
    }
  }
  expect(wider).toEqual([]);
});
