/** What the engine reports and the page shows: data only, so that neither imports the other. */
import type { Experiment } from './experiment.ts';
import type { Values } from './param.ts';
import type { KernelsUsed } from './tile_choice.ts';

export type SessionState =
  | 'empty'
  | 'preparing'
  | 'ready'
  | 'running'
  | 'paused'
  | 'finished'
  | 'failed';

/** What the page shows of the adapter, and what it proposes for it. */
export interface AdapterReport {
  vendor: string;
  architecture: string;
  description: string;
  /** A CPU pretending to be a GPU: correct, slow. */
  software: boolean;
  /** Measured at the probe: GFLOP/s of the engine's own matmul at the size of the nano model. */
  gflops: number;
  /** Measured at the probe: microseconds for one more small dispatch. */
  dispatch_us: number;
  maxBufferBytes: number;
  maxBindingBytes: number;
  /** Settings that this adapter should begin with, by full name, and why in one sentence. */
  proposal: { model: Experiment['model']; seeds: number; values: Values; why: string };
}

/** Predicted before the start, from the probe and the counted work. */
export interface Estimate {
  seconds_per_step: number;
  seconds_total: number;
  memory_bytes: number;
}

/** One sampled response, ready to be drawn. */
export interface ResponseSample {
  tokens: number[];
  /** [tokens] nats, at the sampling temperature */
  entropy: number[];
  /** [tokens] nats */
  logp: number[];
  /** [tokens] probability of EOS */
  p_eos: number[];
  /** [V] shares at each latent position that it begins with, where it has some; `tokens` has the likeliest there. */
  mixtures?: number[][];
  reward: number;
  correct: boolean;
  reason: string;
  /** Mean over its tokens. */
  advantage: number;
  /** [tokens] as the loss took them, where methods of the arm act on single tokens. */
  advantages?: number[];
  /** [tokens] what the arm's methods computed from the whole batch for the update, by column; likewise. */
  constants?: Record<string, number[]>;
}

/** Parameters and optimizer state of one run after `step` steps and `updates` updates. */
export interface RunCheckpoint {
  arm: string;
  seed: number;
  step: number;
  updates: number;
  /** Values that its methods steer themselves, by full name; none in checkpoints written before there were any. */
  state?: Values;
  parameters: Float32Array;
  m: Float32Array;
  v: Float32Array;
}

/** One file of a run's weights, as other programs read them. */
export interface ExportedFile {
  name: string;
  bytes: ArrayBuffer;
}

/** All that is needed to go on bit for bit. */
export interface Checkpoint extends KernelsUsed {
  experiment: Experiment;
  runs: RunCheckpoint[];
  /** Flat parameters all runs started from, for the KL to the base. */
  base: Float32Array;
}

/** λ and −A of the tokens of a step, for a scatter plot. */
export interface TokenPairs {
  step: number;
  /** How many the step learned from. */
  tokens: number;
  /** Pearson's r over all of them; NaN where one does not vary. */
  r: number;
  /** [told] evenly spaced among them. */
  lambda: Float32Array;
  minusA: Float32Array;
}
