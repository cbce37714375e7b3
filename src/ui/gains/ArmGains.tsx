/** One arm: two drawings of what its tokens tell about the answer, and the same in numbers. */
import { memo } from 'react';
import type { Arm } from '../../core/experiment.ts';
import type { Axis } from '../charts/axis.ts';
import { MarkPlot } from '../charts/MarkPlot.tsx';
import type { Sheet } from '../charts/plot_marks.ts';
import type { Mark } from '../charts/scene.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { useArmColor } from '../controls/use_arm_color.ts';
import { formatValue } from '../format.ts';
import { kindsOf, type Told } from './gain_history.ts';
import { dashOf, kindMarks, placeMarks } from './gain_plots.ts';

interface Props {
  arm: Arm;
  /** Evaluations in order. */
  history: readonly Told[];
  y: Axis;
  /** Newest step of any arm. */
  newest: number;
  label: string;
  /** Why this arm has nothing; of all of them it is said once. */
  empty: string | undefined;
  /** First step that was evaluated at all. */
  evaluated?: number;
}

const SPACE = { left: 38, right: 12, top: 8, bottom: 36 };

export const ArmGains = memo(function ArmGains(props: Props) {
  const { arm, history, y, newest, label, empty, evaluated } = props;
  const stroke = useArmColor()(arm.color);
  const [first, last] = [history[0], history.at(-1)];
  return (
    <section className="card responses-arm" aria-label={`Which tokens tell under ${arm.name}`}>
      <div className="chart-head">
        <LineSample color={arm.color} />
        <h3>{arm.name}</h3>
        <span className="quiet small number">{last && `after step ${last.step}`}</span>
      </div>
      <div className="gain-plots">
        <Plot
          title="along the reasoning"
          words={last && alongInWords(label, first, last)}
          draw={(sheet) => placeMarks(history, { y, newest, ...sheet })}
          {...{ empty }}
        />
        <Plot
          title="by kind of token"
          words={last && `${label}, in numbers in the table`}
          draw={(sheet) => kindMarks(history, stroke, { y, newest, ...sheet })}
          {...{ empty }}
        />
      </div>
      <div className="gain-numbers">
        {last && <Numbers {...{ first, last, label, stroke }} kinds={kindsOf(history)} />}
        {last && evaluated !== undefined && first.step > evaluated && (
          <p className="quiet small">
            From step {first.step} on: evaluations before it were not asked for this.
          </p>
        )}
      </div>
    </section>
  );
});

interface PlotProps {
  title: string;
  /** Without looking at it; undefined where there is nothing to see. */
  words: string | undefined;
  empty: string | undefined;
  draw(sheet: Sheet): Mark[];
}

function Plot({ title, words, empty, draw }: PlotProps) {
  return (
    <figure>
      <figcaption className="quiet small">
        {title}
        {words && <span className="visually-hidden">: {words}.</span>}
      </figcaption>
      <MarkPlot
        draw={words ? draw : undefined}
        className="gain-plot"
        space={SPACE}
        {...{ empty }}
      />
    </figure>
  );
}

/** The curve's tenths at the first and the newest evaluation. */
function alongInWords(label: string, first: Told, last: Told): string {
  const at = ({ step, parts }: Told) => `at step ${step} ${parts.map(formatValue).join(', ')}`;
  const evaluations = first === last ? [last] : [first, last];
  return `${label}, mean nats a token from beginning to end, ${evaluations.map(at).join('; ')}`;
}

interface NumbersProps {
  first: Told;
  last: Told;
  kinds: readonly string[];
  label: string;
  stroke: string;
}

/** Also the key to the dashes. */
function Numbers({ first, last, kinds, label, stroke }: NumbersProps) {
  const shown = first === last ? [last] : [first, last];
  return (
    <table className="gains number">
      <caption className="visually-hidden">{label}, mean nats by kind of token</caption>
      <thead>
        <tr>
          <th scope="col">kind</th>
          {shown.map(({ step }) => (
            <th key={step} scope="col">
              step {step}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kinds.map((kind, k) => (
          <tr key={kind}>
            <th scope="row">
              <svg width="24" height="8" viewBox="0 0 24 8" aria-hidden="true" focusable="false">
                <path d="M0 4H24" stroke={stroke} strokeWidth="2" strokeDasharray={dashOf(k)} />
              </svg>{' '}
              {kind}
            </th>
            {shown.map(({ step, kinds: byKind }) => (
              <td key={step}>{inNumbers(byKind.get(kind), step === last.step)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The seeds' spread beside the newest alone: they began from the same weights. */
function inNumbers(value: { mean: number; sd: number } | undefined, isNewest: boolean): string {
  const spread = isNewest && value && Number.isFinite(value.sd) ? ` ± ${value.sd.toFixed(3)}` : '';
  return `${formatValue(value?.mean)}${spread}`;
}
