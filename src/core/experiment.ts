/** The experiment: one JSON document that the page, the URL, a file and the command line share. */
import type { ModelPresetId } from './model_config.ts';
import type { Values } from './param.ts';

/** One curve of the comparison: the shared methods plus its own, with their settings. */
export interface Arm {
  /** Short, unique, [a-z0-9_]; stands in CSV files and messages. */
  id: string;
  name: string;
  /** Index into the page's palette. */
  color: number;
  enabled: boolean;
  /** Recipe that it began as, of an arm with an algorithm of its own: the shared methods are then not its. */
  algorithm?: string;
  /** Method ids beside the shared ones; an advantage or objective here replaces the shared one. */
  methods: readonly string[];
  /** Settings of these methods by full name, all of them resolved; with an algorithm of its own the aggregation, too. */
  values: Values;
}

export interface Experiment {
  version: 1;
  name: string;
  /** What it shows and when it does not, for a reader. Plain text. */
  caption: string;
  task: string;
  model: ModelPresetId;
  /** 'shipped': the checkpoint in public/bases; 'train': a warm start in the tab before the first step. */
  base: 'shipped' | 'train';
  /** Recipe that the shared algorithm began as. */
  algorithm?: string;
  /** Method ids that every arm has: an advantage, an objective, perhaps more. */
  methods: readonly string[];
  /** Settings of trainer, task and shared methods by full name, all of them resolved. */
  values: Values;
  arms: readonly Arm[];
  seeds: readonly number[];
}

/** One run: an arm with a seed. */
export interface RunId {
  arm: string;
  seed: number;
}

/** `arm/seed`, the key of a run in messages and maps. */
export function runKey(run: RunId): string {
  return `${run.arm}/${run.seed}`;
}

/** All runs of the enabled arms, in the order in which they take turns. */
export function runsOf(experiment: Experiment): RunId[] {
  const arms = experiment.arms.filter((arm) => arm.enabled);
  return experiment.seeds.flatMap((seed) => arms.map((arm) => ({ arm: arm.id, seed })));
}

/** Shared and own settings of an arm in one record; the arm's win. */
export function armValues(experiment: Experiment, arm: Arm): Values {
  return { ...experiment.values, ...arm.values };
}
