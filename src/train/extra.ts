/** Further responses that a sampling method asks for once a step's own are known, in the place of some of them. */
import type { Values } from '../core/param.ts';
import { STREAM } from '../core/random.ts';
import { joinBatches, responses, selectResponses, type TokenBatch } from '../core/token_batch.ts';
import type { SamplingMethod } from '../methods/method.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { forwardParts } from './minibatch.ts';
import { type Judged, sampleResponses } from './sampling.ts';

/** Responses with what the stages of a step made of them. */
export interface Credited {
  judged: Judged[];
  tokens: TokenBatch;
}

export interface ExtraRequest {
  engine: Engine;
  policy: Policy;
  task: Task;
  method: SamplingMethod;
  values: Values;
  groupSize: number;
  seed: number;
  step: number;
  /** Responses that were sampled before, so that no random number is used twice. */
  sampled: number;
  credit(judged: Judged[]): Promise<TokenBatch>;
}

/**
 * The ratio of a further response begins at 1 under the trainer's temperature, whatever it was sampled at.
 * @returns as many responses as before, and how many were sampled
 */
export async function withExtra(
  own: Credited,
  request: ExtraRequest,
): Promise<Credited & { sampled: number }> {
  const { engine, policy, task, method, values, groupSize, seed, step, sampled } = request;
  const asked = method.extra?.(own.tokens, values);
  if (!asked || asked.prompts === 0 || !method.replace) return { ...own, sampled: 0 };
  const problems = Array.from({ length: asked.prompts }, (_, p) => own.judged[p * groupSize]);
  const drawn = await sampleResponses(engine, policy, task, {
    problems: problems.flatMap((r) => (r ? [r.problem] : [])),
    ...{ groupSize, seed, step, stream: STREAM.sample, firstSequence: sampled },
    temperature: asked.temperature,
  });
  const judged = await atTemperature(request, drawn);
  const tokens = await request.credit(judged);
  const { at, by, advantage } = method.replace(own.tokens, tokens, values);
  const order = own.judged.map((_, i) => i);
  at.forEach((i, k) => {
    order[i] = own.judged.length + (by[k] as number);
  });
  const all = [...own.judged, ...judged];
  const joined = selectResponses(joinBatches(own.tokens, tokens), order);
  const given = (of: Float32Array): Float32Array => {
    const result = of.slice();
    responses(joined).forEach(({ from, to }, i) => {
      if ((order[i] as number) >= own.judged.length) result.fill(advantage, from, to);
    });
    return result;
  };
  const [estimate, advantages] = [given(joined.estimate), given(joined.advantage)];
  return {
    judged: order.map((i) => all[i] as Judged),
    tokens: { ...joined, estimate, advantage: advantages },
    sampled: judged.length,
  };
}

/** Log-probabilities and entropies under the trainer's temperature. */
async function atTemperature(
  { engine, policy, values }: ExtraRequest,
  judged: readonly Judged[],
): Promise<Judged[]> {
  const parts = forwardParts(engine, judged);
  const temperature = values['trainer.temperature'] as number;
  const { logp, entropy } = await currentStats(engine, policy, parts, temperature);
  let from = 0;
  return judged.map((r) => {
    const to = from + r.tokens.length;
    const own = { logp: logp.slice(from, to), entropy: entropy.slice(from, to) };
    from = to;
    return { ...r, ...own };
  });
}
