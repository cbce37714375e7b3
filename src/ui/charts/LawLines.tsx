/** The fitted laws of a phase plot in numbers, and why an arm has none. */
import { LineSample } from '../controls/LineSample.tsx';
import { formatValue } from '../format.ts';
import type { DrawnArm } from './frame.ts';
import type { ArmLaw } from './law.ts';

interface Props {
  laws: readonly ArmLaw[];
  /** Nothing is drawn yet: the lines keep their room. */
  isEmpty: boolean;
}

export function LawLines({ laws, isEmpty }: Props) {
  const reasons = [...new Set(laws.flatMap(({ missing }) => missing ?? []))];
  return (
    <ul
      className="law-lines small"
      aria-label="Fit of R = −a·exp(H) + b"
      style={isEmpty ? { visibility: 'hidden' } : undefined}
    >
      {laws.map((own) => own.law && <Fitted key={own.arm.id} {...own} law={own.law} />)}
      {reasons.map((reason) => (
        <li key={reason} className="quiet">
          <Names arms={laws.filter(({ missing }) => missing === reason).map(({ arm }) => arm)} />:
          no dotted line, because {reason}.
        </li>
      ))}
    </ul>
  );
}

function Names({ arms }: { arms: readonly DrawnArm[] }) {
  return arms.map((arm, i) => (
    <span key={arm.id}>
      {i > 0 && '; '}
      <LineSample color={arm.color} /> {arm.name}
    </span>
  ));
}

function Fitted({ arm, law, forecast }: ArmLaw & { law: NonNullable<ArmLaw['law']> }) {
  return (
    <li className="number">
      <Names arms={[arm]} />: R = {formatValue(law.b)} {law.a < 0 ? '+' : '−'}{' '}
      {formatValue(Math.abs(law.a))}·e
      <sup>H</sup>,{' '}
      {law.a > 0
        ? `so at most ${formatValue(law.ceiling)}`
        : 'which does not fall with entropy and sets no limit'}
      ; fitted on {law.count} steps up to {law.until}.
      {forecast &&
        ` At step ${forecast.step} it says ${formatValue(forecast.said)}, measured ${formatValue(forecast.measured)}.`}
    </li>
  );
}
