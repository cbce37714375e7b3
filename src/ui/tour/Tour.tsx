/** The tour's place on the page and the button that opens it; the tour itself is loaded when it is opened. */
import { Button } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useIsLocked, useSession } from '../context.ts';
import { leaveTour, openTour, useTour } from './state.ts';

const TourCard = lazy(() => import('./TourCard.tsx'));

export function Tour() {
  const isOpen = useTour((state) => state.isOpen);
  const isRecording = useSession((session) => session.recording !== undefined);
  if (!isOpen || isRecording) return null;
  return (
    <Suspense fallback={null}>
      <TourCard />
    </Suspense>
  );
}

export function TourButton() {
  const isOpen = useTour((state) => state.isOpen);
  const isBegun = useTour((state) => state.step > 0);
  const isRecording = useSession((session) => session.recording !== undefined);
  const isLocked = useIsLocked('tour');
  if (isRecording || isLocked) return null;
  return (
    <Button
      id="tour-button"
      size="xs"
      variant="default"
      w={112}
      px={4}
      aria-expanded={isOpen}
      onClick={isOpen ? leaveTour : openTour}
    >
      {isOpen ? 'Leave the tour' : isBegun ? 'Resume the tour' : 'Take the tour'}
    </Button>
  );
}
