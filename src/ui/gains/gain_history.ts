/** What tokens told about the answer at each evaluation of an arm: means over its seeds. Pure. */
import type { Gain, GainProfile } from '../../core/gain_profile.ts';
import { mean, variance } from '../../core/statistics.ts';

/** One evaluation. */
export interface Told {
  step: number;
  seeds: number;
  /** Responses of each seed. */
  responses: number;
  /** [parts] mean nats along the reasoning; NaN where no seed has a token. */
  parts: number[];
  /** Mean nats by kind of token, over the seeds that have one, with their standard deviation (n − 1; NaN of one). */
  kinds: Map<string, { mean: number; sd: number }>;
}

interface Evaluation {
  step: number;
  gains?: GainProfile | undefined;
}

/**
 * @param bySeed evaluations of each of the arm's seeds, in order
 * @returns the steps at which as many seeds were read as at any: a mean over fewer would be of other runs
 */
export function gainHistory(bySeed: readonly (readonly Evaluation[])[], gain: Gain): Told[] {
  const byStep = new Map<number, Evaluation[]>();
  for (const event of bySeed.flat()) {
    if (event.gains) byStep.set(event.step, [...(byStep.get(event.step) ?? []), event]);
  }
  const most = Math.max(0, ...[...byStep.values()].map((events) => events.length));
  return [...byStep]
    .filter(([, events]) => events.length === most)
    .sort(([a], [b]) => a - b)
    .map(([step, events]) => told(step, events, gain));
}

function told(step: number, events: readonly Evaluation[], gain: Gain): Told {
  const profiles = events.flatMap(({ gains }) => (gains ? [gains] : []));
  const all = profiles.map(({ gains }) => gains[gain]);
  const names = new Set(all.flatMap(({ kinds }) => kinds.map(({ kind }) => kind)));
  const over = (values: readonly (number | null | undefined)[]) => {
    const known = values.filter((value) => typeof value === 'number');
    return { mean: mean(known), sd: Math.sqrt(variance(known, 1)) };
  };
  return {
    step,
    seeds: events.length,
    responses: profiles[0].responses,
    parts: all[0].parts.map((_, part) => over(all.map(({ parts }) => parts[part])).mean),
    kinds: new Map(
      [...names].map((name) => [
        name,
        over(all.map(({ kinds }) => kinds.find(({ kind }) => kind === name)?.mean)),
      ]),
    ),
  };
}

/** Kinds of tokens of all evaluations, in the order in which they first come. */
export function kindsOf(history: readonly Told[]): string[] {
  return [...new Set(history.flatMap(({ kinds }) => [...kinds.keys()]))];
}
