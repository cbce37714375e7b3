/** What the frozen base says of sampled responses, for methods that need it before the reward stage. */
import type { TokenBatch } from '../core/token_batch.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
import { heldAtLatent } from './latent.ts';
import { forwardParts } from './minibatch.ts';
import type { Judged } from './sampling.ts';

export interface Reference {
  engine: Engine;
  base: Policy;
  temperature: number;
}

/** The batch of these responses with the base's log-probabilities: a forward pass and a read-back. */
export async function withReference(
  { engine, base, temperature }: Reference,
  judged: readonly Judged[],
  batch: TokenBatch,
): Promise<TokenBatch> {
  const parts = forwardParts(engine, judged);
  const { logp } = await currentStats(engine, base, parts, temperature);
  return { ...batch, ref_logp: heldAtLatent(logp, batch.old_logp, judged) };
}
