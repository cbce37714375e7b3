/** `Rollout` of the sampling kernels: what changes with every rollout. */
import type { StandingScale } from '../core/entropy_standing.ts';

/** How much warmer uncertain tokens are drawn than certain ones (arXiv 2509.16591). */
export interface Warmth extends StandingScale {
  /** In [0, 1) */
  spread: number;
}

export interface Drawing {
  /** 0: greedy */
  temperature: number;
  /** Draws a token at temperature · (1 + spread · standing of its row's entropy); records stay at `temperature`. Latent positions draw none. */
  warmth?: Warmth;
  /** Counter of the random numbers, with sequence and position (core/random.ts). */
  seed: number;
  stream: number;
  step: number;
}

/** Bytes before `count`: tokens of one dispatch of rollout.wgsl, written for each. */
export const COUNT_AT = 40;

/**
 * @param B sequences
 * @param R most tokens of a response
 */
export function rolloutUniform(B: number, R: number, drawing: Drawing, count = 0): ArrayBuffer {
  const { temperature, warmth, seed, stream, step } = drawing;
  const { spread = 0, pivot = 0, above = 0, below = 0 } = warmth ?? {};
  const data = new ArrayBuffer(48);
  new Uint32Array(data).set([B, R, seed, stream, step]);
  new Float32Array(data).set([temperature, spread, pivot, above, below], 5);
  new Uint32Array(data, COUNT_AT)[0] = count;
  return data;
}
