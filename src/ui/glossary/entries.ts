/**
 * Everything the glossary explains. Texts of metrics, methods and settings are those of their declarations; only terms
 * that nothing declares have a text of their own (own.ts).
 */
import type { Param, Params } from '../../core/param.ts';
import { TRAINER_PARAMS } from '../../core/settings.ts';
import { METHODS } from '../../methods/index.ts';
import { METRICS, type Metric } from '../../metrics/index.ts';
import { TASKS } from '../../tasks/index.ts';
import { OWN } from './own.ts';

export interface Entry {
  /** Unique; `metric.<id>`, `method.<id>` and `setting.<key>` for what is declared elsewhere. */
  id: string;
  term: string;
  /** Other words for it, by which it is found and recognized in running text. */
  words?: readonly string[];
  /** What it is. */
  text: string;
  /** LaTeX. */
  formula?: string;
  /** What to expect. */
  expect?: string;
  /** Where the text is from. */
  source?: string;
}

export interface Section {
  title: string;
  entries: readonly Entry[];
}

function ofMetric({ id, label, unit, when, formula, help, task }: Metric): Entry {
  const measured = when === 'step' ? 'Measured at every step' : 'Measured at evaluations';
  const where = task === undefined ? '' : ` of ${TASKS.get(task)?.label}`;
  const source = unit === '' ? `${measured}${where}.` : `${measured}${where}, in ${unit}.`;
  return { id: `metric.${id}`, term: label, text: help, formula, source };
}

function ofParams(owner: string, params: Params): Entry[] {
  return Object.entries<Param>(params).map(([name, { label, help }]) => ({
    id: `setting.${owner}.${name}`,
    term: label,
    text: help,
    source: owner === 'trainer' ? 'Training loop.' : `Setting of ${METHODS.get(owner)?.label}.`,
  }));
}

const methods = [...METHODS.values()];

export const SECTIONS: readonly Section[] = [
  { title: 'Ideas', entries: [...OWN].sort((a, b) => a.term.localeCompare(b.term)) },
  { title: 'What is measured', entries: METRICS.map(ofMetric) },
  {
    title: 'Methods',
    entries: methods.map(({ id, label, summary, formula, paper }) => ({
      id: `method.${id}`,
      term: label,
      text: summary,
      formula,
      source: `${paper.authors} (${paper.year}), ${paper.title}.`,
    })),
  },
  {
    title: 'Settings',
    entries: [
      ...ofParams('trainer', TRAINER_PARAMS),
      ...methods.flatMap(({ id, params }) => ofParams(id, params)),
    ],
  },
];

const ALL = SECTIONS.flatMap((section) => section.entries);

export const findEntry = (id: string): Entry | undefined => ALL.find((entry) => entry.id === id);

/** Sections with the entries that hold all words of the query; in the term first, then anywhere. */
export function search(query: string): Section[] {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
  const namesOf = ({ term, words = [] }: Entry) => [term, ...words].join(' ').toLowerCase();
  const holds = (text: string) => parts.every((part) => text.toLowerCase().includes(part));
  return SECTIONS.map(({ title, entries }) => {
    const named = entries.filter((entry) => holds(namesOf(entry)));
    const others = entries.filter(
      (entry) =>
        !named.includes(entry) && holds(`${namesOf(entry)} ${entry.text} ${entry.expect ?? ''}`),
    );
    return { title, entries: [...named, ...others] };
  }).filter(({ entries }) => entries.length > 0);
}

/** A stretch of running text; `entry` where it is a term. */
export interface Stretch {
  text: string;
  entry?: string;
}

/** Words by which an entry is recognized in running text, longest first, so that parts of a term do not win. */
const KNOWN: readonly [string, string][] = [
  ...OWN.flatMap(({ id, term, words = [] }) =>
    [term, ...words].map((w): [string, string] => [w, id]),
  ),
  ['entropy', 'metric.entropy'],
  ['accuracy', 'metric.eval_accuracy'],
  ['pass@8', 'metric.eval_pass_at_8'],
].sort((a, b) => b[0].length - a[0].length) as [string, string][];

const idOf = new Map(KNOWN.map(([word, id]) => [word.toLowerCase(), id]));
const escaped = KNOWN.map(([word]) => word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
const PATTERN = new RegExp(String.raw`(?<![\w@])(?:${escaped.join('|')})(?![\w@])`, 'gi');

/** Cuts a text so that the first mention of each term stands by itself. */
export function mentions(text: string): Stretch[] {
  const seen = new Set<string>();
  const result: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(PATTERN)) {
    const entry = idOf.get(match[0].toLowerCase());
    if (!entry || seen.has(entry)) continue;
    seen.add(entry);
    if (match.index > from) result.push({ text: text.slice(from, match.index) });
    result.push({ text: match[0], entry });
    from = match.index + match[0].length;
  }
  if (from < text.length) result.push({ text: text.slice(from) });
  return result;
}
