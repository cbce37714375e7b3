/** Where responses tell about the answer: means of what their tokens tell, by kind of token and by place. Pure. */

/** Mean nats by kind of token and along the reasoning. */
export interface Means {
  /** The kinds in the order in which they first occur. */
  kinds: { kind: string; mean: number; tokens: number }[];
  /** [parts] from the beginning of each response's own reasoning to its end; null where no token stands. */
  parts: (number | null)[];
}

/** What a token tells: nats off the answer's entropy, and nats on the right answer's log-probability. */
export const GAINS = ['entropy', 'logp'] as const;
export type Gain = (typeof GAINS)[number];

/** Means over held-out responses at an evaluation. */
export interface GainProfile {
  /** Responses that were read. */
  responses: number;
  gains: Record<Gain, Means>;
}

/** One response's tokens up to its answer. */
export interface Told {
  /** [tokens] nats */
  values: readonly number[];
  kindOf(position: number): string;
}

/** @param parts of the reasoning that are averaged apart */
export function meansOfGains(responses: readonly Told[], parts: number): Means {
  const byKind = new Map<string, number[]>();
  const byPart: number[][] = Array.from({ length: parts }, () => []);
  for (const { values, kindOf } of responses) {
    values.forEach((value, t) => {
      const kind = kindOf(t);
      const known = byKind.get(kind) ?? [];
      byKind.set(kind, known);
      known.push(value);
      byPart[Math.floor((parts * t) / values.length)]?.push(value);
    });
  }
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  return {
    kinds: [...byKind].map(([kind, list]) => ({ kind, mean: mean(list), tokens: list.length })),
    parts: byPart.map((list) => (list.length > 0 ? mean(list) : null)),
  };
}
