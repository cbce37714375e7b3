/** What is worth knowing about a setting as it stands: said below its control. */

import type { Experiment } from '../../core/experiment.ts';
import { type Notice, noticesOf } from '../../core/notices.ts';
import { useSession } from '../context.ts';
import { CATALOG } from '../declared.ts';

/** All panels ask for the same draft, so it is looked through once. */
const known = new WeakMap<Experiment, Notice[]>();

function noticesFor(draft: Experiment): Notice[] {
  const found = known.get(draft) ?? noticesOf(draft, CATALOG);
  known.set(draft, found);
  return found;
}

/** Looks up the notice at a setting or method of this arm, or of what all share. */
export function useNotices(arm: string | undefined): (at: string) => Notice | undefined {
  const draft = useSession((session) => session.draft);
  const own = noticesFor(draft).filter((notice) => notice.arm === arm);
  return (at) => own.find((notice) => notice.at === at);
}

const WORDS: Record<Notice['kind'], string> = {
  conflict: 'Cannot run:',
  risk: 'Risk:',
  'no effect': 'No effect:',
};

export function NoticeText({ notice, id }: { notice: Notice | undefined; id?: string }) {
  if (!notice) return null;
  return (
    <p className="notice" data-kind={notice.kind} id={id}>
      <b>{WORDS[notice.kind]}</b> {notice.text}
    </p>
  );
}
