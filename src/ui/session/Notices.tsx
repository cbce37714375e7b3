/** What the user should read: failures with a way on, refused input, what was proposed for the adapter. */
import { Alert, Button, Group } from '@mantine/core';
import { useEdit, useIsLocked, useLab, useSession } from '../context.ts';
import { patch } from '../edit.ts';
import { openShippedRecording } from '../files.ts';
import { ContinueOffer } from '../runs/ContinueOffer.tsx';
import { dismiss } from '../store.ts';

export function Notices() {
  const { store } = useLab();
  const notices = useSession((session) => session.notices);
  return (
    <>
      <ContinueOffer />
      <FailureAlert />
      {notices.map((notice) => (
        <Alert
          key={notice.id}
          style={{ '--alert': notice.kind === 'error' ? 'var(--wrong)' : 'var(--ink-2)' }}
          title={notice.title}
          withCloseButton
          closeButtonLabel="Dismiss"
          onClose={() => dismiss(store, notice.id)}
        >
          {notice.message}
        </Alert>
      ))}
      <RecordingBanner />
    </>
  );
}

function FailureAlert() {
  const { actions, history, store } = useLab();
  const failure = useSession((session) => session.failure);
  const checkpointStep = useSession((session) => session.checkpointStep);
  const isShipped = useSession((session) => session.draft.base === 'shipped');
  const isLocked = useIsLocked('setup');
  const edit = useEdit();
  if (!failure) return null;
  const reached = history.lastStep();
  const canTrain = isShipped && !isLocked && failure.message.startsWith('base:');
  return (
    <Alert
      title={reached > 0 ? 'Training stopped' : 'Not opened'}
      role="alert"
      style={{ '--alert': 'var(--wrong)' }}
    >
      <p>{failure.message}</p>
      <p>{failure.advice}</p>
      {reached > 0 && <p>The curves up to step {reached} are kept.</p>}
      {failure.recoverable && (
        <Group mt={10}>
          {canTrain && (
            <Button size="xs" onClick={() => edit(patch({ base: 'train' }))}>
              Train a base in this tab
            </Button>
          )}
          <Button size="xs" variant={canTrain ? 'default' : undefined} onClick={actions.resume}>
            {checkpointStep ? `Resume from step ${checkpointStep}` : 'Open again'}
          </Button>
        </Group>
      )}
      {reached === 0 && (
        <Group mt={10}>
          <Button size="xs" variant="default" onClick={() => void openShippedRecording(store)}>
            Look at a recorded run
          </Button>
        </Group>
      )}
    </Alert>
  );
}

function RecordingBanner() {
  const { store } = useLab();
  const hasEngine = useSession((session) => session.hasEngine);
  const recording = useSession((session) => session.recording);
  if (!recording) return null;
  return (
    <Alert title="A recording, not a live run" style={{ '--alert': 'rgb(var(--tint))' }}>
      <p>
        These curves come from {recording.source}. Nothing is computed now
        {recording.details
          ? '; the responses below are those that were kept with it.'
          : ', and it has no sample responses.'}
      </p>
      {!hasEngine && <p>To run your own, open this page in a browser with WebGPU.</p>}
      {hasEngine && (
        <Group mt={10}>
          <Button size="xs" onClick={() => store.setState({ recording: undefined })}>
            Close the recording
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() => store.setState({ draft: recording.experiment, recording: undefined })}
          >
            Take its settings to the controls
          </Button>
        </Group>
      )}
    </Alert>
  );
}
