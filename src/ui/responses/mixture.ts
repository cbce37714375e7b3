/** What stands at latent positions, for the eye and in words. Pure. */
import type { Task } from '../../tasks/task.ts';
import { plural } from '../format.ts';

export type Mixture = ArrayLike<number>;

/** One piece of a mixture; without a text all tokens that are not named. */
export interface Part {
  text?: string;
  share: number;
}

/** Tokens that are named at most, and the least share of one beside the first. */
const MOST = 3;
const LEAST = 0.08;

/** The largest shares first, then the rest; they add up to 1. */
export function partsOf(mixture: Mixture, task: Task): Part[] {
  const order = Array.from(mixture, (_, id) => id).sort(
    (a, b) => (mixture[b] as number) - (mixture[a] as number) || a - b,
  );
  const named = order.filter((id, rank) => {
    return rank === 0 || (rank < MOST && (mixture[id] as number) >= LEAST);
  });
  const parts: Part[] = named.map((id) => ({
    text: id === task.eos ? 'end' : (task.vocabulary[id] ?? '?'),
    share: mixture[id] as number,
  }));
  const rest = 1 - parts.reduce((sum, { share }) => sum + share, 0);
  return rest < 0.005 ? parts : [...parts, { share: rest }];
}

const percent = (share: number): string => `${share < 0.01 ? '<1' : Math.round(100 * share)} %`;

/** `a mixture of 61 % “5”, 20 % “+”, 19 % others` */
export function mixtureInWords(mixture: Mixture, task: Task): string {
  const parts = partsOf(mixture, task);
  const named = parts.map(({ text, share }) => {
    return `${percent(share)} ${text === undefined ? 'others' : `“${text}”`}`;
  });
  return `a mixture of ${named.join(', ')}`;
}

/** What a latent position is called where tokens have their text. */
export const latentInWords = (mixture: Mixture, task: Task): string =>
  `latent, ${mixtureInWords(mixture, task)}`;

/** `9 tokens`, or `4 latent positions and 5 tokens`. */
export function lengthInWords(tokens: ArrayLike<number>, mixtures: readonly Mixture[] = []) {
  const L = mixtures.length;
  const spoken = plural(tokens.length - L, 'token');
  return L === 0 ? spoken : `${plural(L, 'latent position')} and ${spoken}`;
}
