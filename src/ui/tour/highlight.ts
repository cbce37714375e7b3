/** Outlines a part of the page and brings it into view. An outline takes no space, so nothing moves. */
import { useEffect } from 'react';

export function useHighlight(selectors: readonly string[]): void {
  const key = selectors.join('\n');
  useEffect(() => {
    const found = key
      .split('\n')
      .map((selector) => document.querySelector(selector))
      .find((element) => element !== null);
    if (!found) return;
    found.setAttribute('data-tour', '');
    const isTall = found.getBoundingClientRect().height > innerHeight / 2;
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    found.scrollIntoView({
      block: isTall || innerWidth < 1000 ? 'start' : 'center',
      behavior: isCalm ? 'auto' : 'smooth',
    });
    return () => found.removeAttribute('data-tour');
  }, [key]);
}
