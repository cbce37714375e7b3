/**
 * What tokens of held-out responses tell about the answer, by kind and by place, at an evaluation: one forward pass of
 * about twice the rows over responses that are sampled already, and only where somebody looks.
 */
import { type Gain, type GainProfile, type Means, meansOfGains } from '../core/gain_profile.ts';
import type { Engine, Policy } from '../model/engine.ts';
import { kindsOf, type Task } from '../tasks/task.ts';
import { readAnswers } from './answers.ts';
import type { Judged } from './sampling.ts';

/** Parts of the reasoning that are averaged apart, from its beginning to its end. */
const PARTS = 10;

/** Undefined where the task's answers are not of one token. */
export async function measureGains(
  engine: Engine,
  policy: Policy,
  task: Task,
  responses: readonly Judged[],
  temperature: number,
): Promise<GainProfile | undefined> {
  const { answer } = task;
  if (!answer) return undefined;
  const asked = responses.map((r) => ({ ...r, right: answer.right(r.problem) }));
  const readings = await readAnswers(engine, policy, task, asked, temperature);
  const means = (gain: Gain, sign: number): Means =>
    meansOfGains(
      readings.map((reading, i) => {
        const read = reading[gain];
        const { tokens, mixtures } = responses[i] as Judged;
        return {
          values: Array.from(read.subarray(1), (next, t) => sign * (next - (read[t] as number))),
          kindOf: kindsOf(task, tokens, mixtures?.length),
        };
      }),
      PARTS,
    );
  return {
    responses: responses.length,
    gains: { entropy: means('entropy', -1), logp: means('logp', 1) },
  };
}
