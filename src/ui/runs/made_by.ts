/** What trained a kept run: adapter and family of kernels. Only with the same ones do its steps come out bit for bit. */
import type { MadeBy } from '../../core/kept_details.ts';
import type { KernelsUsed } from '../../core/tile_choice.ts';
import { adapterName, tileWords } from '../format.ts';
import type { KeptRun } from '../storage/record.ts';
import { notify, type Store } from '../store.ts';

/** A record holds no more: of a run that went on more often the last are not told. */
const MOST = 20;

/** The list with what trains now at its end; the same list where that is no news. */
export function withMaker(store: Store, madeBy: MadeBy[] = []): MadeBy[] {
  const { adapter, tile, sampling } = store.getState();
  if (!adapter || !tile) return madeBy;
  const maker = { adapter: adapterName(adapter), tile, ...(sampling && { sampling }) };
  const last = madeBy.at(-1);
  const isSame = last?.adapter === maker.adapter && last.tile === tile;
  if (isSame && last.sampling === sampling) return madeBy;
  return [...madeBy, maker].slice(0, MOST);
}

/** @param maker of the run, of the steps that are gone on from or taken again */
export function tellOtherAdapter(
  store: Store,
  { name }: Pick<KeptRun, 'name'>,
  maker: MadeBy | undefined,
): void {
  const { adapter } = store.getState();
  if (!maker || !adapter || maker.adapter === adapterName(adapter)) return;
  const text = `It was trained on ${maker.adapter}. Here its steps are the same within rounding, but not bit for bit.`;
  notify(store, 'info', `“${name}” comes from another adapter`, text);
}

/** @param wanted what it had  @param got what it has now that it is open */
export function tellOtherKernels(store: Store, wanted: KernelsUsed, got: KernelsUsed): void {
  const told = (used: KernelsUsed): string =>
    [used.tile && tileWords(used.tile), used.sampling === 'mega' && 'sampling in one launch']
      .filter(Boolean)
      .join(' and ');
  const isOther = (a?: string, b?: string): boolean =>
    a !== undefined && b !== undefined && a !== b;
  if (!isOther(wanted.tile, got.tile) && !isOther(wanted.sampling, got.sampling)) return;
  const text = `It was trained with ${told(wanted)}, which this adapter cannot run. It has ${told(got)} here: the same within rounding, but not bit for bit.`;
  notify(store, 'info', 'Other kernels than before', text);
}
