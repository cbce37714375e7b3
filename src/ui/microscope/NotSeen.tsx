/** Instead of the numbers: why the engine has none for this token, and what to do. */
import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useLab, useSession } from '../context.ts';

export function NotSeen({ message }: { message: string }) {
  const { actions, lens } = useLab();
  const state = useSession((session) => session.state);
  const failure = useSession((session) => session.failure);
  const isReady = state === 'ready' || state === 'paused' || state === 'running';

  // Asked too early: again as soon as there is an engine. Not where it has refused: it would refuse again.
  const wasReady = useRef(isReady);
  useEffect(() => {
    if (isReady && !wasReady.current) lens.refresh();
    wasReady.current = isReady;
  }, [isReady, lens]);

  if (state === 'empty' || state === 'preparing') {
    return (
      <p className="scope-note quiet" role="status">
        The engine is getting ready; it looks at this token as soon as it is.
      </p>
    );
  }
  if (state === 'failed') {
    return (
      <div className="scope-note" role="alert">
        <p>The engine has stopped, and the model with it. {failure?.advice}</p>
        {failure?.recoverable && (
          <Button size="xs" mt={10} onClick={actions.resume}>
            Open again
          </Button>
        )}
      </div>
    );
  }
  return (
    <p className="scope-note" role="alert">
      The engine could not look at this token: {message}. “Look again”, above, asks once more.
    </p>
  );
}
