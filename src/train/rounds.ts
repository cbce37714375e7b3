/** Samples the responses of a step: once, or in rounds until enough prompts are worth learning from. */
import type { Values } from '../core/param.ts';
import { STREAM } from '../core/random.ts';
import type { TokenBatch } from '../core/token_batch.ts';
import type { Method } from '../methods/method.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { latentOf } from './latent.ts';
import { trainingProblems } from './problems.ts';
import { type Judged, sampleResponses } from './sampling.ts';

export interface Rounds {
  /** Those of the first round, all of them: what is measured, the same prompts for every arm of a seed. */
  first: Judged[];
  /** Those that are learned from. */
  kept: Judged[];
  /** Responses sampled in all rounds. */
  sampled: number;
}

export interface RoundsRequest {
  prompts: number;
  groupSize: number;
  temperature: number;
  seed: number;
  step: number;
  methods: readonly Method[];
  values: Values;
  /** Facts of the responses of one round. */
  facts(judged: Judged[]): TokenBatch;
}

/** Where no prompt of any round is kept, the first round's are: then regularizers alone act. */
export async function sampleRounds(
  engine: Engine,
  policy: Policy,
  task: Task,
  request: RoundsRequest,
): Promise<Rounds> {
  const { prompts, groupSize, temperature, seed, step, methods, values } = request;
  const chooser = methods.find((method) => method.stage === 'sampling');
  const rounds = chooser?.rounds(values) ?? 1;
  const warmth = methods.find((method) => method.warmth)?.warmth?.(values);
  const kept: Judged[] = [];
  let first: Judged[] | undefined;
  let sampled = 0;
  for (let round = 0; round < rounds && kept.length < prompts * groupSize; round++) {
    const problems = trainingProblems(
      ...([task, values, seed, STREAM.prompt, step, prompts, round * prompts] as const),
    );
    const responses = await sampleResponses(engine, policy, task, {
      ...{ problems, groupSize, temperature, warmth, seed, stream: STREAM.sample, step },
      ...{ firstSequence: sampled, latent: latentOf(methods, values) },
    });
    first ??= responses;
    sampled += responses.length;
    const keeps = chooser?.keeps(request.facts(responses), values);
    kept.push(...responses.filter((_, i) => !keeps || keeps[i] === 1));
  }
  first ??= [];
  // The first round's own list where it is all of it, so that nothing is asked twice of the same responses.
  const isAll = kept.length === 0 || kept.length === first.length;
  const isFirst = isAll && kept.every((response, i) => response === first[i]);
  return { first, kept: isFirst ? first : kept.slice(0, prompts * groupSize), sampled };
}
