/** A minibatch as a training pass takes it: packed rows with the weights and constants that a set of terms reads. */
import { AGGREGATES, type AggregateId } from '../core/aggregate.ts';
import type { Values } from '../core/param.ts';
import type { TokenBatch } from '../core/token_batch.ts';
import type { Composed } from '../methods/compose.ts';
import type { Method } from '../methods/method.ts';
import { cutByRows, type PackedBatch, packBatch, type TrainingSequence } from '../model/batch.ts';
import type { Engine } from '../model/engine.ts';
import { criticOf } from './critic.ts';
import { trainingSequences } from './minibatch.ts';
import type { Judged } from './sampling.ts';
import { type AggregateSettings, aggregateWeights, tokenConstants } from './stages.ts';

export interface PartsRequest {
  /** The responses of the minibatch, in its order. */
  judged: readonly Judged[];
  /** Of the same responses. */
  tokens: TokenBatch;
  /** Active methods of all stages. */
  methods: readonly Method[];
  /** The terms that the pass computes; undefined: none, for a forward pass alone. */
  composed?: Composed;
  values: Values;
}

/** @returns the sequences of the minibatch, packed in parts, and [N, K] the constants that they hold */
export function updateParts(
  engine: Engine,
  { judged, tokens, methods, composed, values }: PartsRequest,
): { sequences: TrainingSequence[]; parts: PackedBatch[]; constants: Float32Array } {
  const aggregate: AggregateSettings = {
    mode: AGGREGATES[values['trainer.aggregate'] as number]?.id as AggregateId,
    maxResponse: engine.workspace.sizes.response,
  };
  const constants = composed
    ? tokenConstants(methods, composed, tokens, aggregate, values)
    : new Float32Array();
  const sequences = trainingSequences(
    judged,
    tokens,
    aggregateWeights(tokens, aggregate),
    constants,
    criticOf(methods) !== undefined,
  );
  const parts = cutByRows(sequences, engine.workspace.sizes.rows).map(packBatch);
  return { sequences, parts, constants };
}
