/** Which family of matrix and attention kernels an adapter runs, and why: data only, told to the page and kept by it. */

export type TileId = 'alone' | 'quad';

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
  /** ms of the same work in each family. */
  times?: Record<TileId, number>;
  /** When it was measured, milliseconds since 1970. */
  measured?: number;
  note?: string;
}

/** Differences below this share are taken for noise. */
export const LEAST_GAIN = 0.1;

/** The usual family, unless another one is faster by more than noise. */
export function decideTile(usual: TileId, times: Record<TileId, number>): TileId {
  const other: TileId = usual === 'alone' ? 'quad' : 'alone';
  return times[other] < (1 - LEAST_GAIN) * times[usual] ? other : usual;
}
