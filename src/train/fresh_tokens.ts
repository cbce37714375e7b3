/** What is known of a minibatch's tokens when its update begins, from the policy as it is then where methods ask for it. */
import { selectResponses, type TokenBatch } from '../core/token_batch.ts';
import { currentStats } from '../model/current.ts';
import type { Policy } from '../model/engine.ts';
import { heldAtLatent } from './latent.ts';
import type { RunView, StepBatch } from './run_parts.ts';
import type { Judged } from './sampling.ts';
import { updateParts } from './update_parts.ts';

export interface Minibatch {
  judged: Judged[];
  tokens: TokenBatch;
  /** Of the forward pass that read the tokens, for the update of the same rows; undefined where none did. */
  generation?: number;
}

/**
 * @param indices of the minibatch's responses in the step
 * @param moved   true where logp and entropy have to be computed again, since the policy is not the sampling one
 */
export async function freshTokens(
  run: RunView,
  batch: StepBatch,
  indices: readonly number[],
  moved: boolean,
  reference: Policy | undefined,
): Promise<Minibatch> {
  const { engine, policy, loss, composed, methods } = run.parts;
  const judged = indices.map((i) => batch.responses[i] as Judged);
  const tokens = selectResponses(batch.tokens, indices);
  if (!moved && composed.reads.length === 0) return { judged, tokens };
  const { parts } = updateParts(engine, { judged, tokens, methods, values: run.settings });
  const temperature = run.setting('trainer.temperature');
  const now = await currentStats(engine, policy, parts, temperature, { reference, loss });
  const { entropy } = moved ? now : tokens;
  const logp = moved ? heldAtLatent(now.logp, tokens.old_logp, judged) : tokens.logp;
  const known = { ...tokens, logp, entropy, rows: now.rows };
  return { judged, tokens: known, generation: now.generation };
}
