/** Which problems a run sees. Depends on the seed and the step only, so arms of one seed see the same in the same order. */
import type { Values } from '../core/param.ts';
import { Random, STREAM } from '../core/random.ts';
import type { Task } from '../tasks/task.ts';

/** Draws until the problem is on the wanted side of the held-out split. */
function draw(task: Task, values: Values, heldOut: boolean, ...counter: number[]): unknown {
  const random = new Random(...counter);
  for (let tries = 0; tries < 10000; tries++) {
    const problem = task.generate(random, values);
    if (task.heldOut(problem) === heldOut) return problem;
  }
  throw new RangeError(
    `${task.id}: needs ${heldOut ? 'held-out' : 'training'} problems at these settings, found none in 10000`,
  );
}

/** Training problems number `first` … of a step. `stream` keeps uses apart. */
export function trainingProblems(
  task: Task,
  values: Values,
  seed: number,
  stream: number,
  step: number,
  count: number,
  first = 0,
): unknown[] {
  return Array.from({ length: count }, (_, i) =>
    draw(task, values, false, seed, stream, step, first + i),
  );
}

/** The same held-out problems for every run. */
export function heldOutProblems(task: Task, values: Values, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => draw(task, values, true, 0, STREAM.evaluate, i));
}
