/** How many tokens of each response are written by now; all at once where motion is not wanted. */
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { tokenPace } from './phases.ts';

/** @param text what is written; another one begins anew */
export function useReveal(text: unknown, longest: number): number {
  const isStill = useReducedMotion();
  const [shown, setShown] = useState({ text, count: 0 });
  const count = shown.text === text ? shown.count : 0;
  useEffect(() => {
    if (isStill || count >= longest) return;
    const timer = setTimeout(() => setShown({ text, count: count + 1 }), tokenPace(longest));
    return () => clearTimeout(timer);
  }, [text, longest, count, isStill]);
  return isStill ? longest : count;
}
