/** Phase 4: what each arm's loss pays every token. */
import type { SlowArm } from '../../core/slow_step.ts';
import { formatValue } from '../format.ts';
import { shortName } from '../microscope/reading.ts';
import { Compare } from './Compare.tsx';
import type { SlowGiven } from './given.ts';
import { advantageOf, COEFFICIENTS, followsAdvantage, type Measure, rangeOf } from './shaping.ts';

export function Weigh(given: SlowGiven) {
  return (
    <Compare
      given={given}
      measures={COEFFICIENTS}
      label="Tint by what is"
      summary={(arm, measure) => <p>{inWords(arm, measure)}</p>}
      detail={(response, t) => (
        <>
          for its log-probability <b>{signed(COEFFICIENTS[1].of(response)[t])}</b>, for entropy{' '}
          <b>{signed(COEFFICIENTS[0].of(response)[t])}</b> per nat
          {response.terms.some(({ bound }) => bound[t] > 0) ? '; a clip holds it' : ''}
        </>
      )}
    />
  );
}

const signed = (x: number) => `${x > 0 ? '+' : ''}${formatValue(x)}`;

function inWords(arm: SlowArm, measure: Measure): string {
  const [low, high] = rangeOf(arm, measure);
  const hidden = arm.terms.filter((_, i) =>
    arm.responses.some(({ terms }) => terms[i].d_entropy.some(Number.isNaN)),
  );
  const names = hidden.map(({ method }) => shortName(method)).join(' and ');
  const also = names && ` What ${names} pays is not for Shannon’s entropy: this tint lacks it.`;
  if (low === 0 && high === 0) {
    const isEven = arm.terms.length > 1 && arm.responses.every((r) => advantageOf(r) === 0);
    const why = isEven ? ' in this group, whose advantages are all 0' : '';
    return `Nothing is ${measure.name}${why}.${also}`;
  }
  if (high - low < 1e-3 * Math.abs(high))
    return `${signed(high)} per nat at every token, in good and bad responses alike.${also}`;
  const follows = followsAdvantage(arm, measure) ? ', with the sign of the advantage' : '';
  return `From ${signed(low)} to ${signed(high)} per nat${follows}.${also}`;
}
