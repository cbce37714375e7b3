/** What a session measures, as events of the Worker. */
import type { SessionEvents } from '../train/session.ts';
import type { PointBuffer } from './points.ts';
import type { Event } from './protocol.ts';

export function measuredEvents(
  post: (event: Event) => void,
  points: PointBuffer,
): Omit<SessionEvents, 'progress'> {
  return {
    row: (run, step, values) => points.add(run, step, values),
    byDifficulty: (run, step, pairs) => post({ type: 'by_difficulty', ...run, step, pairs }),
    responses: (run, step, prompt, answer, samples) =>
      post({ type: 'responses', ...run, step, prompt, answer, samples }),
    probes: (run, step, samples, gains) =>
      post({ type: 'probes', ...run, step, samples, ...(gains && { gains }) }),
    pairs: (run, pairs) => post({ type: 'pairs', ...run, ...pairs }),
    runFailed: (run, step, message) => post({ type: 'run_failed', ...run, step, message }),
  };
}
