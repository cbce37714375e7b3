/**
 * What a teacher's link hides. `locks=methods,files` in the address names groups of controls; the settings themselves
 * stand in the same address. Start, pause, step and reset always stay, and so does the offer to go on with a run that was
 * cut off: nothing is lost by a lock. This keeps a class together; it is no protection, since anyone can edit an address.
 */
import { toQuery } from '../core/share.ts';
import { CATALOG } from './declared.ts';
import type { Session } from './store.ts';
import { viewQuery, viewStore } from './view.ts';

export const LOCKS = {
  presets: 'Choice of a preset',
  arms: 'Arms: add, remove, rename, switch off',
  methods: 'Methods of the arms and the shared algorithm',
  strengths: 'Strengths of the methods',
  setup: 'Setup: task, model, base, seeds',
  training: 'Settings of the training loop',
  files: 'Files: open and save',
  runs: 'Kept runs: the list, comparing, going on with an older one',
  forks: 'Forks of an arm in the middle',
  view: 'View of the curves: axes, smoothing, choice of metrics',
  responses: 'Responses, fixed prompts and the microscope',
  slow: 'Slow motion of a step',
  trust: 'Check of the engine on this adapter',
  tour: 'Guided tour',
} as const;

export type Lock = keyof typeof LOCKS;
export const LOCK_IDS = Object.keys(LOCKS) as Lock[];

const isLock = (id: string): id is Lock => Object.hasOwn(LOCKS, id);

/** Takes `locks` out of a query. Names that are none are told in `errors`; the others hold. */
export function takeLocks(
  search: string,
  errors: string[],
): { locks: ReadonlySet<Lock>; query: string } {
  const query = new URLSearchParams(search);
  const ids = query.getAll('locks').flatMap((list) => list.split(',').filter((id) => id !== ''));
  query.delete('locks');
  const unknown = ids.filter((id) => !isLock(id));
  if (unknown.length > 0) {
    const given = JSON.stringify(unknown[0]?.slice(0, 40));
    errors.push(`locks: must be some of ${LOCK_IDS.join(', ')}, got ${given}`);
  }
  return { locks: new Set(ids.filter(isLock)), query: query.toString() };
}

/** Address of the page with the settings on the controls, and with these locks. */
export function linkOf(session: Session, page: string, locks: Iterable<Lock> = session.locks) {
  const { draft, preset, presetId } = session;
  const query = toQuery(draft, { id: presetId, experiment: preset }, CATALOG);
  const set = new Set(locks);
  const list = LOCK_IDS.filter((id) => set.has(id)).join(',');
  const view = viewQuery(viewStore.getState());
  return new URL((list === '' ? query : `${query}&locks=${list}`) + view, page);
}
