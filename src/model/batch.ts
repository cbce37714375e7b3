/**
 * Sequences → the packed arrays that a training pass reads. A sequence is prompt + response; its last token is not fed,
 * since nothing follows it. Row n predicts the token after it; rows that predict a response token carry weight.
 */

import { type Fed, type LatentRows, latentRows, type Mixtures } from './latent_rows.ts';
import { type Place, placeRows, ROW, rowsOf, sharesPrompt, type Tokens } from './rows.ts';

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
  /** [N, 5] as shaders/lib/rows_packed.wgsl reads them */
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

/** @throws {RangeError} sequences with different numbers of constants per token */
export function packBatch(sequences: readonly TrainingSequence[]): PackedBatch {
  const places = placeRows(sequences);
  const N = places.at(-1)?.end ?? 0;
  const rows = new Uint32Array(ROW * N);
  const actions = new Uint32Array(N);
  const facts = new Float32Array(4 * N);
  const K = columnsOf(sequences);
  const constants = new Float32Array(K * N);
  const hasTargets = sequences.some((s) => s.targets);
  const targets = hasTargets ? new Float32Array(2 * N) : undefined;
  const fed: Fed[] = [];
  sequences.forEach((s, b) => {
    const { prompt, shared, first, end } = places[b] as Place;
    const length = rowsOf(s);
    fed.push({ first: first - shared, prompt: s.prompt.length, fed: length, mixtures: s.mixtures });
    // Each that shares them moves the end of what sees them.
    for (let i = 0; i < shared; i++) {
      rows.set([tokenAt(s, i), i, prompt, end, prompt], ROW * (prompt + i));
    }
    for (let i = shared; i < length; i++) {
      const n = first + i - shared;
      rows.set([tokenAt(s, i), i, first, end, shared > 0 ? prompt : first], ROW * n);
      actions[n] = tokenAt(s, i + 1);
      const t = i + 1 - s.prompt.length;
      // ref_logp starts as old_logp and is overwritten where a reference is asked for.
      if (t < 0) continue;
      const old = (s.old_logp[t] ?? 0) as number;
      const advantage = typeof s.advantage === 'number' ? s.advantage : s.advantage[t];
      facts.set([s.weight, advantage as number, old, old], 4 * n);
      for (let c = 0; c < K; c++) constants[K * n + c] = s.constants?.[K * t + c] as number;
      targets?.set([s.targets?.[2 * t] as number, s.targets?.[2 * t + 1] as number], 2 * n);
    }
  });
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
 * @param rowsOfOne of a sequence that shares nothing
 * @throws {RangeError} a sequence longer than the capacity
 */
export function cutByRows<S extends Tokens>(
  sequences: readonly S[],
  capacity: number,
  rowsOfOne: (s: S) => number = rowsOf,
): S[][] {
  const parts: S[][] = [];
  let room = 0;
  sequences.forEach((s, i) => {
    const rows = rowsOfOne(s);
    if (rows > capacity)
      throw new RangeError(`cutByRows: a sequence must fit ${capacity} rows, got ${rows}`);
    const more = sharesPrompt(sequences[i - 1], s) ? rows - (s.prompt.length - 1) : rows;
    if (more > room) {
      parts.push([]);
      room = capacity - rows;
    } else {
      room -= more;
    }
    (parts[parts.length - 1] as S[]).push(s);
  });
  return parts;
}
