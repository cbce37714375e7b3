/** Where the shown responses tell about the answer: means by kind of token and by place. Pure. */
import { type Means, meansOfGains } from '../../core/gain_profile.ts';
import { kindsOf, type Task } from '../../tasks/task.ts';
import type { ResponseSample } from '../../worker/protocol.ts';
import type { Coefficients, Tint } from './tint.ts';

/** Parts of the reasoning that are averaged apart, from its begin to its end. */
export const PARTS = 5;

export function gainsOf(
  samples: readonly ResponseSample[],
  tint: Tint,
  coefficients: Coefficients,
  task: Task,
): Means {
  const told = samples.map((sample) => ({
    values: sample.tokens
      .map((_, t) => tint.at(sample, t, coefficients))
      .filter((value) => value !== undefined),
    kindOf: kindsOf(task, sample.tokens, sample.mixtures?.length),
  }));
  return meansOfGains(told, PARTS);
}
