/**
 * An experiment as the query of a URL: the preset that it began with and what differs from it.
 *
 *   ?preset=naive-vs-ib&trainer.prompts=16&arm.naive.entropy_bonus.alpha=0.3&seeds=0,1
 *
 * `arms` stands there when arms were added, taken away or moved: their ids in order. A field of an
 * arm is `arm.<id>.<field>`, a setting of it `arm.<id>.<method>.<setting>`.
 */
import type { Catalog } from './catalog.ts';
import type { Experiment } from './experiment.ts';
import { formatExperiment, parseExperiment } from './parse.ts';
import { AGGREGATE_KEY } from './recipe.ts';

export interface Preset {
  /** Name of its file in public/presets, without the ending. */
  id: string;
  experiment: Experiment;
}

type File = ReturnType<typeof formatExperiment>;
type ArmFile = File['arms'][number];
type Parts = Pick<ArmFile, (typeof PARTS)[number]>;

const TEXTS = ['name', 'caption', 'task', 'model', 'base'] as const;
const ARM_FIELDS = ['name', 'color', 'enabled'] as const;
/** Names of an algorithm and its parts; whoever gives the first gives the second, or means the recipe's. */
const PARTS = ['algorithm', 'methods'] as const;
const KNOWN: readonly string[] = ['preset', ...PARTS, 'seeds', 'arms', ...TEXTS];

/** The query, with its question mark. `fromQuery` gives the same experiment back. */
export function toQuery(experiment: Experiment, preset: Preset, catalog: Catalog): string {
  const wanted = formatExperiment(experiment, catalog);
  const entries: [string, string][] = [['preset', preset.id]];
  /** What `fromQuery` would make of the entries so far. */
  const current = () => formatExperiment(apply(entries, preset, catalog).experiment, catalog);
  const add = (key: string, value: unknown, was: unknown) => {
    if (String(value) !== String(was)) entries.push([key, String(value)]);
  };
  const addSettings = (prefix: string, to: File['settings'], from: File['settings']) => {
    for (const [key, value] of Object.entries(to)) add(`${prefix}${key}`, value, from[key]);
  };
  const addParts = (prefix: string, to: Parts, from: Parts) => {
    if (to.algorithm === from.algorithm) return add(`${prefix}methods`, to.methods, from.methods);
    entries.push(
      [`${prefix}algorithm`, to.algorithm ?? ''],
      [`${prefix}methods`, String(to.methods)],
    );
  };

  // Which settings exist, and what they begin with, follows from the rest: so the rest comes first.
  const before = formatExperiment(preset.experiment, catalog);
  for (const key of TEXTS) add(key, wanted[key], before[key]);
  addParts('', wanted, before);
  add('seeds', wanted.seeds, before.seeds);
  const ids = wanted.arms.map((arm) => arm.id);
  add(
    'arms',
    ids,
    before.arms.map((arm) => arm.id),
  );
  wanted.arms.forEach((arm, index) => {
    const was = before.arms.find((a) => a.id === arm.id) ?? emptyArm(arm.id, index);
    for (const key of ARM_FIELDS) {
      add(`arm.${arm.id}.${key}`, arm[key], was[key]);
    }
    addParts(`arm.${arm.id}.`, arm, was);
  });
  addSettings('', wanted.settings, current().settings);
  const { arms } = current();
  wanted.arms.forEach((arm, index) => {
    addSettings(`arm.${arm.id}.`, arm.settings, arms[index].settings);
  });
  // A comma may stand in a query as it is, and is easier to read.
  return `?${new URLSearchParams(entries).toString().replaceAll('%2C', ',')}`;
}

/**
 * @param presets the first is taken when the query names none
 * @throws {RangeError} an unknown preset, or whatever `parseExperiment` refuses
 */
export function fromQuery(
  query: string,
  presets: readonly Preset[],
  catalog: Catalog,
): { experiment: Experiment; preset: string; notices: string[] } {
  const entries = [...new URLSearchParams(query)];
  const id = entries.findLast(([key]) => key === 'preset')?.[1] ?? presets[0].id;
  const preset = presets.find((p) => p.id === id);
  if (!preset) {
    const ids = presets.map((p) => p.id).join(', ');
    throw new RangeError(`preset: must be one of ${ids}, got ${JSON.stringify(id)}`);
  }
  return { ...apply(entries, preset, catalog), preset: id };
}

