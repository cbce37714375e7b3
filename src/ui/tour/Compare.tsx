/** The predictions against what was measured, in words made from the curves. */

import type { Experiment } from '../../core/experiment.ts';
import { useGrowingHistory } from '../context.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { basisOf, compare } from './comparison.ts';
import { useTour } from './state.ts';

export function Compare({ experiment }: { experiment: Experiment }) {
  const history = useGrowingHistory();
  const predictions = useTour((state) => state.predictions);
  return (
    <>
      <p className="quiet">{basisOf(experiment, history)}</p>
      {compare(experiment, history, predictions).map(({ metric, label, lines }) => (
        <section key={metric} aria-label={label}>
          <h3 className="section-title">{label}</h3>
          <ul className="tour-lines">
            {lines.map(({ arm, color, name, text, isRight }) => (
              <li key={arm}>
                <LineSample color={color} width={20} />
                <span>
                  <b>{name}</b>
                  {isRight !== undefined && (
                    <span className={isRight ? 'tour-right' : 'tour-wrong'}>
                      {isRight ? ' as you said' : ' not as you said'}
                    </span>
                  )}
                  <br />
                  {text}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
