/** What a run is made of, what its stages may ask of it, and the batch that one step makes. */
import type { Values } from '../core/param.ts';
import type { TokenBatch } from '../core/token_batch.ts';
import type { Composed } from '../methods/compose.ts';
import type { Method } from '../methods/method.ts';
import type { Engine, Loss, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import type { Balances } from './balance.ts';
import type { Judged } from './sampling.ts';

export interface RunParts {
  engine: Engine;
  task: Task;
  arm: string;
  seed: number;
  /** Active methods, in the order of the arm. */
  methods: readonly Method[];
  composed: Composed;
  loss: Loss;
  policy: Policy;
  /** The frozen base, for KL. */
  base: Policy;
  values: Values;
  /** Coefficients that follow gradient norms, where a method sets its own so. */
  balances?: Balances;
  /** Settings that stay, whatever is asked of the run: coefficients that were matched. */
  fixed?: Values;
}

/** A run as its stages see it. */
export interface RunView {
  readonly parts: RunParts;
  /** As they apply now, by full name. */
  readonly settings: Values;
  /** @throws {Error} no such setting */
  setting(name: string): number;
}

/** Batch of one step, after the stages that run once a step. */
export interface StepBatch {
  responses: Judged[];
  tokens: TokenBatch;
  /** [B] mean of each response's tokens, for display */
  advantages: Float32Array;
  /** What is measured and shown: the responses of the first round, also those that are not learned from. */
  measured: Judged[];
  /** Of `measured`, after the reward stage. */
  rewards: ArrayLike<number>;
  /** Responses that were sampled for this step. */
  sampled: number;
}
