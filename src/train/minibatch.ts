/** Cuts a step's batch into the minibatches of its updates, and a minibatch into what a training pass takes. */
import { Random, STREAM } from '../core/random.ts';
import { responses, type TokenBatch } from '../core/token_batch.ts';
import { cutByRows, type PackedBatch, packBatch, type TrainingSequence } from '../model/batch.ts';
import type { Engine } from '../model/engine.ts';
import type { Judged } from './sampling.ts';

export interface Cut {
  /** Responses of the step. */
  responses: number;
  groupSize: number;
  minibatches: number;
  seed: number;
  step: number;
  epoch: number;
}

/** Responses of each minibatch: whole prompts, in a seeded order when there are several. */
export function minibatchIndices(cut: Cut): number[][] {
  const { groupSize: G, seed, step, epoch } = cut;
  const prompts = cut.responses / G;
  const count = Math.min(cut.minibatches, prompts);
  const order =
    count > 1 ? new Random(seed, STREAM.shuffle, step, epoch).permutation(prompts) : undefined;
  return Array.from({ length: count }, (_, k) => {
    const [from, to] = [Math.floor((k * prompts) / count), Math.floor(((k + 1) * prompts) / count)];
    return Array.from({ length: (to - from) * G }, (__, i) => {
      const p = from + Math.floor(i / G);
      return (order ? (order[p] as number) : p) * G + (i % G);
    });
  });
}

/**
 * @param judged    the responses of the minibatch, in its order
 * @param weights   [B] of each response's tokens
 * @param constants [N, K] of the methods
 * @param hasValue  with what the value head is compared with
 */
export function trainingSequences(
  judged: readonly Judged[],
  batch: TokenBatch,
  weights: Float32Array,
  constants: Float32Array,
  hasValue = false,
): TrainingSequence[] {
  const K = constants.length / batch.logp.length;
  return responses(batch).map(({ from, to }, i) => ({
    prompt: (judged[i] as Judged).prompt,
    response: (judged[i] as Judged).tokens,
    mixtures: (judged[i] as Judged).mixtures,
    old_logp: batch.old_logp.subarray(from, to),
    advantage: batch.advantage.subarray(from, to),
    weight: weights[i] as number,
    constants: constants.subarray(K * from, K * to),
    ...(hasValue ? { targets: pairs(batch.value, batch.target, from, to) } : {}),
  }));
}

/** [to − from, 2] */
function pairs(a: Float32Array, b: Float32Array, from: number, to: number): Float32Array {
  return Float32Array.from({ length: 2 * (to - from) }, (_, i) => {
    return (i % 2 === 0 ? a : b)[from + (i >> 1)] as number;
  });
}

/** Sampled responses as a forward pass takes them, with nothing to learn. */
export function forwardParts(
  engine: Engine,
  sampled: readonly Pick<Judged, 'prompt' | 'tokens' | 'logp' | 'mixtures'>[],
): PackedBatch[] {
  const sequences = sampled.map(({ prompt, tokens, logp, mixtures }) => {
    return { prompt, response: tokens, old_logp: logp, advantage: 0, weight: 1, mixtures };
  });
  return cutByRows(sequences, engine.workspace.sizes.rows).map(packBatch);
}
