// What kills a run, done to the built page with the real engine: a tab that is closed or crashes in the middle of a
// step, a device that is lost, a disk that is full, states that are gone or damaged, two tabs that want the same run.
// Each time the run goes on, and its curves are bit for bit those of a run that nothing happened to.
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { alert, curveOf, FEW, keepTo, restingStep, stored } from './kept_page.ts';
import { picture, stepOf, transport, until, violations, visitSite } from './site.ts';

/** Steps of the undisturbed run. */
const REFERENCE = 14;

const site = visitSite();
const openPage = (context: BrowserContext) => site.open(FEW, { context });
let known: string[] | undefined;

/** The curve of a run that nothing happens to. */
async function undisturbed(): Promise<string[]> {
  if (known) return known;
  const context = await site.newContext();
  const page = await site.open(`${FEW}&trainer.steps=${REFERENCE}`, { context });
  await transport(page, 'Start').click();
  await transport(page, 'Finished').waitFor();
  known = await curveOf(page, 'ib');
  await page.context().close();
  return known;
}

/** Trains until the step and leaves it training. */
async function trainPast(page: Page, step: number): Promise<void> {
  await page.locator('.transport button').first().click();
  await until(async () => (await stepOf(page)) >= step);
}

/** Takes up the run that was cut off. @returns the step at which it stands */
async function takeUp(page: Page): Promise<number> {
  const offer = alert(page, 'was cut off');
  await offer.waitFor();
  await transport(page, 'Start').waitFor();
  await offer.getByRole('button', { name: /^Continue / }).click();
  return restingStep(page);
}

/** The curve so far is that of the undisturbed run, from its first point on. */
async function expectUndisturbed(page: Page, least: number): Promise<void> {
  const curve = (await curveOf(page, 'ib')).slice(0, REFERENCE + 1);
  expect(curve.length).toBeGreaterThan(least);
  expect(curve).toEqual((await undisturbed()).slice(0, curve.length));
  expect((await stored(page)).runs).toHaveLength(1);
}

const inDatabase = (page: Page, store: string, change: string) =>
  page.evaluate(
    ([name, code]) =>
      new Promise<void>((resolve) => {
        indexedDB.open('entroscope').onsuccess = function () {
          const tx = this.result.transaction(name, 'readwrite');
          const all = tx.objectStore(name);
          if (code === 'clear') all.clear();
          else {
            // The newest state of the only run gets a value that no model can have.
            all.openCursor(null, 'prev').onsuccess = (event) => {
              const cursor = (event.target as IDBRequest<IDBCursorWithValue>).result;
              cursor.value.checkpoint.runs[1].parameters[7] = Number.NaN;
              cursor.update(cursor.value);
            };
          }
          tx.oncomplete = () => {
            this.result.close();
            resolve();
          };
        };
      }),
    [store, change],
  );

for (const [what, kill] of [
  ['is closed', (page: Page) => page.close({ runBeforeUnload: false })],
  [
    'crashes',
    async (page: Page) => {
      const session = await page.context().newCDPSession(page);
      const gone = page.waitForEvent('crash');
      session.send('Page.crash').catch(() => {});
      await gone;
    },
  ],
] as const) {
  test(`a tab that ${what} in the middle of its third step goes on from the second`, async () => {
    const context = await site.newContext();
    const page = await openPage(context);
    await trainPast(page, 2);
    await until(async () => (await stored(page)).checkpoints >= 2);
    await kill(page);
    const next = await openPage(context);
    const from = await takeUp(next);
    expect(from).toBeGreaterThanOrEqual(2);
    await expectUndisturbed(next, from);
    await keepTo(next, from + 3);
    await expectUndisturbed(next, from + 3);
  });
}

for (const [what, lose] of [
  [
    'destroyed between two commands of a step',
    async (page: Page) => {
      const [worker] = page.workers();
      await worker.evaluate(() => {
        const { createCommandEncoder } = GPUDevice.prototype;
        GPUDevice.prototype.createCommandEncoder = function (descriptor) {
          GPUDevice.prototype.createCommandEncoder = createCommandEncoder;
          const encoder = createCommandEncoder.call(this, descriptor);
          this.destroy();
          return encoder;
        };
      });
    },
  ],
  [
    'gone with the browser’s GPU process',
    async () => {
      const session = await site.browser.newBrowserCDPSession();
      await session.send('Browser.crashGpuProcess' as 'Browser.getVersion').catch(() => {});
    },
  ],
] as const) {
  test(`a device that is ${what} is told, and the run resumes where it was`, async () => {
    const page = await openPage(await site.newContext());
    await trainPast(page, 3);
    await lose(page);
    const failure = alert(page, 'Training stopped');
    await failure.waitFor();
    expect(await failure.innerText()).toContain('The GPU was lost');
    const reached = Number(/up to step (\d+)/.exec(await failure.innerText())?.[1]);
    expect(await violations(page)).toEqual([]);
    await picture(page, 'kill-device');
    await failure.getByRole('button', { name: /^Resume from step \d+$/ }).click();
    const from = await restingStep(page);
    expect(from).toBeGreaterThanOrEqual(2);
    expect(reached - from).toBeLessThanOrEqual(10);
    expect(await page.getByText(/^Seed \d+ stopped at step/).count()).toBe(0);
    await keepTo(page, from + 3);
    await expectUndisturbed(page, from + 3);
  });
}

