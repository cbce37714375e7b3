/**
 * What a method is. One file a method in this folder; index.ts finds it, compose.ts turns the active ones into WGSL.
 * A step goes through the stages in this order:
 *
 *   sampling     ≤1   which prompts are worth learning from                 each round  TypeScript, `keeps`, `rounds`,
 *                     or how responses begin                                            `latent`
 *   reward       any  rewards → rewards, per response; or paid at tokens   whole step   TypeScript, `rewards`, `tokenRewards`
 *   advantage    one  rewards → advantages, per response or per token      whole step   TypeScript, `advantages`
 *   shape        any  advantages → advantages, per token, as listed        whole step   TypeScript, `shape`
 *   weight       any  factor ≥ 0 of the objective's loss, per token        each update  TypeScript, `weights`
 *   objective    one  the policy loss of a token                           each update  WGSL, `wgsl`
 *   regularizer  any  what is added to it, whatever the weights            each update  WGSL, `wgsl`
 *
 * What TypeScript computes is a constant to the gradient; WGSL gives a value and its derivatives in the token's
 * log-probability, in the entropy of its row, and in a functional of the row that the method brings itself (`row`). Any
 * method may also steer values of its own between steps (`control`).
 */
import type { AggregateId } from '../core/aggregate.ts';
import type { StandingScale } from '../core/entropy_standing.ts';
import type { LatentSampling } from '../core/latent.ts';
import type { Params, Values } from '../core/param.ts';
import type { TokenBatch } from '../core/token_batch.ts';

export interface Paper {
  title: string;
  authors: string;
  year: number;
  url: string;
}

/**
 * Facts that cost something, asked for where an active method needs them:
 * `ref_logp` log-probabilities under the frozen base (a forward pass an update);
 * `current`  logp and entropy of the policy as it is before each update; before the first of a batch they are those of
 *            sampling;
 * `row`      the method's own row functional before each update, as batch.rows[<id>];
 * `attention_entropy` before each update, as batch.rows.attention_entropy: how widely the row that predicts a token looks
 *            back in the middle layer, from 0, one position, to 1, all alike (these three are read back between an update's
 *            forward pass and its loss, so updates no longer overlap; a minibatch of several parts takes a pass more);
 * `sampled_ref_logp` log-probabilities under the frozen base before the reward stage (a forward pass and a read-back a
 *            step);
 * `answers`  what the policy would answer after every prefix of a response, read before the reward stage (a forward pass
 *            of about twice the rows and a read-back a step); the task must have answers of one token;
 * `hint_entropy` entropy of each token of a response where its prompt tells the right answer, read before the reward stage (a
 *            forward pass and a read-back a step); the task must write hints, and the base must know them (core/hints.ts);
 * `latent`   latent positions: the first inputs of a response may be mixtures of tokens (kernels and buffers for them, for
 *            all arms of the session; nothing where no arm asks); the sampling method says how they are drawn (`latent`);
 * `value`    what a value head expects of the rest of each response (parameters and their optimizer state, a forward
 *            pass and a read-back a step); the advantage method says how it learns (`critic`).
 */
export type Need =
  | 'ref_logp'
  | 'current'
  | 'row'
  | 'attention_entropy'
  | 'sampled_ref_logp'
  | 'answers'
  | 'hint_entropy'
  | 'latent'
  | 'value';

/**
 * A number that a method takes from a token's whole distribution, beside the entropy that everyone has:
 *
 *   fn <id>_sums(c: Choice) -> vec4f              // what is summed over the vocabulary, see shaders/lib/choice.wgsl
 *   fn <id>_row(sums: vec4f) -> f32               // the functional
 *   fn <id>_slope(c: Choice, sums: vec4f) -> f32  // terms: its derivative in c.logp; a multiple of c.p may be left out
 *   fn <id>_takes(before: f32, p: f32, rank: u32) -> bool  // ranked: the token that follows likelier ones of this
 *                                                          // probability together is in the set, `c.inside`
 *
 * A set, where it is ranked, is a constant to the gradient.
 */
export interface Row {
  wgsl: string;
  isRanked?: boolean;
}

