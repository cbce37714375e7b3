/** What each token of a response tells about the answer, from readings of the answer before each token. */
import { responses, type TokenBatch } from './token_batch.ts';

/** [N] nats that a token takes off the answer's entropy: E_t − E_{t+1}; 0 where one of the two was not read. */
export function entropyGains(batch: TokenBatch): Float32Array {
  return differences(batch, batch.answer_entropy, (now, next) => now - next, -1);
}

/** [N] nats that a token adds to the right answer's log-probability; 0 where it was not read before and after it. */
export function logpGains(batch: TokenBatch): Float32Array {
  return differences(batch, batch.answer_logp, (now, next) => next - now, 1);
}

function differences(
  batch: TokenBatch,
  values: Float32Array,
  of: (now: number, next: number) => number,
  unread: number,
): Float32Array {
  const gains = new Float32Array(values.length);
  for (const { from, to } of responses(batch)) {
    for (let n = from; n + 1 < to; n++) {
      const [now, next] = [values[n] as number, values[n + 1] as number];
      if (now !== unread && next !== unread) gains[n] = of(now, next);
    }
  }
  return gains;
}
