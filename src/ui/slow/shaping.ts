/** From the engine's numbers of one step to what the phases show. Pure. */
import type { SlowArm, SlowResponse, SlowStep } from '../../core/slow_step.ts';

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length;

/** What arms may be tinted by, in the phases that compare them. */
export interface Measure {
  id: string;
  label: string;
  /** What a value is called at a single token. */
  name: string;
  unit: string;
  of(response: SlowResponse): number[];
}

/** The loss falls with what is paid for; a term of another functional says nothing here (NaN). */
function paid(response: SlowResponse, key: 'd_logp' | 'd_entropy'): number[] {
  return response.tokens.map((_, t) =>
    response.terms.reduce((sum, term) => sum - response.weight * (term[key][t] || 0), 0),
  );
}

export const COEFFICIENTS: readonly Measure[] = [
  {
    id: 'entropy',
    label: 'paid for entropy',
    name: 'paid for entropy',
    unit: 'per nat',
    of: (response) => paid(response, 'd_entropy'),
  },
  {
    id: 'token',
    label: 'paid for the token',
    name: 'paid for its log-probability',
    unit: 'per nat',
    of: (response) => paid(response, 'd_logp'),
  },
];

export const CHANGES: readonly Measure[] = [
  {
    id: 'logp',
    label: 'probability of the token',
    name: 'log-probability',
    unit: 'nats',
    of: ({ before, after }) => before.logp.map((x, t) => after.logp[t] - x),
  },
  {
    id: 'entropy',
    label: 'entropy at the token',
    name: 'entropy',
    unit: 'nats',
    of: ({ before, after }) => before.entropy.map((x, t) => after.entropy[t] - x),
  },
];

/** Value of a full token: the largest of all arms, so that arms can be compared; 0 where nothing is paid or moved. */
export function fullOf(arms: readonly SlowArm[], measure: Measure): number {
  return Math.max(
    0,
    ...arms.flatMap(({ responses }) => responses.flatMap((r) => measure.of(r).map(Math.abs))),
  );
}

/** Smallest and largest over an arm's tokens. */
export function rangeOf({ responses }: SlowArm, measure: Measure): [number, number] {
  const values = responses.flatMap((r) => measure.of(r));
  return [Math.min(...values), Math.max(...values)];
}

/** Whether every token's value has the sign of its advantage. */
export function followsAdvantage({ responses }: SlowArm, measure: Measure): boolean {
  return responses.every((r) =>
    measure.of(r).every((x, t) => x === 0 || Math.sign(x) === Math.sign(r.advantage[t])),
  );
}

/**
 * Mean over the tokens of these responses; NaN without one.
 * @param isDrawn without latent positions, where no token has a probability
 */
export function meanChange(
  responses: readonly SlowResponse[],
  measure: Measure,
  isDrawn = false,
): number {
  return mean(
    responses.flatMap((r) => measure.of(r).slice(isDrawn ? (r.mixtures?.length ?? 0) : 0)),
  );
}

const written = ({ prompt, responses }: SlowArm): string =>
  JSON.stringify([prompt, responses.map(({ tokens, mixtures }) => [tokens, mixtures])]);

/** Whether all arms wrote the very same responses: so at the first step, where all have the base's weights. */
export function isSame({ arms }: SlowStep): boolean {
  return new Set(arms.map(written)).size === 1;
}

/** Whether the arms at least answer the same prompt. */
export function isSamePrompt({ arms }: SlowStep): boolean {
  return new Set(arms.map(({ prompt }) => prompt.join())).size === 1;
}

/** Places of a few responses for a comparison at a glance: good and bad ones in turn, then in the order of sampling. */
export function fewOf(responses: readonly SlowResponse[], count: number): number[] {
  const places = responses.map((_, i) => i);
  const sorted = [...places].sort((a, b) => advantageOf(responses[b]) - advantageOf(responses[a]));
  const half = Math.ceil(count / 2);
  const kept = new Set([...sorted.slice(0, half), ...sorted.slice(half - count)]);
  for (const place of places) if (kept.size < count) kept.add(place);
  return places.filter((place) => kept.has(place));
}

/** Of the response: the mean over its tokens, where shapes or discounts make them differ. */
export const advantageOf = ({ advantage }: SlowResponse): number => mean(advantage);

export const estimateOf = ({ estimate }: SlowResponse): number => mean(estimate);

/** Whether tokens of one response have different advantages. */
export const isPerToken = ({ advantage }: SlowResponse): boolean =>
  advantage.some((a) => Math.abs(a - advantage[0]) > 1e-6);
