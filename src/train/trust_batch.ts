/** What the engine checks itself on: a small model with sizes that divide nothing, and batches for it and for its twin. */
import type { TrainingSequence } from '../model/batch.ts';
import { type Packed, packSequences } from '../reference/transformer.ts';

/** Heads of 10 are stored in 12, 30 channels in 32, 13 in 16, 11 tokens in 12: padding is checked, too. */
export const CONFIG = {
  ...{ n_layer: 2, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
export const TWIN = {
  ...{ vocab: 11, d_model: 30, layers: 2, heads: 3, d_ff: 13 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
export const SIZES = { rows: 40, sequences: 8, response: 4, positions: 16, splits: 2, latent: 3 };

/** [prompt, response, latent positions of it where it has some] */
const LENGTHS = [
  ...[
    [1, 1, 1],
    [1, 2, 0],
    [4, 2, 2],
  ],
  ...[
    [5, 5, 3],
    [2, 2, 1],
    [1, 7, 3],
  ],
] as [number, number, number][];

/** Six sequences of any length with advantages of both signs and ratios on both sides of every clip. */
export function sampleSequences(random: () => number): TrainingSequence[] {
  const tokens = LENGTHS.reduce((sum, [, response]) => sum + response, 0);
  const number = (scale: number): number => Math.fround(scale * (2 * random() - 1));
  const draw = (length: number): number[] =>
    Array.from({ length }, () => Math.floor(random() * CONFIG.vocab_size));
  return LENGTHS.map(([prompt, response]) => ({
    prompt: draw(prompt),
    response: draw(response),
    weight: Math.fround(1 / tokens),
    advantage: number(2),
    old_logp: Array.from({ length: response }, () => Math.fround(-2 + number(1.5))),
  }));
}

/** The same where most begin with latent positions: all of a response, some of it, none. */
export function withMixtures(
  sequences: readonly TrainingSequence[],
  random: () => number,
): TrainingSequence[] {
  const mixture = (): Float32Array => {
    const shares = Float32Array.from({ length: CONFIG.vocab_size }, () => random() ** 4);
    const sum = shares.reduce((a, b) => a + b, 0);
    return shares.map((x) => x / sum);
  };
  return sequences.map((s, i) => {
    const [, , length] = LENGTHS[i] as (typeof LENGTHS)[number];
    return length === 0 ? s : { ...s, mixtures: Array.from({ length }, mixture) };
  });
}

type Fed = Pick<TrainingSequence, 'prompt' | 'response' | 'mixtures'>;

/** What stands behind prompt and first response tokens; nothing follows the last one, which is not fed. */
const tokensOf = ({ prompt, response }: Fed): number[] => [
  ...Array.from(prompt),
  ...Array.from(response),
];

/** As the twin is fed. */
export function packedOf(sequences: readonly Fed[]): Packed {
  const packed = packSequences(sequences.map((s) => tokensOf(s).slice(0, -1)));
  if (!sequences.some(({ mixtures }) => mixtures)) return packed;
  const mixture = sequences.flatMap((s) =>
    tokensOf(s)
      .slice(0, -1)
      .map((_, i) => s.mixtures?.[i - s.prompt.length]),
  );
  return { ...packed, mixture };
}

/** What the twin wants to know of every row. */
export function rowsOf(sequences: readonly TrainingSequence[]) {
  const rows = sequences.flatMap((s, sequence) =>
    tokensOf(s)
      .slice(1)
      .map((action, i) => {
        const t = i + 1 - s.prompt.length;
        const old_logp = t < 0 ? 0 : (s.old_logp[t] as number);
        const own = { mask: t < 0 ? 0 : 1, old_logp, advantage: s.advantage as number };
        return { action, sequence, ...own, mixture: s.mixtures?.[t] };
      }),
  );
  const column = <K extends keyof (typeof rows)[0]>(key: K): (typeof rows)[0][K][] =>
    rows.map((row) => row[key]);
  return {
    action: column('action'),
    mask: column('mask'),
    sequence: column('sequence'),
    old_logp: column('old_logp'),
    advantage: column('advantage'),
    mixture: column('mixture'),
  };
}
