/** The way to the trust panel, at the end of the page; its code is loaded when it is opened. */
import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useIsLocked, useSession } from '../context.ts';

const TrustPanel = lazy(() => import('./TrustPanel.tsx'));

export function TrustSection() {
  const [isOpen, setOpen] = useState(false);
  const hasEngine = useSession((session) => session.hasEngine);
  const isLocked = useIsLocked('trust');
  if (!hasEngine || isLocked) return null;
  return (
    <section className="trust-line small" aria-label="Trust">
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
        Check the engine on this adapter
      </Button>
      <span className="quiet">
        Compares losses and gradients with a slow, more exact twin, here and now; shows the kernels’
        code and what each costs.
      </span>
      {isOpen && (
        <Suspense fallback={null}>
          <TrustPanel onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}
