/** What the engine tells of single tokens: data only, shared by engine, protocol and page. */
import type { Values } from './param.ts';

/** One response as it was sampled, to be looked at again. */
export interface InspectedResponse {
  prompt: readonly number[];
  /** Token ids up to and including EOS. */
  tokens: readonly number[];
  /** [tokens] nats, when sampled */
  logp: readonly number[];
  /** [V] shares at each latent position that it begins with, where it has some; `tokens` has the likeliest there. */
  mixtures?: readonly (readonly number[])[];
  /** Of the response, or [tokens]; any number may stand here. */
  advantage: number | ArrayLike<number>;
  /** [tokens] what methods had computed from the whole batch, by column (methods/compose.ts). */
  constants?: Readonly<Record<string, ArrayLike<number>>>;
  /** Token id of the right answer: asks for `answers`, too. */
  right?: number;
}

/** What the model would answer if a response closed its reasoning after 0, …, M tokens; M are before its own answer. */
export interface AnswerReadings {
  /** [M + 1] nats: entropy of the answer */
  entropy: Float32Array;
  /** [M + 1] nats: log-probability of the right answer */
  logp: Float32Array;
}

/** One term of the loss alone, with weight 1, at every token of a response. */
export interface TermInspection {
  /** Method id. */
  method: string;
  /** Its settings by full name, as they were. */
  values: Values;
  /** Ids of methods that weigh its tokens, where they are part of it. */
  weights: string[];
  /** [tokens] */
  loss: Float32Array;
  /**
   * [tokens] derivative of the loss in the log-probability of the taken token, entropy held; NaN, as d_entropy, where the
   * term is one of another functional of the distribution
   */
  d_logp: Float32Array;
  /** [tokens] derivative of the loss in the entropy, log-probability held */
  d_entropy: Float32Array;
  /** [tokens] 1 where a clip holds the token */
  bound: Float32Array;
  /** [tokens, V] derivative of the loss in the logits, before the temperature */
  gradient: Float32Array;
}

/** A response under the model as it is now. */
export interface ResponseInspection {
  /** [tokens, V] at the sampling temperature */
  probabilities: Float32Array;
  /** [tokens] nats */
  entropy: Float32Array;
  /** [tokens] nats, of the taken token; at a latent position, of a mixture y, Σ_k y_k log p_k */
  logp: Float32Array;
  /** [tokens] probability of the taken token now over that when it was sampled; 1 at a latent position */
  ratio: Float32Array;
  /** [tokens] probability of EOS */
  p_eos: Float32Array;
  terms: TermInspection[];
  answers?: AnswerReadings;
}

export interface Inspection {
  arm: string;
  seed: number;
  /** Steps that the model has done. */
  step: number;
  temperature: number;
  /**
   * For each arm, which of the terms make up its loss: indices into `terms` of every response; and the methods whose
   * part depends on a whole batch of the arm's own, of which these responses are not.
   */
  arms: { arm: string; terms: number[]; missing: string[] }[];
  responses: ResponseInspection[];
}

/** One of a run's fixed prompts at an evaluation. */
export interface ProbeSample {
  prompt: number[];
  answer: string;
  /** What the base answered, drawn with the same random numbers: a fixed context, the same at every evaluation. */
  context: number[];
  /** [context, V] distribution at each position of the context */
  probabilities: Float32Array;
  /** What the model answers now. */
  tokens: number[];
  /** [V] shares at each latent position that the answer begins with, where it has some. */
  mixtures?: number[][];
  /** [tokens] nats */
  logp: number[];
  /** [tokens] nats */
  entropy: number[];
  /** [tokens] */
  p_eos: number[];
  correct: boolean;
  reason: string;
}