interface Described {
  /** = file name = WGSL function name = prefix of its settings, snake_case. */
  id: string;
  label: string;
  /** One or two sentences a learner understands. */
  summary: string;
  /** What goes wrong with it, or is easily read wrong: one to three sentences for its card. */
  pitfalls?: string;
  /** What `npm run signatures` saw of it, for its card: what was compared, seeds and spread, also where nothing was seen. */
  seen?: string;
  /** LaTeX of what it adds to, or does in, the loss. */
  formula: string;
  paper: Paper;
  /**
   * How sure we are that it is the paper's: `released` compared with numbers of released code, `published` from the
   * paper's text, `style` the idea is the paper's and details are ours, `own` ours, the paper is where it comes from.
   */
  fidelity: 'released' | 'published' | 'style' | 'own';
  params: Params;
  /** Settings at which it changes nothing, by short name, where there are such. */
  neutral?: Readonly<Record<string, number>>;
  needs?: readonly Need[];
  /** What it cannot do while each batch makes one update, since the policy is then the one that sampled: one sentence. */
  needs_reuse?: string;
  /** What goes wrong with several updates per batch, one sentence. */
  breaks_on_reuse?: string;
  /** What is left of it with one response per prompt, one sentence. */
  group_of_one?: string;
  /** Of a regularizer, which is given the functional; of any method that needs 'row'. */
  row?: Row;
  /**
   * It is there to change how entropy falls, or how far the policy moves, so the law R = −a e^H + b is not fitted to runs
   * with it. To be said in the stages sampling, reward, advantage and objective; methods of the others always do.
   */
  intervenes?: true;
  /** Methods that it cannot stand beside: id → why, one sentence. */
  excludes?: Readonly<Record<string, string>>;
  /** Number settings, by short name, at equal distances along the run, that are drawn as one curve. */
  drawing?: readonly string[];
  /**
   * Values that change by themselves: short name → where it begins. Read like settings (`<id>.<name>`, in WGSL
   * `params.<id>_<name>`), saved with the run; the first is charted.
   */
  state?: Readonly<Record<string, (values: Values) => number>>;
  /**
   * How the step's responses are drawn: a token at the trainer's temperature times 1 + spread · its standing on the
   * scale. What is recorded of it stays at the trainer's temperature, as where log-probabilities are computed again.
   */
  warmth?(values: Values): StandingScale & { spread: number };
  /**
   * Before the first update of a step: what its tokens say → changes of the state, by full name. Where an update has
   * several minibatches, those of the first.
   */
  observe?(batch: TokenBatch, values: Values): Values;
  /**
   * After each step: what was measured of it (metric id → value), the values it had, and the batch that it learned from,
   * as sampled → changes of the state, by full name.
   */
  control?(measured: Readonly<Record<string, number>>, values: Values, batch: TokenBatch): Values;
}

/** At most one is active. Prompts that are not kept are replaced by further ones, in at most `rounds` rounds. */
export interface SamplingMethod extends Described {
  stage: 'sampling';
  /** @returns [B] 1 on responses to keep, 0 on others; the same for all of a prompt */
  keeps(batch: TokenBatch, values: Values): Uint8Array;
  /** @returns ≥ 1 */
  rounds(values: Values): number;
  /** Responses begin with latent positions, in training and evaluation; given exactly where it needs 'latent'. */
  latent?(values: Values): LatentSampling;
  /**
   * Further responses to the step's first prompts, at a temperature of their own. `batch` has its advantages.
   * @returns at most as many prompts as the batch has; 0 asks for none
   */
  extra?(batch: TokenBatch, values: Values): { prompts: number; temperature: number };
  /**
   * Which of them (`by`) take the place of which responses (`at`), and the advantage of all their tokens. `extra` has
   * advantages of its own, within its own groups.
   */
  replace?(
    batch: TokenBatch,
    extra: TokenBatch,
    values: Values,
  ): { at: number[]; by: number[]; advantage: number };
}

export interface RewardMethod extends Described {
  stage: 'reward';
  /** It does not look at the rewards before it, so it comes before those that change them, wherever it is listed. */
  replaces?: true;
  /** @returns [B] */
  rewards(batch: TokenBatch, values: Values): ArrayLike<number>;
}

