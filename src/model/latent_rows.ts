/**
 * Latent positions of packed sequences (shaders/lib/latent_rows.wgsl): which rows are fed a mixture of tokens, and which
 * predict one. They stand at the beginning of a response; the mixtures are constants that were sampled.
 */

import { ROW } from './rows.ts';

/** [V] shares of the tokens at each latent position of a response, in order. */
export type Mixtures = readonly ArrayLike<number>[];

export interface LatentRows {
  /** [N, 2] 1 + number of the mixture that the row is fed and of the one that it predicts; 0 for a token */
  rows: Uint32Array<ArrayBuffer>;
  /** [M, V] */
  mixtures: Float32Array<ArrayBuffer>;
  V: number;
}

/**
 * Rows of one sequence: `fed` tokens, the first `prompt` of them the prompt's, of which some may stand elsewhere. The others,
 * from the last of the prompt on, stand as if the first stood in row `first`.
 */
export interface Fed {
  first: number;
  prompt: number;
  fed: number;
  mixtures?: Mixtures;
}

/** Stands for the token of a row that is fed a mixture, so that no embedding gets its gradient. */
const NO_TOKEN = 0xffffffff;

/**
 * @param rows [N, 5] of the batch; rows that are fed a mixture lose their token
 * @returns undefined where no sequence has a mixture
 * @throws {RangeError} mixtures over vocabularies of different sizes
 */
export function latentRows(rows: Uint32Array, sequences: readonly Fed[]): LatentRows | undefined {
  const all = sequences.flatMap(({ mixtures = [] }) => mixtures);
  const [sample] = all;
  if (!sample) return undefined;
  const V = sample.length;
  const found = new Uint32Array((2 * rows.length) / ROW);
  const flat = new Float32Array(all.length * V);
  all.forEach((mixture, m) => {
    if (mixture.length !== V)
      throw new RangeError(`latentRows: a mixture must hold ${V} shares, got ${mixture.length}`);
    flat.set(mixture, m * V);
  });
  let number = 0;
  for (const { first, prompt, fed, mixtures = [] } of sequences) {
    for (let k = 0; k < mixtures.length; k++) {
      number++;
      const at = prompt + k;
      if (at > 0 && at <= fed) found[2 * (first + at - 1) + 1] = number;
      if (at < fed) {
        found[2 * (first + at)] = number;
        rows[ROW * (first + at)] = NO_TOKEN;
      }
    }
  }
  return { rows: found, mixtures: flat, V };
}
