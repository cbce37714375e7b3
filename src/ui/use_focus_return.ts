/**
 * Gives the focus back to where it was before a window opened, once it is closed. For windows that are mounted open, and
 * for those that an item of a menu opens: the item is gone by then, so the focus goes to the menu's button.
 */
import { useEffect, useMemo } from 'react';

export function useFocusReturn(isOpen = true): void {
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

function opener(): HTMLElement | null {
  const { activeElement } = document;
  const button = activeElement?.closest('[role=menu]')?.getAttribute('aria-labelledby');
  const element = button ? document.getElementById(button) : activeElement;
  return element instanceof HTMLElement ? element : null;
}
