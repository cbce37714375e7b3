/** Between what is kept beside curves, in lists, and what the page shows, by run. */
import { runKey } from '../../core/experiment.ts';
import type { Details, KeptProbes } from '../../core/kept_details.ts';
import { PackedProbes } from '../packed_probes.ts';
import type { ResponsesEvent, RunDetails } from '../store.ts';

/** @param probes of one run in the order of their steps */
export function shownDetails(details: Details, probes: readonly KeptProbes[]): RunDetails {
  const byRun: Record<string, PackedProbes[]> = {};
  for (const event of probes) {
    const key = runKey(event);
    byRun[key] ??= [];
    byRun[key].push(new PackedProbes(event, byRun[key][0]));
  }
  return {
    responses: byStep(details.responses.map((event) => ({ type: 'responses', ...event }))),
    difficulty: Object.fromEntries(
      details.difficulty.map(({ first, last }) => [
        runKey(last),
        { first: { type: 'by_difficulty', ...first }, last: { type: 'by_difficulty', ...last } },
      ]),
    ),
    probes: byRun,
  };
}

/** Lists by run, newest first. */
function byStep(events: readonly ResponsesEvent[]): Record<string, ResponsesEvent[]> {
  const byRun: Record<string, ResponsesEvent[]> = {};
  for (const event of events) {
    byRun[runKey(event)] = [...(byRun[runKey(event)] ?? []), event].sort((a, b) => b.step - a.step);
  }
  return byRun;
}

/** What stands on the page. */
export function keptDetails(shown: RunDetails): Details & { probes: KeptProbes[] } {
  return {
    responses: Object.values(shown.responses).flatMap((events) => events.map(withoutType)),
    difficulty: Object.values(shown.difficulty).map(({ first, last }) => ({
      first: withoutType(first),
      last: withoutType(last),
    })),
    probes: Object.values(shown.probes).flatMap((evaluations) =>
      evaluations.map((packed) => packed.unpacked()),
    ),
  };
}

function withoutType<T extends { type: string }>({ type: _, ...rest }: T): Omit<T, 'type'> {
  return rest;
}
