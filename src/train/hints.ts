/** What the policy says of sampled responses when their prompts tell the right answer: a forward pass and a read-back. */
import type { TokenBatch } from '../core/token_batch.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { forwardParts } from './minibatch.ts';
import type { Judged } from './sampling.ts';

export interface Hinting {
  engine: Engine;
  policy: Policy;
  task: Task;
  temperature: number;
}

/**
 * The batch of these responses with the entropy of each token under its hinted prompt.
 * @throws {RangeError} the task writes no hints
 */
export async function withHints(
  { engine, policy, task, temperature }: Hinting,
  judged: readonly Pick<Judged, 'problem' | 'tokens' | 'logp' | 'mixtures'>[],
  batch: TokenBatch,
): Promise<TokenBatch> {
  const { hint } = task;
  if (!hint) throw new RangeError(`${task.id}: needs prompts that can tell the answer, got none`);
  const told = judged.map((response) => ({ ...response, prompt: hint(response.problem) }));
  const parts = forwardParts(engine, told);
  const { entropy } = await currentStats(engine, policy, parts, temperature);
  return { ...batch, hint_entropy: entropy };
}
