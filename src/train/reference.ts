/** What the frozen base says of sampled responses, for methods that need it before the reward stage. */
import type { TokenBatch } from '../core/token_batch.ts';
import { cutByRows, packBatch } from '../model/batch.ts';
import { currentStats } from '../model/current.ts';
import type { Engine, Policy } from '../model/engine.ts';
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
  const sequences = judged.map(({ prompt, tokens, logp }) => {
    return { prompt, response: tokens, old_logp: logp, advantage: 0, weight: 1 };
  });
  const parts = cutByRows(sequences, engine.workspace.sizes.rows).map(packBatch);
  const { logp } = await currentStats(engine, base, parts, temperature);
  return { ...batch, ref_logp: logp };
}
