/** The fitted laws of a phase plot in numbers, and why an arm has none. */
import { LineSample } from '../controls/LineSample.tsx';
import { formatValue } from '../format.ts';
import type { ArmLaw } from './law.ts';

interface Props {
  laws: readonly ArmLaw[];
  /** Nothing is drawn yet: the lines keep their room. */
  isEmpty: boolean;
}

export function LawLines({ laws, isEmpty }: Props) {
  return (
    <ul
      className="law-lines small"
      aria-label="Fit of R = −a·exp(H) + b"
      style={isEmpty ? { visibility: 'hidden' } : undefined}
    >
      {laws.map((own) => (
        <li key={own.arm.id}>
          <LineSample color={own.arm.color} /> <LawText own={own} />
        </li>
      ))}
    </ul>
  );
}

function LawText({ own: { arm, missing, law, forecast } }: { own: ArmLaw }) {
  if (!law) {
    return (
      <span className="quiet">
        {arm.name}: no dotted line, because {missing}.
      </span>
    );
  }
  return (
    <span className="number">
      {arm.name}: R = {formatValue(law.b)} {law.a < 0 ? '+' : '−'} {formatValue(Math.abs(law.a))}·e
      <sup>H</sup>,{' '}
      {law.a > 0
        ? `so at most ${formatValue(law.ceiling)}`
        : 'which does not fall with entropy and sets no limit'}
      ; fitted on {law.count} steps up to {law.until}.
      {forecast &&
        ` At step ${forecast.step} it says ${formatValue(forecast.said)}, measured ${formatValue(forecast.measured)}.`}
    </span>
  );
}
