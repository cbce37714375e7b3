/**
 * `npm run check:goldens -- DIR`: compares the engine, on this GPU, with a folder of numbers computed elsewhere
 * (model.json, model.safetensors, grads-*, adamw-step*, losses.json, advantages.json; see test/goldens/README.md for
 * the format). Any sizes. Prints the worst relative error of every item; exit code 1 beyond tolerance.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openDevice } from '../gpu/device.ts';
import { openDawn } from './dawn.ts';
import { checkAdvantages, checkLosses } from './goldens_losses.ts';
import { checkModel } from './goldens_model.ts';

export interface Item {
  name: string;
  /** Worst relative error; NaN counts as beyond tolerance. */
  error: number;
  tolerance: number;
  /** Why it was not compared. */
  skipped?: string;
}

/**
 * Worst |actual − expected| relative to the larger of |expected| and the root mean square of all expected values, so
 * that an element near zero is held to the scale of its neighbors. NaN when a length differs or anything is NaN.
 */
export function worstRelative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length || expected.length === 0) return Number.NaN;
  const e = Array.from(expected);
  const scale = Math.sqrt(e.reduce((sum, x) => sum + x * x, 0) / e.length);
  return e.reduce((worst, x, i) => {
    const difference = Math.abs((actual[i] as number) - x);
    const relative = difference === 0 ? 0 : difference / Math.max(Math.abs(x), scale);
    return relative <= worst ? worst : relative;
  }, 0);
}

/** ‖actual − expected‖ / ‖expected‖ */
export function relativeNorm(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] as number) - (expected[i] as number)) ** 2;
    size += (expected[i] as number) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

export const passes = (item: Item): boolean =>
  item.skipped !== undefined || item.error <= item.tolerance;

/** All items that the folder has files for. */
export async function checkFolder(device: GPUDevice, folder: string): Promise<Item[]> {
  const has = (file: string): boolean => existsSync(path.join(folder, file));
  const items: Item[] = [];
  if (has('model.json')) items.push(...(await checkModel(device, folder)));
  if (has('losses.json'))
    items.push(...(await checkLosses(device, path.join(folder, 'losses.json'))));
  if (has('advantages.json')) items.push(...checkAdvantages(path.join(folder, 'advantages.json')));
  if (items.length === 0) {
    throw new Error(
      `check:goldens: folder must hold model.json, losses.json or advantages.json, got none in ${folder}`,
    );
  }
  return items;
}

export async function main(args: string[]): Promise<number> {
  const [folder] = args;
  if (!folder || args.length > 1 || !existsSync(folder)) {
    console.error(
      `Usage: npm run check:goldens -- DIR\nDIR must be a folder${folder ? `, got ${folder}` : ''}.`,
    );
    return 2;
  }
  const { device, vendor, architecture } = await openDevice(await openDawn());
  const items = await checkFolder(device, folder);
  console.log(`adapter: ${vendor} ${architecture}`);
  for (const item of items) {
    const verdict = item.skipped ? 'skip' : passes(item) ? 'ok  ' : 'FAIL';
    const numbers =
      item.skipped ??
      `${item.error.toExponential(2)}  (at most ${item.tolerance.toExponential(0)})`;
    console.log(`${verdict} ${item.name.padEnd(58)} ${numbers}`);
  }
  const failed = items.filter((item) => !passes(item)).length;
  const skipped = items.filter((item) => item.skipped).length;
  console.log(
    `${items.length - failed - skipped} within tolerance, ${failed} beyond, ${skipped} not compared`,
  );
  return failed > 0 ? 1 : 0;
}
