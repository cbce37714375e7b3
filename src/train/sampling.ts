/** Samples and judges responses to problems, in as many rollouts as the buffers need. */
import type { LatentSampling } from '../core/latent.ts';
import type { Engine, Policy } from '../model/engine.ts';
import { type Response, rollout, type Warmth } from '../model/generate.ts';
import type { Task, Verdict } from '../tasks/task.ts';
import { spokenTokens } from './latent.ts';

export interface Judged extends Response {
  problem: unknown;
  prompt: number[];
  /** Of the tokens that the task reads; `answered_at` counts all positions. */
  verdict: Verdict;
}

export interface SamplingRequest {
  problems: readonly unknown[];
  groupSize: number;
  temperature: number;
  warmth?: Warmth;
  seed: number;
  stream: number;
  step: number;
  /** Number of the first response in the counter, where a step samples several times. */
  firstSequence?: number;
  /** How responses begin, where with latent positions. */
  latent?: LatentSampling;
}

/**
 * Submits everything before the first read-back is awaited, as far as the ring of read-backs reaches.
 * @returns responses in the order of the problems, a problem's G adjacent
 * @throws {Error} the model gave a log-probability that is not finite
 */
export async function sampleResponses(
  engine: Engine,
  policy: Policy,
  task: Task,
  request: SamplingRequest,
): Promise<Judged[]> {
  const { problems, groupSize } = request;
  const prompts = problems.map((problem) => task.prompt(problem));
  const { sequences, rows } = engine.workspace.sizes;
  const longest = Math.max(...prompts.map((p) => p.length));
  // Whole groups per rollout; their prompts must fit the prefill.
  const perRollout = Math.max(
    1,
    Math.min(Math.floor(sequences / groupSize), Math.floor(rows / longest)),
  );
  const parts: Promise<Response[]>[] = [];
  for (let first = 0; first < prompts.length; first += perRollout) {
    parts.push(
      rollout(engine, policy, {
        ...request,
        prompts: prompts.slice(first, first + perRollout),
        firstSequence: (request.firstSequence ?? 0) + first * groupSize,
      }),
    );
  }
  const responses = (await Promise.all(parts)).flat();
  return responses.map((response, i) => {
    const p = Math.floor(i / groupSize);
    if (!response.logp.every(Number.isFinite)) {
      throw new Error(
        `rollout: log-probabilities must be finite, got ${response.logp.find((x) => !Number.isFinite(x))}`,
      );
    }
    const spoken = spokenTokens(response);
    const read = task.verify(problems[p], spoken);
    const answered_at = read.answered_at + response.tokens.length - spoken.length;
    const verdict = { ...read, answered_at };
    return { ...response, problem: problems[p], prompt: prompts[p] as number[], verdict };
  });
}
