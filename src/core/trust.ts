/** What the engine's check of itself found on this adapter: data only, for the page's trust panel. */
import type { TileId } from './tile_choice.ts';

/** One comparison with float64. */
export interface TrustCheck {
  /** What was compared, in words for the user. */
  name: string;
  /** Largest error, in the unit of the tolerance. NaN: something was not a number. */
  error: number;
  tolerance: number;
  /** How the error is measured, in words. */
  measure: string;
  /** Numbers that were compared. */
  count: number;
}

export interface TrustKernel {
  name: string;
  /** Lines of WGSL as compiled. */
  lines: number;
}

/** The fused loss of one arm. */
export interface TrustLoss {
  arm: string;
  /** Method ids. */
  methods: string[];
  /** The text that was compiled, whole. */
  wgsl: string;
  /** What it falls back to on this adapter, and why. */
  note?: string;
}

export interface TrustReport {
  vendor: string;
  architecture: string;
  description: string;
  software: boolean;
  /** How matrix and attention kernels load (model/tiles.ts). */
  tile: TileId;
  features: string[];
  /** Limits by name, as the device grants them. */
  limits: [name: string, value: number][];
  checks: TrustCheck[];
  /** Of the open experiment; empty where none is open. */
  kernels: TrustKernel[];
  losses: TrustLoss[];
  /** What the checks took. */
  seconds: number;
}
