/** One training step as the engine took it, kept for one group of responses per arm: data only, shared like inspection.ts. */
import type { Values } from './param.ts';

/** One response of the group. Arrays are [tokens]; log-probabilities and entropies are nats. */
export interface SlowResponse {
  tokens: number[];
  /** When sampled. */
  logp: number[];
  /** When sampled. */
  entropy: number[];
  /** [V] shares at each latent position that it begins with, where it has some; `tokens` has the likeliest there. */
  mixtures?: number[][];
  /** What the verifier gave. */
  task_reward: number;
  /** After the methods of the reward stage. */
  reward: number;
  correct: boolean;
  reason: string;
  /** Of the advantage method, before any shaping. */
  estimate: number[];
  /** As the loss took it. */
  advantage: number[];
  /** How much each of its tokens counts in the loss; 1 where all tokens of the minibatch count the same. */
  weight: number;
  /**
   * In the order of the arm's terms, as the first update that took this group computed them: derivatives of a token's
   * loss in its log-probability and in its entropy, before `weight`.
   */
  terms: { d_logp: number[]; d_entropy: number[]; bound: number[] }[];
  /** Under the parameters before the step's first update, and after its last. */
  before: SlowReading;
  after: SlowReading;
}

/** The same tokens under certain parameters: one forward pass. */
export interface SlowReading {
  logp: number[];
  entropy: number[];
  p_eos: number[];
}

export interface SlowArm {
  arm: string;
  prompt: number[];
  /** The task's right answer. */
  answer: string;
  /** Responses that the step learned from, this group's among them. */
  learned: number;
  /** Optimizer updates of the step. */
  updates: number;
  /** The advantage method, with its settings. */
  advantage: MethodUse;
  /** Methods that changed the advantages, in order. */
  shapes: string[];
  /** Methods that changed the rewards, in order. */
  rewards: string[];
  /** Terms of the loss: the objective, then the regularizers. */
  terms: MethodUse[];
  responses: SlowResponse[];
}

/** A method with its settings by full name, as they were at the step. */
export interface MethodUse {
  method: string;
  values: Values;
}

export interface SlowStep {
  seed: number;
  /** The step that was taken, from 1. */
  step: number;
  /** Arms that took it, in the order of the experiment. */
  arms: SlowArm[];
}
