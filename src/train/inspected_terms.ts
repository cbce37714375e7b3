/** Which terms the microscope shows: those of every arm with its settings, and the two entropy terms in any case. */
import type { Inspection } from '../core/inspection.ts';
import { defaultsOf, type Values } from '../core/param.ts';
import { METHODS } from '../methods/index.ts';
import { isTerm, type Method, type TermMethod } from '../methods/method.ts';
import type { TermRequest } from './inspect.ts';
import { composeAlone } from './terms.ts';

/** Shown even where no arm has them: the comparison that the page is about. */
const ALWAYS = ['entropy_bonus', 'ib_entropy'];

/** What a term with constants does to a token depends on its whole minibatch, which a look at a few does not have. */
const isInspectable = (method: TermMethod): boolean => composeAlone(method).columns.length === 0;

/** What is asked of a run. */
export interface TermsOwner {
  arm: string;
  /** Active, of all stages. */
  methods: readonly Method[];
  settings: Values;
}

/**
 * @param owners one per arm
 * @returns terms without repetition, objectives first, then the two entropy terms; and each arm's part of them
 */
export function inspectedTerms(owners: readonly TermsOwner[]): {
  terms: TermRequest[];
  arms: Inspection['arms'];
} {
  const keyOf = ({ method, values }: TermRequest): string =>
    `${method.id} ${JSON.stringify(values)}`;
  const ofArms = owners.map(({ arm, methods, settings }) => {
    const shown = methods.filter(isTerm).filter(isInspectable);
    const terms = shown.map((method): TermRequest => ({ method, values: pick(method, settings) }));
    const missing = methods
      .filter(
        (m) => m.stage === 'weight' || m.stage === 'shape' || (isTerm(m) && !isInspectable(m)),
      )
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
