/** What every phase is given. */
import type { Experiment } from '../../core/experiment.ts';
import type { SlowArm, SlowResponse, SlowStep } from '../../core/slow_step.ts';
import type { Task } from '../../tasks/task.ts';
import { textOf } from '../microscope/given.ts';
import { latentInWords } from '../responses/mixture.ts';

export interface SlowGiven {
  step: SlowStep;
  /** The arm whose group the first three phases show. */
  arm: SlowArm;
  task: Task;
  experiment: Experiment;
}

/** @param latent positions that it begins with, each a box: no token was drawn there */
export const textOfAll = (task: Task, tokens: readonly number[], latent = 0): string =>
  tokens
    .map((id, t) => {
      if (t < latent) return '▒';
      return id === task.eos ? '' : task.vocabulary[id];
    })
    .join('');

/** One position in words: its token, or what was mixed where none was drawn. */
export function positionInWords(
  { tokens, mixtures }: Pick<SlowResponse, 'tokens' | 'mixtures'>,
  at: number,
  task: Task,
): string {
  const mixture = mixtures?.[at];
  return mixture ? latentInWords(mixture, task) : textOf(task, tokens[at] as number);
}

export function armOf({ experiment }: SlowGiven, id: string): { name: string; color: number } {
  return experiment.arms.find((arm) => arm.id === id) ?? { name: id, color: 0 };
}
