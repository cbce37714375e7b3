/** A record for an experiment that begins, and what is measured of it later. */
import { type Experiment, runsOf } from '../../core/experiment.ts';
import { automaticLabel } from '../../core/label.ts';
import { runName } from '../../core/run_name.ts';
import { CATALOG } from '../declared.ts';
import type { History } from '../history.ts';
import type { KeptRun } from './record.ts';
import { thumbnailOf } from './thumbnail.ts';

/** @param runs what is kept already, newest first: the label says what differs from the newest */
export function freshRun(
  experiment: Experiment,
  preset: Experiment,
  presetId: string,
  runs: readonly KeptRun[],
): KeptRun {
  const id = crypto.randomUUID();
  const now = Date.now();
  const newest = runs.find((run) => !run.isRemoved);
  return {
    ...{ id, presetId, experiment, created: now, updated: now, step: 0 },
    name: runName(id, new Set(runs.map((run) => run.name))),
    label: automaticLabel(experiment, preset, newest, CATALOG),
    ...{ isPinned: false, isSetAside: false, isRemoved: false, forks: [], failed: [] },
    thumbnail: { entropy: {}, accuracy: {} },
  };
}

/** The part of a record that follows from its curves. */
export function measuredPart(history: History, experiment: Experiment) {
  return {
    updated: Date.now(),
    step: history.completeStep(runsOf(experiment)),
    thumbnail: thumbnailOf(history, experiment),
    failed: history.runs().flatMap(({ arm, seed, failed }) => {
      return failed ? [{ arm, seed, ...failed, message: failed.message.slice(0, 2000) }] : [];
    }),
  };
}