test('a run without a state begins again and takes the same steps', async () => {
  const context = await site.newContext();
  const page = await openPage(context);
  await keepTo(page, 3);
  await inDatabase(page, 'checkpoints', 'clear');
  await page.close();
  const next = await openPage(context);
  const offer = alert(next, 'No state of it was kept yet');
  await offer.waitFor();
  await transport(next, 'Start').waitFor();
  expect(await violations(next)).toEqual([]);
  await picture(next, 'kill-begin-again');
  await offer.getByRole('button', { name: /^Start .* again$/ }).click();
  await alert(next, 'begins again from the base').waitFor();
  await until(async () => (await stepOf(next)) >= 4);
  await transport(next, 'Pause').click();
  await transport(next, 'Continue').waitFor();
  await expectUndisturbed(next, 4);
});

test('a damaged newest state is passed over, and told', async () => {
  const context = await site.newContext();
  const page = await openPage(context);
  await keepTo(page, 5);
  await until(async () => (await stored(page)).checkpoints >= 3);
  await inDatabase(page, 'checkpoints', 'damage');
  await page.close();
  const next = await openPage(context);
  const from = await takeUp(next);
  await alert(next, 'are damaged').waitFor();
  await picture(next, 'kill-damaged');
  expect(from).toBeGreaterThanOrEqual(1);
  await keepTo(next, from + 2);
  await expectUndisturbed(next, from + 2);
});

test('two tabs that want the same run: one has it, the other shows it', async () => {
  const context = await site.newContext();
  const page = await openPage(context);
  await trainPast(page, 2);
  await until(async () => (await stored(page)).checkpoints >= 2);
  await page.close();
  const tabs = [await openPage(context), await openPage(context)];
  const buttons = tabs.map((tab) =>
    alert(tab, 'was cut off').getByRole('button', { name: /^Continue / }),
  );
  for (const tab of tabs) await transport(tab, 'Start').waitFor();
  await Promise.all(buttons.map((button) => button.click()));
  const hasIt = (tab: Page) => transport(tab, 'Continue').count();
  await until(async () => (await hasIt(tabs[0])) + (await hasIt(tabs[1])) === 1);
  const [owner, other] = (await hasIt(tabs[0])) ? tabs : [...tabs].reverse();
  await alert(other, 'is open in another tab').waitFor();
  await keepTo(owner, 4);
  await expectUndisturbed(owner, 4);
  // When the owner dies, the other one can have it.
  await owner.close();
  await other.getByRole('button', { name: 'Runs', exact: true }).click();
  await other.getByRole('button', { name: /^More for the run/ }).click();
  await other.getByRole('menuitem', { name: /^Continue/ }).click();
  expect(await restingStep(other)).toBeGreaterThanOrEqual(4);
  await keepTo(other, 6);
  await expectUndisturbed(other, 6);
});

/** A disk with room for so many states as `room` says; for nothing at all below zero. */
const SMALL_DISK = `{
  const { put, delete: remove } = IDBObjectStore.prototype;
  const states = new Set();
  window.room = Infinity;
  IDBObjectStore.prototype.put = function (value, ...rest) {
    const key = JSON.stringify([value.run, value.step]);
    const isState = this.name === 'checkpoints';
    if (window.room < 0 || (isState && !states.has(key) && states.size >= window.room)) {
      throw new DOMException('no space left', 'QuotaExceededError');
    }
    if (isState) states.add(key);
    return put.call(this, value, ...rest);
  };
  IDBObjectStore.prototype.delete = function (key) {
    for (const state of states) {
      const isGone = key instanceof IDBKeyRange ? key.includes(JSON.parse(state)) : state === JSON.stringify(key);
      if (isGone && this.name === 'checkpoints') states.delete(state);
    }
    return remove.call(this, key);
  };
}`;

test('a full disk: finished runs give their states, then training goes on in memory', async () => {
  const context = await site.newContext();
  const page = await site.open(`${FEW}&trainer.steps=2`, { context, script: SMALL_DISK });
  const setRoom = (room: number) =>
    page.evaluate((value) => Object.assign(window, { room: value }), room);
  await trainPast(page, 2);
  await page.getByText('finished', { exact: true }).waitFor();
  await until(async () => (await stored(page)).checkpoints >= 2);

  await page.locator('.transport').getByRole('button', { name: 'Reset' }).click();
  await transport(page, 'Start').waitFor();
  await page.getByRole('textbox', { name: 'steps', exact: true }).fill('400');
  await page.keyboard.press('Tab');
  const before = await stored(page);
  await setRoom(before.checkpoints);
  await trainPast(page, 3);
  const made = alert(page, 'The storage of this browser was full');
  await made.waitFor();
  expect(await made.innerText()).toContain('of the finished run');
  await picture(page, 'kill-room');
  const after = await stored(page);
  expect(after.runs).toHaveLength(2);
  expect(after.curves).toBeGreaterThanOrEqual(before.curves);

  // Now there is nothing left to give.
  await setRoom(-1);
  await alert(page, 'The storage of this browser is full').waitFor();
  const step = await stepOf(page);
  await until(async () => (await stepOf(page)) >= step + 3);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'kill-full');

  await setRoom(100);
  await alert(page, 'This browser keeps the run again').waitFor();
  const reached = await stepOf(page);
  await page.close();
  const next = await openPage(context);
  expect(await takeUp(next)).toBeGreaterThanOrEqual(reached - 10);
  const curve = (await curveOf(next, 'ib')).slice(0, REFERENCE + 1);
  expect(curve).toEqual((await undisturbed()).slice(0, curve.length));
  expect(curve.filter((line) => line.endsWith(': '))).toHaveLength(1);
});
