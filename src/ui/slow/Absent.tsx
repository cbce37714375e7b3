/** What stands where there is no step to show: why, and what to do next. */
import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { useLab, useSession } from '../context.ts';

export function Absent() {
  const { slow, store, actions } = useLab();
  const { isWaiting, message } = useStore(slow.store);
  const state = useSession((session) => session.state);
  const isRecording = useSession((session) => session.recording !== undefined);
  const hasEngine = useSession((session) => session.hasEngine);
  const failure = useSession((session) => session.failure);
  if (isRecording) {
    return (
      <Note title="A recording holds curves, not tokens">
        <p>
          Slow motion watches a step while the engine takes it, so it needs a live run
          {hasEngine ? '.' : ', and that needs a browser with WebGPU.'}
        </p>
        {hasEngine && (
          <Button onClick={() => store.setState({ recording: undefined })}>
            Close the recording
          </Button>
        )}
      </Note>
    );
  }
  if (state === 'failed') {
    return (
      <Note title="The engine has stopped" isAlert>
        <p>
          {failure?.message} {failure?.advice}
        </p>
        {failure?.recoverable && <Button onClick={actions.resume}>Open again</Button>}
      </Note>
    );
  }
  if (state === 'finished') {
    return (
      <Note title="All runs have done their steps">
        <p>
          Slow motion needs a step that is still to come. Go back to the base, or plan more steps.
        </p>
        <Button onClick={actions.reset}>Reset to the base</Button>
      </Note>
    );
  }
  if (message && !isWaiting) {
    return (
      <Note title="No step to show" isAlert>
        <p>{message}.</p>
        <Button onClick={slow.open}>Try again</Button>
      </Note>
    );
  }
  return (
    <Note title={isWaiting ? 'A step is on its way' : 'The engine is getting ready'}>
      <p role="status">
        {isWaiting
          ? 'Every run takes its next step, as it always does; one group of responses is kept for you.'
          : 'The step is taken as soon as it is.'}
      </p>
      <Loader size="sm" color="gray" aria-hidden="true" />
    </Note>
  );
}

interface Props {
  title: string;
  isAlert?: boolean;
  children: ReactNode;
}

function Note({ title, isAlert, children }: Props) {
  return (
    <div className="slow-absent" role={isAlert ? 'alert' : undefined}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
