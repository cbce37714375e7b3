/** Which family of matrix and attention kernels an adapter runs, and why: data only, told to the page and kept by it. */

/** Each is told in model/tiles.ts. */
export const TILE_IDS = ['alone', 'quad', 'staged'] as const;
export type TileId = (typeof TILE_IDS)[number];

/** How the threads of each get numbers from memory, in words for who knows no kernel. */
export const TILE_WORDS: Record<TileId, { loads: string; means: string }> = {
  alone: { loads: 'separate', means: 'each thread loads all that it multiplies' },
  quad: { loads: 'shared', means: 'four neighboring threads share what each of them loads' },
  staged: {
    loads: 'staged',
    means:
      'in training, a group of threads first copies what it multiplies to memory of its own; elsewhere each thread loads for itself',
  },
};

/** How responses are sampled: kernel by kernel, or many tokens in one dispatch (model/rollout_variants.ts). */
export const SAMPLINGS = ['loop', 'mega'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

/** Of what has been trained: with other kernels its numbers are the same within rounding, but not bit for bit. */
export interface KernelsUsed {
  tile?: TileId;
  sampling?: Sampling;
}

/** What is known of it. */
export function usedIn({ tile, sampling }: KernelsUsed): KernelsUsed {
  return { ...(tile && { tile }), ...(sampling && { sampling }) };
}

export interface TileChoice {
  /** Adapter, features and kernels that it was made for: with any other it says nothing. */
  key: string;
  tile: TileId;
  /** What is taken where nothing is measured, or no difference to speak of. */
  usual: TileId;
  /**
   * only: there is no other; measured: by `times`; usual: not measured, for the reason in `note`; forced: asked for by
   * name.
   */
  how: 'only' | 'measured' | 'usual' | 'forced';
  /** ms of the same work in each family that was tried. */
  times?: Partial<Record<TileId, number>>;
  /** When it was measured, milliseconds since 1970. */
  measured?: number;
  /** Why nothing was measured, or which families were not. */
  note?: string;
}

/** Differences below this share are taken for noise. */
export const LEAST_GAIN = 0.1;

/** The usual family, unless another one is faster by more than noise. */
export function decideTile(usual: TileId, times: Partial<Record<TileId, number>>): TileId {
  const timed = TILE_IDS.filter((tile) => Number.isFinite(times[tile]));
  const [fastest = usual] = timed.sort((a, b) => (times[a] as number) - (times[b] as number));
  const gained = (times[fastest] as number) < (1 - LEAST_GAIN) * (times[usual] as number);
  return gained ? fastest : usual;
}
