/**
 * What every window over the page does: Escape closes it, the topmost alone; and once it is closed, the focus is where it
 * was before. Mantine's own Escape closes all that are open (theme.ts switches it off), and its own return of the focus
 * misses windows that are mounted open, and those that an item of a menu opens: the item is gone by then.
 */
import { useEffect, useEffectEvent, useMemo } from 'react';

/** How to close each window that is open, the topmost last. */
const open: (() => void)[] = [];

export function useWindow(close: () => void, isOpen = true): void {
  const onEscape = useEffectEvent(close);
  useEffect(() => {
    if (!isOpen) return;
    const entry = () => onEscape();
    if (open.push(entry) === 1) window.addEventListener('keydown', closeTopmost, true);
    return () => {
      open.splice(open.indexOf(entry), 1);
      if (open.length === 0) window.removeEventListener('keydown', closeTopmost, true);
    };
  }, [isOpen]);

  // While rendering: once this is on the page, the menu has closed and the window has taken the focus.
  const before = useMemo(() => (isOpen ? opener() : null), [isOpen]);
  useEffect(() => {
    if (!before) return;
    return () => {
      // After the dialog has let go of the focus.
      setTimeout(() => {
        if (before.isConnected) before.focus();
      });
    };
  }, [before]);
}

function closeTopmost(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || event.isComposing) return;
  // A menu or a list of options in the window is closed first.
  const { target } = event;
  const isTaken =
    target instanceof Element && target.getAttribute('data-mantine-stop-propagation') === 'true';
  if (!isTaken) open.at(-1)?.();
}

function opener(): HTMLElement | null {
  const { activeElement } = document;
  const button = activeElement?.closest('[role=menu]')?.getAttribute('aria-labelledby');
  const element = button ? document.getElementById(button) : activeElement;
  return element instanceof HTMLElement ? element : null;
}

/** For keys of the page: what they did could not be seen behind a window. */
export function isInDialog({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest('[role=dialog]') !== null;
}
