/** What every part of the microscope is given. */
import type { Inspection, ResponseInspection } from '../../core/inspection.ts';
import type { Task } from '../../tasks/task.ts';
import type { Mixture } from '../responses/mixture.ts';
import type { Target } from './lens.ts';
import type { TokenReading } from './reading.ts';

export interface Given {
  target: Target;
  task: Task;
  inspection: Inspection;
  seen: ResponseInspection;
  token: TokenReading;
  /** The token's own. */
  own: number;
  /** The token's own, or the slider's. */
  advantage: number;
  /** [V] what was mixed, at a latent position: no token was drawn there. */
  mixture?: Mixture;
}

/** A token as text: spaces and the end have names. */
export function textOf(task: Task, id: number): string {
  if (id === task.eos) return 'end';
  const text = task.vocabulary[id] ?? '?';
  return text.trim() === '' ? '␣' : text;
}
