/** Which terms the microscope shows: those of every arm with its settings, and the two entropy terms in any case. */
import type { InspectedResponse, Inspection } from '../core/inspection.ts';
import { defaultsOf, type Values } from '../core/param.ts';
import { METHODS } from '../methods/index.ts';
import { isTerm, type Method, type TermMethod } from '../methods/method.ts';
import type { TermRequest } from './inspect.ts';
import { composeAlone } from './terms.ts';

/** Shown even where no arm has them: the comparison that the page is about. */
const ALWAYS = ['entropy_bonus', 'ib_entropy'];

/** What is asked of a run. */
export interface TermsOwner {
  arm: string;
  /** Active, of all stages. */
  methods: readonly Method[];
  settings: Values;
}

/** Whose batch the responses are of, and what its methods had computed of it for each of them. */
export interface KnownOfBatch {
  arm: string;
  /** Undefined: nothing, as where the arm's methods do not act on single tokens. */
  columns: readonly string[] | undefined;
}

/** The columns whose constants all responses bring. */
export function knownColumns(responses: readonly InspectedResponse[]): string[] | undefined {
  const [first] = responses;
  if (!first?.constants || !responses.every(({ constants }) => constants)) return undefined;
  return Object.keys(first.constants).filter((column) =>
    responses.every(({ constants }) => constants?.[column]),
  );
}

/**
 * @param owners one per arm
 * @param known  what lets terms be seen that depend on the whole batch
 * @returns terms without repetition, objectives first, then the two entropy terms; and each arm's part of them
 */
export function inspectedTerms(
  owners: readonly TermsOwner[],
  known?: KnownOfBatch,
): {
  terms: TermRequest[];
  arms: Inspection['arms'];
} {
  const keyOf = ({ method, values, weights = [] }: TermRequest): string =>
    `${method.id} ${weights.map(({ id }) => id)} ${JSON.stringify(values)}`;
  const ofArms = owners.map(({ arm, methods, settings }) => {
    const columns = (arm === known?.arm && known.columns) || [];
    const isKnown = (term: TermRequest): boolean =>
      composeAlone(term.method, term.weights).columns.every((column) => columns.includes(column));
    const weighing = methods.filter((m) => m.stage === 'weight');
    const terms: TermRequest[] = [];
    const seen = new Set<string>();
    for (const method of methods.filter(isTerm)) {
      const plain: TermRequest = { method, values: pick(method, settings) };
      const weights = method.stage === 'objective' ? weighing : [];
      // Without what the batch decided, the term at least as it is for a token of weight 1.
      const found = [{ ...plain, weights }, plain].find(isKnown);
      if (!found) continue;
      terms.push(found);
      for (const { id } of [method, ...(found.weights ?? [])]) seen.add(id);
    }
    const isOwnBatch = arm === known?.arm && known.columns !== undefined;
    const missing = methods
      .filter((m) => {
        if (m.stage === 'shape') return !isOwnBatch;
        return (m.stage === 'weight' || isTerm(m)) && !seen.has(m.id);
      })
      .map(({ id }) => id);
    return { arm, terms, missing };
  });
  const all = ofArms.flatMap(({ terms }) => terms);
  for (const id of ALWAYS) {
    const method = METHODS.get(id) as TermMethod;
    if (all.some((term) => term.method.id === id)) continue;
    all.push({ method, values: defaultsOf(id, method.params) });
  }
  const rank = ({ method }: TermRequest): number => {
    if (method.stage === 'objective') return -1;
    return ALWAYS.includes(method.id) ? ALWAYS.indexOf(method.id) : ALWAYS.length;
  };
  const terms = [...new Map(all.map((term) => [keyOf(term), term])).values()];
  terms.sort((a, b) => rank(a) - rank(b));
  const keys = terms.map(keyOf);
  return {
    terms,
    arms: ofArms.map(({ arm, terms: own, missing }) => ({
      arm,
      missing,
      terms: own.map((term) => keys.indexOf(keyOf(term))),
    })),
  };
}

/** The settings that the term's text reads. */
function pick(method: TermMethod, settings: Values): Values {
  return Object.fromEntries(composeAlone(method).fields.map((f) => [f, settings[f] as number]));
}