function apply(entries: readonly [string, string][], preset: Preset, catalog: Catalog) {
  const given = new Map(entries);
  const file = formatExperiment(preset.experiment, catalog);
  const texts = Object.fromEntries(TEXTS.map((key) => [key, given.get(key) ?? file[key]]));
  const parts = partsOf('', given, file);
  const settings: Record<string, unknown> = keep(file.settings, [
    'trainer',
    texts.task,
    ...parts.kept,
  ]);
  if (given.has('algorithm')) delete settings[AGGREGATE_KEY];
  const ids = list(given.get('arms')) ?? file.arms.map((arm) => arm.id);
  const arms = ids.map((id, index) =>
    armWith(file.arms.find((a) => a.id === id) ?? emptyArm(id, index), given),
  );
  const seeds = list(given.get('seeds'))?.map(numberOrText) ?? file.seeds;
  const notices: string[] = [];
  for (const [key, value] of entries) {
    const [first, arm, field, ...rest] = key.split('.');
    if (arm === undefined) {
      if (!KNOWN.includes(key)) notices.push(`${key}: not a known field, ignored`);
    } else if (first !== 'arm') {
      settings[key] = value;
    } else if (!ids.includes(arm)) {
      notices.push(`${key}: ignored, there is no arm "${arm}"`);
    } else if (rest.length === 0 && ![...ARM_FIELDS, ...PARTS].some((name) => name === field)) {
      notices.push(`${key}: not a known field, ignored`);
    }
  }
  const parsed = parseExperiment(
    { ...file, ...texts, ...parts.named, settings, arms, seeds },
    catalog,
  );
  return { experiment: parsed.experiment, notices: [...notices, ...parsed.notices] };
}

/** The arm with what the query says of it. */
function armWith(arm: ArmFile, given: ReadonlyMap<string, string>) {
  const prefix = `arm.${arm.id}.`;
  const field = (name: (typeof ARM_FIELDS)[number]) => given.get(prefix + name);
  const { named, kept } = partsOf(prefix, given, arm);
  const settings: Record<string, unknown> = keep(arm.settings, kept);
  for (const [key, value] of given) {
    const name = key.slice(prefix.length);
    if (key.startsWith(prefix) && name.includes('.')) settings[name] = value;
  }
  const name = field('name') ?? arm.name;
  const color = numberOrText(field('color') ?? String(arm.color));
  const enabled = field('enabled') ?? String(arm.enabled);
  return {
    ...{ id: arm.id, name, color, ...named, settings },
    enabled: enabled === 'true' || (enabled === 'false' ? false : enabled),
  };
}

/** Algorithm and methods as the query has them, else as they were; and whose settings stay as they were. */
function partsOf(prefix: string, given: ReadonlyMap<string, string>, was: Parts) {
  const methods = list(given.get(`${prefix}methods`));
  const algorithm = given.get(`${prefix}algorithm`);
  if (algorithm !== undefined) return { named: { algorithm, methods }, kept: [] };
  const kept = methods ?? was.methods;
  const own = prefix !== '' && was.algorithm ? [...kept, 'trainer'] : kept;
  return { named: { algorithm: was.algorithm, methods: kept }, kept: own };
}

/** What `parseExperiment` fills in for an arm of which only the id is known. */
function emptyArm(id: string, index: number): ArmFile {
  return { id, name: id, methods: [], settings: {}, color: index, enabled: true };
}

/** The settings of these owners. */
function keep(settings: File['settings'], owners: readonly string[]) {
  return Object.fromEntries(
    Object.entries(settings).filter(([key]) => owners.includes(key.slice(0, key.indexOf('.')))),
  );
}

function list(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : text.split(',').filter((item) => item !== '');
}

/** What is no number stays as it is, so that the message shows what was given. */
function numberOrText(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}
