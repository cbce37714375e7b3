/** Opens the microscope when a token is chosen; its code is loaded then. */
import { lazy, Suspense } from 'react';
import { useStore } from 'zustand';
import { useLab } from '../context.ts';

const Microscope = lazy(() => import('./Microscope.tsx'));

export function MicroscopeHost() {
  const isOpen = useStore(useLab().lens.store, (state) => state.target !== undefined);
  return isOpen ? (
    <Suspense fallback={null}>
      <Microscope />
    </Suspense>
  ) : null;
}
