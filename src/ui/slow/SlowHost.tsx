/** The slow motion's place on the page and its key; its code is loaded when it is first opened. */
import { lazy, Suspense } from 'react';
import { useHotkeys } from 'react-hotkeys-hook';
import { useStore } from 'zustand';
import { useIsLocked, useLab } from '../context.ts';

const SlowMotion = lazy(() => import('./SlowMotion.tsx'));

export function SlowHost() {
  const { slow } = useLab();
  const isOpen = useStore(slow.store, (state) => state.isOpen);
  const isLocked = useIsLocked('slow');
  useHotkeys('m', slow.open, { enabled: !isLocked });
  return isOpen ? (
    <Suspense fallback={null}>
      <SlowMotion />
    </Suspense>
  ) : null;
}
