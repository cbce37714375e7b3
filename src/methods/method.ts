/**
 * What a method is. One file a method in this folder; index.ts finds it, compose.ts turns the active ones into WGSL.
 * Two ways to act: constants (TypeScript, no gradient) and terms (WGSL inside the fused policy loss).
 */
import type { Params, Values } from '../core/param.ts';

export interface Paper {
  title: string;
  authors: string;
  year: number;
  url: string;
}

interface Described {
  /** = file name = WGSL function name = prefix of its settings, snake_case. */
  id: string;
  label: string;
  /** One or two sentences a learner understands. */
  summary: string;
  /** LaTeX of what it adds to, or does in, the loss. */
  formula: string;
  paper: Paper;
  params: Params;
  /** Facts that a method asks for beyond what every token knows; they cost an extra pass. */
  needs?: readonly 'ref_logp'[];
}

/** Rewards → one advantage per response. Exactly one is active. */
export interface AdvantageMethod extends Described {
  stage: 'advantage';
  /**
   * @param rewards   [B], a prompt's G responses adjacent
   * @param groupSize G
   * @returns         [B]
   */
  advantages(rewards: ArrayLike<number>, groupSize: number, values: Values): Float32Array;
}

/**
 * A term of the token's loss. `objective`: exactly one is active; `regularizer`: any number, summed.
 *
 *   fn <id>(t: Token) -> Term   // Term(loss, d_logp, d_entropy), see shaders/lib/token.wgsl
 *
 * A setting `alpha` is read as `params.<id>_alpha` (f32). Loss is minimized.
 */
export interface TermMethod extends Described {
  stage: 'objective' | 'regularizer';
  wgsl: string;
}

export type Method = AdvantageMethod | TermMethod;

export function defineMethod(method: Method): Method {
  return method;
}
