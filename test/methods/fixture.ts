// One batch on which many functions were computed elsewhere, most of them the authors' own: a prompt with four responses
// of 3, 5, 4 and 2 tokens, rewards 1, 0, 0, 1. And what a method makes of it.
import { defaultsOf, type Values } from '../../src/core/param.ts';
import { type TokenBatch, tokenBatch } from '../../src/core/token_batch.ts';
import { METHODS } from '../../src/methods/index.ts';
import { isTerm, type Method } from '../../src/methods/method.ts';

export const old_logp = [
  ...[-0.1, -1.2, -0.3, -0.9, -0.05, -2.1, -0.4, -0.7],
  ...[-0.2, -1.6, -0.6, -0.15, -1.1, -0.35],
];
export const log_ratio = [
  ...[0.05, 0.3, -0.1, -0.2, 0.01, -0.5, 0.25, 0],
  ...[0.1, -0.35, 0.02, -0.05, 0.4, -0.02],
];
export const entropy = Float32Array.of(
  ...[0.2, 1.1, 0.55, 0.95, 0.15, 1.6, 0.6, 0.85],
  ...[0.35, 1.4, 0.75, 0.3, 1.05, 0.5],
);
export const A = 0.866024;
export const advantage = [A, -A, -A, A].flatMap((a, i) => Array<number>([3, 5, 4, 2][i]).fill(a));
export const BATCH: TokenBatch = tokenBatch([3, 5, 4, 2], {
  group: new Uint32Array(4),
  reward: Float64Array.of(1, 0, 0, 1),
  correct: Uint8Array.of(1, 0, 0, 1),
  advantage: Float32Array.from(advantage),
  old_logp: Float32Array.from(old_logp),
  logp: Float32Array.from(old_logp, (x, n) => x + log_ratio[n]),
  old_entropy: entropy,
  entropy,
  max_response: 5,
  progress: 0.5,
});

export function method(id: string): Method {
  const found = METHODS.get(id);
  if (!found) throw new Error(`${id}: must exist`);
  return found;
}

export function numbers(id: string, own: Values = {}, batch = BATCH): number[] {
  const found = method(id);
  const given = Object.entries(own).map(([name, value]) => [`${id}.${name}`, value]);
  const values = { ...defaultsOf(id, found.params), ...Object.fromEntries(given) };
  if ('tokenRewards' in found) return [...found.tokenRewards(batch, values)];
  if (found.stage === 'reward') return Array.from(found.rewards(batch, values));
  if (found.stage === 'shape') return [...found.shape(batch, values)];
  if (found.stage === 'weight') return [...found.weights(batch, values)];
  if (isTerm(found) && found.constants) return [...found.constants(batch, values)];
  throw new Error(`${id}: must compute something`);
}

/** Tokens with a 1. */
export const marked = (...args: Parameters<typeof numbers>) =>
  numbers(...args).flatMap((x, n) => (x === 1 ? [n] : []));