/** Pays at single tokens, on top of the rewards before it; estimators that know no tokens see the sum. */
export interface TokenRewardMethod extends Described {
  stage: 'reward';
  /** @returns [N] */
  tokenRewards(batch: TokenBatch, values: Values): Float32Array;
}

/** Exactly one is active. */
export interface AdvantageMethod extends Described {
  stage: 'advantage';
  /** @returns [B] where all tokens of a response share one, or [N] */
  advantages(batch: TokenBatch, values: Values): Float32Array;
  /** Given exactly where it needs 'value'. */
  critic?: Critic;
}

/** How the value head learns beside the policy: PPO's clipped squared error (shaders/value_head.wgsl). */
export interface Critic {
  /** @returns [N] what the head should have said */
  targets(batch: TokenBatch, values: Values): Float32Array;
  /** Weight of its loss beside the policy's, ≥ 0; how far a value may move from where it was when sampled, > 0. */
  settings(values: Values): { coefficient: number; clip: number };
}

export interface ShapeMethod extends Described {
  stage: 'shape';
  /** @returns [N] */
  shape(batch: TokenBatch, values: Values): Float32Array;
}

export interface WeightMethod extends Described {
  stage: 'weight';
  /** @returns [N] finite, ≥ 0; the factors of several methods are multiplied */
  weights(batch: TokenBatch, values: Values): Float32Array;
  /** True: the aggregate counts only tokens of factor > 0, as where a source takes them out of the response mask. */
  dropsTokens?(values: Values): boolean;
}

/**
 * A term of the token's loss. `objective`: exactly one is active; `regularizer`: any number, summed.
 *
 *   fn <id>(t: Token) -> Term            // Term(loss, d_logp, d_entropy, bound), see shaders/lib/token.wgsl
 *   fn <id>(t: Token, c: f32) -> Term    // where the method has `constants`: c is the token's
 *   fn <id>(t: Token, row: f32) -> RowTerm          // where it has a `row`: RowTerm(term, d_row)
 *   fn <id>(t: Token, c: f32, row: f32) -> RowTerm  // where it has both
 *
 * A setting `alpha` is read as `params.<id>_alpha` (f32). Loss is minimized.
 */
export interface TermMethod extends Described {
  stage: 'objective' | 'regularizer';
  wgsl: string;
  /** @returns [N] one number per token of the minibatch, finite */
  constants?(batch: TokenBatch, values: Values): Float32Array;
  /** An objective that is defined under one aggregation only; regularizers keep the trainer's. */
  aggregate?: AggregateId;
  /**
   * A regularizer's setting, by short name, that its loss and its gradient are proportional to: what is chosen where
   * strengths are matched. Without one that is refused.
   */
  strength?: string;
  /**
   * A regularizer that sets its coefficient by gradient norms, as they are before the first update of a step (a forward and
   * a backward pass over the whole batch and a gradient read back, for each of the two; updates no longer overlap then).
   */
  balance?: Balance;
  /**
   * An objective that is its own at latent positions as well, where `t.logp` is Σ_k y_k log p_k of the mixture y; others
   * make way there for −A Σ_k y_k log p_k. Constants are computed for these positions, too.
   */
  knows_latent?: true;
  /** The derivative in logp takes the ratio for a constant: the source stops its gradient. */
  holds_ratio?: boolean;
}

export interface Balance {
  /** Short name of the state value that its loss and its gradient are proportional to. */
  coefficient: string;
  /** Steps from one measurement to the next, ≥ 1; the first step measures. */
  every(values: Values): number;
  /**
   * L2 norms in all parameters, before clipping: of the policy gradient, and of its own at coefficient 1 → changes of the
   * state, by full name.
   */
  set(norms: { policy: number; unit: number }, values: Values): Values;
}

export type Method =
  | SamplingMethod
  | RewardMethod
  | TokenRewardMethod
  | AdvantageMethod
  | ShapeMethod
  | WeightMethod
  | TermMethod;

export const isTerm = (method: Method): method is TermMethod =>
  method.stage === 'objective' || method.stage === 'regularizer';

export function defineMethod<M extends Method>(method: M): M {
  return method;
}
