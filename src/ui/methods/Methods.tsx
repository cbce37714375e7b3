/** The methods' place on the page and its key; the window itself is loaded when it is first opened. */
import { lazy, Suspense } from 'react';
import { useHotkeys } from 'react-hotkeys-hook';
import { useWindow } from '../use_window.ts';
import { closeMethods, openMethods, useMethods } from './state.ts';

const MethodsWindow = lazy(() => import('./MethodsWindow.tsx'));

export function Methods() {
  const { isOpen } = useMethods();
  useHotkeys('c', () => openMethods());
  return isOpen ? <Opened /> : null;
}

function Opened() {
  useWindow(closeMethods);
  return (
    <Suspense fallback={null}>
      <MethodsWindow />
    </Suspense>
  );
}
