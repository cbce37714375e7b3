/** The glossary's place on the page and its key; the window itself is loaded when it is first opened. */
import { lazy, Suspense } from 'react';
import { useHotkeys } from 'react-hotkeys-hook';
import { openGlossary, useGlossary } from './state.ts';

const GlossaryWindow = lazy(() => import('./GlossaryWindow.tsx'));

export function Glossary() {
  const { isOpen, entry } = useGlossary();
  useHotkeys('g', () => openGlossary());
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <GlossaryWindow key={entry} entry={entry} />
    </Suspense>
  );
}
