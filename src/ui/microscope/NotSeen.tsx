/** Instead of the numbers: why the engine has none for this token, and what to do. */
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { useLab, useSession } from '../context.ts';
import type { Target } from './lens.ts';

interface Props {
  target: Target;
  message: string;
}

export function NotSeen({ target, message }: Props) {
  const { actions, lens } = useLab();
  const state = useSession((session) => session.state);
  const failure = useSession((session) => session.failure);
  const isHeld = useSession(({ opened }) =>
    Boolean(opened?.arms.some((a) => a.id === target.arm) && opened.seeds.includes(target.seed)),
  );
  const isReady = state === 'ready' || state === 'paused' || state === 'running';

  // Asked too early: again as soon as there is an engine.
  useEffect(() => {
    if (isReady && isHeld) lens.refresh();
  }, [isReady, isHeld, lens]);

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
    <div className="scope-note" role="alert">
      <p>
        {isHeld
          ? `The engine could not look at this token: ${message}.`
          : 'This response is of a run that the engine does not hold now: its numbers need the model itself. Go on with that run under Runs, or choose a token of the live runs.'}
      </p>
      {isHeld && (
        <Button size="xs" variant="default" mt={10} onClick={lens.refresh}>
          Look again
        </Button>
      )}
    </div>
  );
}
