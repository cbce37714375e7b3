/**
 * `npm run check:goldens -- DIR`: compares the engine, on this GPU, with a folder of numbers computed elsewhere
 * (model.json, model.safetensors, grads-*, adamw-step*, losses.json, advantages.json, value.json; see
 * test/goldens/README.md for the format). Any sizes. Prints the worst relative error of every item; exit code 1 beyond tolerance.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openDevice } from '../gpu/device.ts';
import { openDawn } from './dawn.ts';
import { checkAdvantages } from './goldens_advantages.ts';
import { type Item, passes } from './goldens_items.ts';
import { checkLosses } from './goldens_losses.ts';
import { checkModel } from './goldens_model.ts';
import { checkValue } from './goldens_value.ts';

/** All items that the folder has files for. */
export async function checkFolder(device: GPUDevice, folder: string): Promise<Item[]> {
  const has = (file: string): boolean => existsSync(path.join(folder, file));
  const items: Item[] = [];
  if (has('model.json')) items.push(...(await checkModel(device, folder)));
  if (has('losses.json'))
    items.push(...(await checkLosses(device, path.join(folder, 'losses.json'))));
  if (has('advantages.json')) items.push(...checkAdvantages(path.join(folder, 'advantages.json')));
  if (has('value.json')) items.push(...(await checkValue(device, path.join(folder, 'value.json'))));
  if (items.length === 0) {
    throw new RangeError(
      `check:goldens: folder must hold model.json, losses.json, advantages.json or value.json, got none in ${folder}`,
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
