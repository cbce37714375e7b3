/** The covariance of advantage and log-probability, token by token, of the entropy mechanism (arXiv:2505.22617). */
import { mean } from './statistics.ts';
import type { TokenBatch } from './token_batch.ts';

/** [N] (A − mean A) · (logp − mean logp), logp of the current policy, the means over the minibatch. */
export function covariances({ advantage, logp }: TokenBatch): Float64Array {
  const [meanAdvantage, meanLogp] = [mean(advantage), mean(logp)];
  return Float64Array.from(
    advantage,
    (a, n) => (a - meanAdvantage) * ((logp[n] as number) - meanLogp),
  );
}
