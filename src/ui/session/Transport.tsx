/** Start, pause, step, reset, and where the runs stand. Always in reach at the top. */
import { Button, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { restartReasons } from '../changes.ts';
import { useHistoryValue, useIsLocked, useLab, useSession } from '../context.ts';
import { problemOf } from '../declared.ts';
import { ChangesBar } from './ChangesBar.tsx';
import { Track } from './Track.tsx';
import { TransportFacts } from './TransportFacts.tsx';

export function Transport() {
  const { actions, slow } = useLab();
  const state = useSession((session) => session.state);
  const isQueued = useSession((session) => session.isQueued);
  const draft = useSession((session) => session.draft);
  const opened = useSession((session) => session.opened);
  const isRecoverable = useSession((session) => session.failure?.recoverable ?? false);
  const isRecording = useSession((session) => session.recording !== undefined);
  const hasSteps = useHistoryValue((history) => history.lastStep() > 0);
  const planned = draft.values['trainer.steps'];
  const isShort = useHistoryValue((history) => history.lastStep() < planned);
  const problem = useMemo(() => problemOf(draft), [draft]);
  const isSlowLocked = useIsLocked('slow');
  if (isRecording) return null;

  const isRunning = state === 'running';
  const isDone = state === 'finished';
  const canStart = !problem && (isDone ? isShort : state !== 'failed' || isRecoverable);
  const canStep = !problem && (state === 'ready' || state === 'paused');
  // Opened again at a checkpoint, runs are ready and have something to go back from.
  const canReset = isRunning || state === 'paused' || isDone || (state === 'ready' && hasSteps);
  const reasons = opened && hasSteps ? restartReasons(opened, draft) : [];

  const idle = !hasSteps ? 'Start' : isDone && !canStart ? 'Finished' : 'Continue';
  const label = isRunning ? 'Pause' : isQueued ? 'Starting…' : idle;

  return (
    <section className="transport" aria-label="Transport">
      <div className="transport-row">
        <Button
          size="sm"
          w={122}
          disabled={!canStart && !isRunning}
          variant={isRunning || isQueued ? 'default' : 'filled'}
          leftSection={
            <Icon of={isRunning || isQueued ? 'pause' : label === 'Finished' ? 'done' : 'play'} />
          }
          onClick={actions.toggle}
          aria-keyshortcuts="Space"
        >
          {label}
        </Button>
        <Tooltip label="One step of every run (s)">
          <Button
            size="sm"
            variant="default"
            px={12}
            disabled={!canStep}
            onClick={actions.step}
            aria-keyshortcuts="s"
          >
            Step
          </Button>
        </Tooltip>
        <Tooltip label="Back to the base (r)">
          <Button
            size="sm"
            variant="default"
            px={12}
            disabled={!canReset}
            onClick={actions.reset}
            aria-keyshortcuts="r"
          >
            Reset
          </Button>
        </Tooltip>
        {!isSlowLocked && (
          <Tooltip label="One step in five phases (m)">
            <Button
              size="sm"
              variant="default"
              px={12}
              aria-label="Slow motion"
              onClick={slow.open}
              aria-keyshortcuts="m"
            >
              Slow<span className="only-wide">&nbsp;motion</span>
            </Button>
          </Tooltip>
        )}
        <TransportFacts />
      </div>
      <Track />
      {problem ? (
        <p className="param-error" role="alert">
          These settings cannot run: {problem}
        </p>
      ) : (
        <ChangesBar reasons={reasons} />
      )}
    </section>
  );
}

const ICONS = {
  play: 'M0 0l10 6-10 6z',
  pause: 'M0 0h3.4v12H0zM6.6 0H10v12H6.6z',
  done: 'M0 6.6 1.5 5.1 3.8 7.4 8.5 1.6 10 2.9 3.9 10.4z',
};

function Icon({ of }: { of: keyof typeof ICONS }) {
  return (
    <svg width="10" height="12" viewBox="0 0 10 12" fill="currentColor" aria-hidden="true">
      <path d={ICONS[of]} />
    </svg>
  );
}
