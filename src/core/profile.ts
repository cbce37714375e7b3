/** Where the time of a training step goes on this adapter, kernel by kernel: data only, for the page and the bench. */
import type { TileId } from './tile_choice.ts';

export interface KernelTime {
  kernel: string;
  /** How it loads, where it comes in more than one way (model/tiles.ts). */
  variant?: TileId;
  dispatches: number;
  /** Of all its dispatches; NaN: too short to be told on this adapter. */
  ms: number;
  /** Of all its dispatches, as model/costs.ts counts them; not given: not counted. */
  flops?: number;
  bytes?: number;
}

export interface ProfileReport {
  adapter: string;
  software: boolean;
  /** What ran, in words. */
  model: string;
  batch: { sequences: number; rows: number };
  /** Timestamps around passes, or waits for each less that for nothing. */
  how: 'timestamps' | 'waits';
  /** Features that kernels can use and this adapter has not, and what happens instead. */
  fallbacks: string[];
  /** Longest first. */
  kernels: KernelTime[];
  /** Of the same launches in one pass, as training submits them; NaN: too short to be told. */
  step_ms: number;
  /** Measured on this adapter (gpu/ceiling.ts). */
  ceiling: { gflops: number; gbps: number };
  /** Bytes of buffers between steps, as promised before and as held now; not promised where the bench made the engine. */
  memory: { promised?: number; held: number };
}

/** What a kernel reaches; not given where it is not counted, not timed, or there is nothing to do. */
export function rates({ ms, flops, bytes }: KernelTime): { gflops?: number; gbps?: number } {
  if (!(ms > 0)) return {};
  return {
    ...(flops && { gflops: flops / (ms * 1e6) }),
    ...(bytes && { gbps: bytes / (ms * 1e6) }),
  };
}

/** Sum over the kernels whose times could be told. */
export const sumOf = (kernels: readonly KernelTime[]): number =>
  kernels.reduce((sum, { ms }) => sum + (ms > 0 ? ms : 0), 0);
