/**
 * The information plane at an evaluation: what responses tell about the answer, and what they keep of the prompt
 * (core/information.ts). One response to each held-out problem; a few forward passes, only where somebody asks.
 */
import { answerInformation, promptInformation } from '../core/information.ts';
import type { MetricId } from '../metrics/index.ts';
import { cutByRows, packBatch } from '../model/batch.ts';
import { packBranches } from '../model/branches.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { reasoningLength } from './answers.ts';
import type { Judged } from './sampling.ts';

/** Responses that are scored under M prompts, where there are so many. */
export const scoredResponses = (M: number): number => Math.max(32, M);

export interface InformationSettings {
  /** M: prompts each response is scored under, its own among them. */
  prompts: number;
  temperature: number;
}

/**
 * By metric; what the task's answers do not allow is left out, and what is scored under M prompts where there are fewer
 * (settings can change while it trains): with repeated prompts it would be another estimate. Of responses with
 * latent positions nothing is told of the prompt.
 */
export async function measureInformation(
  engine: Engine,
  policy: Policy,
  task: Task,
  responses: readonly Judged[],
  { prompts, temperature }: InformationSettings,
): Promise<Partial<Record<MetricId, number>>> {
  const scored = responses.slice(0, scoredResponses(prompts));
  // A response that begins with mixtures has no probability under another prompt: a density of mixtures would be another scale.
  const hasLatent = scored.some(({ mixtures }) => mixtures);
  const plane =
    scored.length >= prompts && !hasLatent
      ? promptInformation(await scoreUnder(engine, policy, scored, prompts, temperature))
      : undefined;
  const distributions = await answerDistributions(engine, policy, task, responses, temperature);
  return {
    ...(plane && { info_prompt: plane.information, response_entropy: plane.responses }),
    ...(distributions && { info_answer: answerInformation(distributions).information }),
  };
}

/** For each response, log p(response | prompt) in nats under M prompts, its own first, then those of the responses after it. */
export async function scoreUnder(
  engine: Engine,
  policy: Policy,
  responses: readonly Pick<Judged, 'prompt' | 'tokens'>[],
  M: number,
  temperature: number,
): Promise<Float64Array[]> {
  const K = responses.length;
  // By prompts, so that the responses to one share its rows.
  const pairs = responses.flatMap(({ prompt }, p) =>
    Array.from({ length: M }, (_, j) => ({ prompt, i: (((p - j) % K) + K) % K, j })),
  );
  const sequences = pairs.map(({ prompt, i }) => ({
    ...{ prompt, response: (responses[i] as (typeof responses)[number]).tokens },
    ...{ weight: 1, advantage: 0, old_logp: [] },
  }));
  const parts = cutByRows(sequences, engine.workspace.sizes.rows).map(packBatch);
  const { logp } = await currentStats(engine, policy, parts, temperature);
  const scores = responses.map(() => new Float64Array(M));
  let n = 0;
  pairs.forEach(({ i, j }, at) => {
    const { length } = (sequences[at] as (typeof sequences)[number]).response;
    const sum = logp.subarray(n, n + length).reduce((a, b) => a + b, 0);
    (scores[i] as Float64Array)[j] = sum;
    n += length;
  });
  return scores;
}

/** For each response the model's distribution over the task's answers at the end of its reasoning, summing to 1. */
async function answerDistributions(
  engine: Engine,
  policy: Policy,
  task: Task,
  responses: readonly Judged[],
  temperature: number,
): Promise<Float64Array[] | undefined> {
  const { answer, eos } = task;
  if (!answer) return undefined;
  const K = answer.tokens.length;
  const asked = responses.map(({ prompt, tokens, mixtures }) => {
    const most = engine.workspace.sizes.positions - prompt.length - 1;
    const after = Math.min(reasoningLength(tokens, answer, eos, mixtures?.length), most);
    const questions = answer.tokens.map((action) => ({ after, forced: answer.marker, action }));
    return { prompt, response: tokens, questions, mixtures };
  });
  const parts = packBranches(asked, engine.workspace.sizes.rows);
  const { logp } = await currentStats(engine, policy, parts, temperature);
  return responses.map((_, i) => {
    const p = Float64Array.from(logp.subarray(i * K, (i + 1) * K), Math.exp);
    const total = p.reduce((a, b) => a + b, 0);
    // Where all of them underflow the model knows nothing of the answer.
    return p.map((x) => (total > 0 ? x / total : 1 / K));
  });
}
