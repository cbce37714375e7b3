/** What every phase is given. */
import type { Experiment } from '../../core/experiment.ts';
import type { SlowArm, SlowStep } from '../../core/slow_step.ts';
import type { Task } from '../../tasks/task.ts';

export interface SlowGiven {
  step: SlowStep;
  /** The arm whose group the first three phases show. */
  arm: SlowArm;
  task: Task;
  experiment: Experiment;
}

export const textOfAll = (task: Task, tokens: readonly number[]): string =>
  tokens.map((id) => (id === task.eos ? '' : task.vocabulary[id])).join('');

export function armOf({ experiment }: SlowGiven, id: string): { name: string; color: number } {
  return experiment.arms.find((arm) => arm.id === id) ?? { name: id, color: 0 };
}
