/** Where the shown responses tell about the answer: means by kind of token and by place. Pure. */
import type { Task } from '../../tasks/task.ts';
import type { ResponseSample } from '../../worker/protocol.ts';
import type { Coefficients, Tint } from './tint.ts';

/** Parts of the reasoning that are averaged apart, from its begin to its end. */
export const PARTS = 5;

export interface Gains {
  /** Mean nats by kind of token, the kinds in the order in which they first occur. */
  kinds: { kind: string; mean: number; tokens: number }[];
  /** [PARTS] mean nats; NaN where no response has a token there. */
  parts: number[];
}

export function gainsOf(
  samples: readonly ResponseSample[],
  tint: Tint,
  coefficients: Coefficients,
  task: Task,
): Gains {
  const kinds = new Map<string, number[]>();
  const parts: number[][] = Array.from({ length: PARTS }, () => []);
  for (const sample of samples) {
    const values = sample.tokens
      .map((_, t) => tint.at(sample, t, coefficients))
      .filter((value) => value !== undefined);
    values.forEach((value, t) => {
      const L = sample.mixtures?.length ?? 0;
      const spoken = task.kindOf?.(sample.tokens.slice(L), t - L) ?? 'token';
      const kind = t < L ? 'latent position' : spoken;
      kinds.set(kind, [...(kinds.get(kind) ?? []), value]);
      parts[Math.floor((PARTS * t) / values.length)].push(value);
    });
  }
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  return {
    kinds: [...kinds].map(([kind, list]) => ({ kind, mean: mean(list), tokens: list.length })),
    parts: parts.map(mean),
  };
}
