// What a person does with runs that are kept, and what lies in the page's database.
import type { Page } from 'playwright-core';
import { stepAt } from '../../src/ui/storage/places.ts';
import type { KeptRun } from '../../src/ui/storage/record.ts';
import { stepOf, trainTo, transport, until } from './site.ts';

/** Few and short responses: a step takes a processor that stands in for a GPU well under a second. */
export const FEW =
  '?trainer.prompts=4&trainer.group_size=2&trainer.eval_prompts=4&trainer.eval_every=50&trainer.steps=400&seeds=0&chain_sum.max_response=12';

export const alert = (page: Page, text: RegExp | string) =>
  page.locator('.mantine-Alert-root').filter({ hasText: text });

/**
 * Trains up to a step, pauses, and waits until the state of the pause is written. An earlier one would not do: pages that
 * are closed at once would go on from there, behind what they last showed.
 */
export async function keepTo(page: Page, step: number): Promise<void> {
  await trainTo(page, step);
  const at = await stepOf(page);
  await until(async () => (await stored(page)).runs.some((run) => stateOf(run) === at));
}

/** Where a run would go on: the step of the arm furthest behind in the state that was written last. */
const stateOf = ({ stateStep, stateArms }: StoredRun) =>
  stateStep === undefined ? undefined : stepAt(stateStep, stateArms);

type StoredRun = Pick<KeptRun, 'id' | 'name' | 'step' | 'stateStep' | 'stateArms'>;

/** Where a run stands that was opened again, once the engine has it. */
export async function restingStep(page: Page): Promise<number> {
  await transport(page, 'Continue').waitFor();
  await until(async () => Number.isFinite(await stepOf(page)));
  return stepOf(page);
}

/** What lies in the database. */
export function stored(page: Page) {
  return page.evaluate(async () => {
    const ask = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await ask(indexedDB.open('entroscope'));
    const tx = db.transaction(['runs', 'curves', 'checkpoints']);
    const [runs, curves, checkpoints] = await Promise.all([
      ask(tx.objectStore('runs').getAll()),
      ask(tx.objectStore('curves').count()),
      ask(tx.objectStore('checkpoints').count()),
    ]);
    db.close();
    return { runs: runs as StoredRun[], curves, checkpoints };
  });
}

/** What is saved when this is pressed. */
export async function saved(page: Page, press: () => Promise<void>): Promise<[string, Buffer]> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  return [download.suggestedFilename(), Buffer.concat(chunks)];
}

/** A metric of an arm at every step, as the page would save it. */
export async function curveOf(page: Page, arm: string, metric = 'entropy'): Promise<string[]> {
  await page.getByRole('button', { name: 'File', exact: true }).click();
  const item = page.getByRole('menuitem', { name: /Save curves/ });
  const [, file] = await saved(page, () => item.click());
  const [head, ...lines] = file.toString().trim().split('\n');
  const [armAt, stepAt, at] = ['arm', 'step', metric].map((n) => head.split(',').indexOf(n));
  return lines
    .map((line) => line.split(','))
    .filter((cells) => cells[armAt] === arm)
    .map((cells) => `${cells[stepAt]}: ${cells[at]}`);
}
