/** What separates one experiment from another, in a few words: the automatic label of a kept run, and its table. */
import { type Catalog, paramOf } from './catalog.ts';
import type { Experiment } from './experiment.ts';
import { formatParam } from './param.ts';
import { algorithmLabel } from './recipe.ts';

/** One fact about an experiment: what it is called in a label, and its value as text. */
export interface Fact {
  label: string;
  value: string;
}

/** Stands where one of two experiments has no such fact. */
const ABSENT = '–';

/**
 * Everything that decides what an experiment computes, in the order of interest: what the arms do, then task, model and
 * base, then seeds, then the shared settings. Names, colors and captions are not part of it.
 */
export function factsOf(experiment: Experiment, catalog: Catalog): Map<string, Fact> {
  const facts = new Map<string, Fact>();
  const arms = experiment.arms.filter((arm) => arm.enabled);
  const text = (key: string, value: number): string => {
    const param = paramOf(key, catalog);
    return String(param ? formatParam(param, value) : value);
  };
  const short = (key: string) => key.slice(key.indexOf('.') + 1).replaceAll('_', ' ');
  for (const arm of arms) {
    const own = arm.algorithm ? algorithmLabel(arm, catalog) : arm.methods.join(' + ');
    facts.set(`arm.${arm.id}`, { label: arm.id, value: own || 'none' });
  }
  for (const arm of arms) {
    for (const [key, value] of Object.entries(arm.values)) {
      const fact = { label: `${arm.id} ${short(key)}`, value: text(key, value) };
      facts.set(`arm.${arm.id}.${key}`, fact);
    }
  }
  for (const key of ['task', 'model', 'base'] as const) {
    facts.set(key, { label: key, value: experiment[key] });
  }
  const shared = experiment.algorithm
    ? algorithmLabel(experiment, catalog)
    : experiment.methods.join(' + ');
  facts.set('methods', { label: 'algorithm', value: shared });
  facts.set('seeds', { label: 'seeds', value: experiment.seeds.join(', ') });
  for (const [key, value] of Object.entries(experiment.values)) {
    facts.set(key, { label: short(key), value: text(key, value) });
  }
  return facts;
}

export interface Difference {
  key: string;
  label: string;
  from: string;
  to: string;
}

/** Facts of `to` that are not those of `from`, in the order of interest. */
export function differences(from: Experiment, to: Experiment, catalog: Catalog): Difference[] {
  const before = factsOf(from, catalog);
  const after = factsOf(to, catalog);
  const found: Difference[] = [];
  for (const key of new Set([...after.keys(), ...before.keys()])) {
    const was = before.get(key);
    const is = after.get(key);
    if (was?.value === is?.value) continue;
    // Settings that came or went with their arm or method say nothing of their own.
    if ((!was || !is) && key.includes('.')) {
      if (!key.startsWith('arm.') || key.split('.').length > 2) continue;
    }
    const label = (is ?? was)?.label ?? key;
    found.push({ key, label, from: was?.value ?? ABSENT, to: is?.value ?? ABSENT });
  }
  return found;
}

const SHOWN = 3;

/** The differences as one line: `ib alpha 0.1 → 0.3; steps 100 → 20`. Empty when there are none. */
export function describeDifferences(found: readonly Difference[]): string {
  const words = found.slice(0, SHOWN).map(({ label, from, to }) => {
    if (from === ABSENT) return `with ${label} (${to})`;
    return to === ABSENT ? `without ${label}` : `${label} ${from} → ${to}`;
  });
  const rest = found.length - words.length;
  return words.join('; ') + (rest > 0 ? `; ${rest} more` : '');
}

/** Facts that are not the same in all of the experiments, by key: the columns of a table that shows only these. */
export function varyingFacts(
  experiments: readonly Experiment[],
  catalog: Catalog,
): { key: string; label: string; values: string[] }[] {
  const all = experiments.map((experiment) => factsOf(experiment, catalog));
  const keys = new Set(all.flatMap((facts) => [...facts.keys()]));
  return [...keys].flatMap((key) => {
    const values = all.map((facts) => facts.get(key)?.value ?? ABSENT);
    if (new Set(values).size < 2) return [];
    const label = all.find((facts) => facts.has(key))?.get(key)?.label ?? key;
    return [{ key, label, values }];
  });
}

/** The label of a new run: what differs from the run before it or from its preset, whichever is nearer. */
export function automaticLabel(
  experiment: Experiment,
  preset: Experiment,
  previous: { name: string; experiment: Experiment } | undefined,
  catalog: Catalog,
): string {
  const toPreset = differences(preset, experiment, catalog);
  if (toPreset.length === 0) return 'as the preset';
  if (previous) {
    const toPrevious = differences(previous.experiment, experiment, catalog);
    if (toPrevious.length === 0) return `same settings as ${previous.name}`;
    if (toPrevious.length < toPreset.length)
      return `${describeDifferences(toPrevious)} (since ${previous.name})`;
  }
  return describeDifferences(toPreset);
}
