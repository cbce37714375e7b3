/** Start, pause, step, reset, and where the runs stand. Always in reach at the top. */
import { Button, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { runsOf } from '../../core/experiment.ts';
import { restartReasons } from '../changes.ts';
import { useGrowingHistory, useLab, useSession } from '../context.ts';
import { problemOf } from '../declared.ts';
import { ChangesBar } from './ChangesBar.tsx';
import { TransportFacts } from './TransportFacts.tsx';

export function Transport() {
  const { actions } = useLab();
  const state = useSession((session) => session.state);
  const isQueued = useSession((session) => session.isQueued);
  const draft = useSession((session) => session.draft);
  const opened = useSession((session) => session.opened);
  const isRecoverable = useSession((session) => session.failure?.recoverable ?? false);
  const isRecording = useSession((session) => session.recording !== undefined);
  const history = useGrowingHistory();
  const problem = useMemo(() => problemOf(draft), [draft]);
  if (isRecording) return null;

  const steps = history.lastStep();
  const isRunning = state === 'running';
  const isDone = state === 'finished';
  const planned = draft.values['trainer.steps'];
  const canStart = !problem && (isDone ? steps < planned : state !== 'failed' || isRecoverable);
  const canStep = !problem && (state === 'ready' || state === 'paused');
  const canReset = isRunning || state === 'paused' || isDone;
  const reasons = opened && steps > 0 ? restartReasons(opened, draft) : [];

  return (
    <section className="transport" aria-label="Transport">
      <div className="transport-row">
        <Button
          size="sm"
          w={122}
          disabled={!canStart && !isRunning}
          variant={isRunning || isQueued ? 'default' : 'filled'}
          leftSection={<Icon of={isRunning || isQueued ? 'pause' : 'play'} />}
          onClick={actions.toggle}
          aria-keyshortcuts="Space"
        >
          {isRunning ? 'Pause' : isQueued ? 'Starting…' : steps > 0 ? 'Continue' : 'Start'}
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

/** Share of the steps of all runs that is done; while preparing, share of what is to be prepared. */
function Track() {
  const history = useGrowingHistory();
  const opened = useSession((session) => session.opened);
  const state = useSession((session) => session.state);
  const progress = useSession((session) => session.progress);
  const isPreparing = state === 'preparing' || state === 'empty';
  const steps = opened?.values['trainer.steps'] ?? 1;
  const done = isPreparing
    ? (progress?.done ?? 0) / Math.max(1, progress?.total ?? 1)
    : history.completeStep(opened ? runsOf(opened) : []) / steps;
  return (
    <div
      className="track"
      role="progressbar"
      aria-label={isPreparing ? 'Preparation' : 'Steps'}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * Math.min(1, done))}
    >
      <div style={{ width: `${100 * Math.min(1, done)}%` }} />
    </div>
  );
}

function Icon({ of }: { of: 'play' | 'pause' }) {
  return (
    <svg width="10" height="12" viewBox="0 0 10 12" fill="currentColor" aria-hidden="true">
      <path d={of === 'play' ? 'M0 0l10 6-10 6z' : 'M0 0h3.4v12H0zM6.6 0H10v12H6.6z'} />
    </svg>
  );
}
