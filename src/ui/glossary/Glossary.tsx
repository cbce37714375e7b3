/** The glossary's place on the page and its key; the window itself is loaded when it is first opened. */
import { lazy, Suspense } from 'react';
import { useHotkeys } from 'react-hotkeys-hook';
import { useWindow } from '../use_window.ts';
import { closeGlossary, openGlossary, useGlossary } from './state.ts';

const GlossaryWindow = lazy(() => import('./GlossaryWindow.tsx'));

export function Glossary() {
  const { isOpen } = useGlossary();
  useHotkeys('g', () => openGlossary());
  return isOpen ? <Opened /> : null;
}

/** One window for each entry; the focus goes back to where it was before the first of them. */
function Opened() {
  const { entry } = useGlossary();
  useWindow(closeGlossary);
  return (
    <Suspense fallback={null}>
      <GlossaryWindow key={entry} entry={entry} />
    </Suspense>
  );
}
