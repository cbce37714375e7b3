/**
 * What a task is: a seeded generator of problems, a prompt writer, a demonstrator for the warm start, a verifier
 * that reads only the final answer, and a solver. One file a task in this folder; index.ts finds it.
 */
import type { Params, Values } from '../core/param.ts';
import type { Random } from '../core/random.ts';

/** What the verifier says of one response. */
export interface Verdict {
  /** In [0, 1]; 1 for a right answer unless the task pays in parts. */
  reward: number;
  correct: boolean;
  /** The final answer as it was read, in the words of `solve`; absent where none was given. Right or wrong plays no part. */
  answer?: string;
  /** Why, in a few words a learner understands: 'right', 'wrong answer: 4 instead of 7', 'ended before the answer'. */
  reason: string;
  /** Response index from which ending is legitimate: one past the answer. The response's length when no answer was given. */
  answered_at: number;
  /** The response was ended by EOS without having given an answer. */
  premature_end: boolean;
}

/** Stages of the warm start. */
export type Stage = 'practice' | 'mixed';

/** What a task's warm start does otherwise than the others' (train/warm_start.ts). */
export interface WarmStartChanges {
  /** Settings of the task during the warm start, by full name. */
  values?: Values;
  practice?: { learning_rate?: number; target_accuracy?: number; most_steps?: number };
  mixed?: { learning_rate?: number; steps?: number };
}

/** Of one response, for the mean over a step's or an evaluation's; undefined where it does not count. */
export type Measure<Problem> = (
  problem: Problem,
  response: readonly number[],
  verdict: Verdict,
) => number | undefined;

/** How an answer of one token is asked for, wherever a response stands. */
export interface Answer<Problem = unknown> {
  /** Token id after which the answer follows. */
  marker: number;
  /** Token ids that can be an answer. */
  tokens: readonly number[];
  /** Token id of the right one. */
  right(problem: Problem): number;
}

export interface Task<Problem = unknown> {
  /** = file name, snake_case. */
  id: string;
  label: string;
  /** One or two sentences: what the model is asked. */
  summary: string;
  /** Token id → text; one character or a short word each, all distinct. Ids are indices. */
  vocabulary: readonly string[];
  /** Token id that ends a response. */
  eos: number;
  params: Params;
  /** What must hold between settings. @throws {RangeError} `name: must be …, got …` */
  check?(values: Values): void;
  /** Most tokens of a prompt and of a response (EOS included) at these settings. */
  limits(values: Values): { prompt: number; response: number };
  /** One problem. The same draws give the same problem. */
  generate(random: Random, values: Values): Problem;
  /** True for the share of problems that training never sees. A pure function of the problem. */
  heldOut(problem: Problem): boolean;
  /** Token ids. */
  prompt(problem: Problem): number[];
  /**
   * The prompt with the right answer told in it, in words of the vocabulary; then the task has a switch `hints`, and its
   * limits leave room where that is on (core/hints.ts). Absent: no method can ask what the model does that knows the answer.
   */
  hint?(problem: Problem): number[];
  /**
   * A demonstration for the warm start in one of several styles: token ids, EOS last unless cut on purpose.
   * `practice` teaches the skill cleanly; `mixed` is what the base imitates in the end, habits and slips included.
   * `progress`: share of the stage's steps that will be done after this one; 1, its end, where it is not given.
   */
  demonstrate(
    problem: Problem,
    random: Random,
    values: Values,
    stage: Stage,
    progress?: number,
  ): number[];
  /**
   * How strongly each token of a demonstration is imitated, as a share: 1 as usual, 0 read only. Absent: 1 throughout.
   * A choice can be taught apart from the skill that it leads to.
   */
  emphasis?(response: readonly number[], stage: Stage, progress: number): number[];
  /** Reads the final answer only. `response` holds token ids up to and including EOS, or all of them when truncated. */
  verify(problem: Problem, response: readonly number[]): Verdict;
  /** Absent where an answer is longer than a token: then nothing is told about information along a response. */
  answer?: Answer<Problem>;
  /** The right answer as text. */
  solve(problem: Problem): string;
  /** What "harder" means here, as a whole number (operands, depth, distance), and its name. */
  difficulty(problem: Problem): number;
  difficulty_label: string;
  /** What a response token is, in a word or two that a learner understands: 'partial result'. */
  kindOf?(response: ArrayLike<number>, position: number): string;
  /** Means over responses that only this task has, by the id of their metric (src/metrics). */
  measures?: Readonly<Record<string, Measure<Problem>>>;
  warmStart?: WarmStartChanges;
}

/**
 * What a response's tokens are, by place.
 * @param latent positions that it begins with, where no token was drawn
 */
export function kindsOf(
  task: Task,
  tokens: ArrayLike<number>,
  latent = 0,
): (position: number) => string {
  const spoken = Array.from(tokens).slice(latent);
  return (t) => (t < latent ? 'latent position' : (task.kindOf?.(spoken, t - latent) ?? 'token'));
}

/** Keeps the problem's type inside the file while the registry sees one type. */
export function defineTask<Problem>(task: Task<Problem>): Task {
  return task as unknown as Task;
}
