/**
 * Sequences → the packed arrays that a training pass reads. A sequence is prompt + response; its last token is not fed,
 * since nothing follows it. Row n predicts the token after it; rows that predict a response token carry weight.
 */

import { type Fed, type LatentRows, latentRows, type Mixtures } from './latent_rows.ts';

/** One sampled or demonstrated sequence with what the loss needs. */
export interface TrainingSequence {
  prompt: ArrayLike<number>;
  response: ArrayLike<number>;
  /** Of each of its response tokens; from the aggregate. */
  weight: number;
  /** Of all its response tokens, or [response]. */
  advantage: number | ArrayLike<number>;
  /** [response] nats */
  old_logp: ArrayLike<number>;
  /** [response, K] of the methods (composed columns), where they have some. */
  constants?: ArrayLike<number>;
  /** [response, 2] value when it was sampled and what the value head should say, where there is one. */
  targets?: ArrayLike<number>;
  /** Of its first response tokens, where those are latent positions. */
  mixtures?: Mixtures;
}

export interface PackedBatch {
  /** Rows used. */
  N: number;
  /** [N, 4] token, position, first row and end row of its sequence */
  rows: Uint32Array<ArrayBuffer>;
  /** [N] the token that follows */
  actions: Uint32Array<ArrayBuffer>;
  /** [N, 4] weight, advantage, old_logp, ref_logp */
  facts: Float32Array<ArrayBuffer>;
  /** [N, K], 0 on rows that predict no response token */
  constants?: Float32Array<ArrayBuffer>;
  /** [N, 2], likewise */
  targets?: Float32Array<ArrayBuffer>;
  /** Where some sequence has latent positions. */
  latent?: LatentRows;
}

export const rowsOf = (s: TrainingSequence): number => s.prompt.length + s.response.length - 1;

/** @throws {RangeError} sequences with different numbers of constants per token */
export function packBatch(sequences: readonly TrainingSequence[]): PackedBatch {
  const N = sequences.reduce((sum, s) => sum + rowsOf(s), 0);
  const rows = new Uint32Array(4 * N);
  const actions = new Uint32Array(N);
  const facts = new Float32Array(4 * N);
  const K = columnsOf(sequences);
  const constants = new Float32Array(K * N);
  const hasTargets = sequences.some((s) => s.targets);
  const targets = hasTargets ? new Float32Array(2 * N) : undefined;
  const fed: Fed[] = [];
  let first = 0;
  for (const s of sequences) {
    const length = rowsOf(s);
    fed.push({ first, prompt: s.prompt.length, fed: length, mixtures: s.mixtures });
    for (let i = 0; i < length; i++) {
      const n = first + i;
      rows.set([tokenAt(s, i), i, first, first + length], 4 * n);
      actions[n] = tokenAt(s, i + 1);
      const t = i + 1 - s.prompt.length;
      // ref_logp starts as old_logp and is overwritten where a reference is asked for.
      const old = (s.old_logp[t] ?? 0) as number;
      if (t < 0) continue;
      const advantage = typeof s.advantage === 'number' ? s.advantage : s.advantage[t];
      facts.set([s.weight, advantage as number, old, old], 4 * n);
      for (let c = 0; c < K; c++) constants[K * n + c] = s.constants?.[K * t + c] as number;
      targets?.set([s.targets?.[2 * t] as number, s.targets?.[2 * t + 1] as number], 2 * n);
    }
    first += length;
  }
  const latent = latentRows(rows, fed);
  return {
    ...{ N, rows, actions, facts, targets, constants: K > 0 ? constants : undefined },
    ...(latent && { latent }),
  };
}

/** K: constants of a response token. */
function columnsOf(sequences: readonly TrainingSequence[]): number {
  const widths = sequences
    .filter((s) => s.response.length > 0)
    .map((s) => (s.constants?.length ?? 0) / s.response.length);
  const [K = 0] = widths;
  const other = widths.find((width) => width !== K);
  if (other !== undefined)
    throw new RangeError(`packBatch: needs ${K} constants per token, got ${other}`);
  return K;
}

function tokenAt(s: TrainingSequence, i: number): number {
  return (i < s.prompt.length ? s.prompt[i] : s.response[i - s.prompt.length]) as number;
}

/**
 * Cuts sequences, in order, into parts that fit `capacity` rows each.
 * @throws {RangeError} a sequence longer than the capacity
 */
export function cutByRows<S extends TrainingSequence>(
  sequences: readonly S[],
  capacity: number,
): S[][] {
  const parts: S[][] = [];
  let room = 0;
  for (const s of sequences) {
    const rows = rowsOf(s);
    if (rows > capacity)
      throw new RangeError(`cutByRows: a sequence must fit ${capacity} rows, got ${rows}`);
    if (rows > room) {
      parts.push([]);
      room = capacity;
    }
    (parts[parts.length - 1] as S[]).push(s);
    room -= rows;
  }
  return parts;
}
