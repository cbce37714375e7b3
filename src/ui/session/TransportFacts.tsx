/** Where the runs stand, in one line: preparation, estimate, step, time left. */
import type { CSSProperties } from 'react';
import { runsOf } from '../../core/experiment.ts';
import { useGrowingHistory, useSession } from '../context.ts';
import { formatBytes, formatDuration, plural } from '../format.ts';

export function TransportFacts() {
  const session = useSession((s) => s);
  const history = useGrowingHistory();
  const { state, adapter, opened, progress, estimate, secondsPerStep } = session;
  const runs = opened ? runsOf(opened) : [];
  const planned = opened?.values['trainer.steps'] ?? 0;
  const step = history.completeStep(runs);

  if (state === 'empty') {
    // The adapter is known, and what the page began with could not run.
    const words = adapter ? 'Not open' : 'Looking at the graphics adapter…';
    return <div className="transport-facts">{words}</div>;
  }
  if (state === 'preparing') {
    const share = progress && progress.total > 1 ? ` ${progress.done} of ${progress.total}` : '';
    return (
      <div className="transport-facts number">
        {progress ? `${progress.phase}${share}` : 'Preparing…'}
        {progress?.note && <span>{progress.note}</span>}
      </div>
    );
  }
  if (state === 'failed') {
    return (
      <div className="transport-facts">{step > 0 ? `Stopped at step ${step}` : 'Not open'}</div>
    );
  }

  // As wide now as at the last step.
  const room = String(planned).length - String(step).length;
  const left = history
    .runs()
    .filter((run) => !run.failed)
    .reduce((sum, run) => sum + Math.max(0, planned + 1 - run.length), 0);
  return (
    <div className="transport-facts number">
      <span className="transport-step" style={{ '--room': `${room}ch` } as CSSProperties}>
        step <b>{step}</b> of {planned}
      </span>
      <span>{plural(runs.length, 'run')} in turn</span>
      {state === 'running' && secondsPerStep !== undefined && left > 0 && (
        <span>{timeLeft(left * secondsPerStep)}</span>
      )}
      {state === 'finished' && step >= planned && <span>finished</span>}
      {history.lastStep() === 0 && estimate && state !== 'running' && (
        <span>
          about <b>{formatDuration(estimate.seconds_total)}</b> in all,{' '}
          {formatBytes(estimate.memory_bytes)}
        </span>
      )}
    </div>
  );
}

function timeLeft(seconds: number): string {
  return seconds < 5 ? 'a few seconds left' : `about ${formatDuration(seconds)} left`;
}
