/** Keeps the view in this browser; an address that says something of the view comes first. */
import { parseView, setView, takeView, type View, viewEntries, viewStore } from './view.ts';

const KEY = 'entroscope.view';

/** @returns the query without what is the view's */
export function startView(search: string): string {
  const { rest, fields } = takeView(search);
  const isShared = [...fields.keys()].some((key) => key !== 'projector');
  const isProjector = fields.has('projector') && fields.get('projector') !== '0';
  setView({ ...parseView(isShared ? fields : recall()), projector: isProjector });
  viewStore.subscribe(remember);
  return rest;
}

function recall(): Map<string, string> {
  try {
    return new Map(new URLSearchParams(localStorage.getItem(KEY) ?? ''));
  } catch {
    return new Map();
  }
}

let kept = '';

function remember(view: View): void {
  const text = new URLSearchParams(viewEntries(view)).toString();
  if (text === kept) return;
  kept = text;
  try {
    if (text === '') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, text);
  } catch {
    // Without storage the view lasts as long as the page.
  }
}
