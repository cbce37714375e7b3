/** Asks how one curve will go, arm by arm: a shape picked by mouse or keys, or a line drawn on the pad. */
import { useState } from 'react';
import type { Arm, Experiment } from '../../core/experiment.ts';
import { METRICS } from '../../metrics/index.ts';
import { useGrowingHistory } from '../context.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { useArmColor } from '../controls/use_arm_color.ts';
import { formatSetting } from '../format.ts';
import { DrawingPad } from './DrawingPad.tsx';
import { type Asked, startOf, topOf } from './scale.ts';
import { SHAPES, type Shape, shapePoints } from './shapes.ts';
import { predict, predictionKey, useTour } from './state.ts';

interface Props {
  metric: Asked;
  experiment: Experiment;
}

export function Predict({ metric, experiment }: Props) {
  const history = useGrowingHistory();
  const predictions = useTour((state) => state.predictions);
  const colorOf = useArmColor();
  const arms = experiment.arms.filter((arm) => arm.enabled);
  const [chosen, setChosen] = useState<string>();
  const drawing = arms.find((arm) => arm.id === chosen) ?? arms[0];
  const { label, unit } = METRICS.find(({ id }) => id === metric) as (typeof METRICS)[number];
  const top = topOf(metric, experiment);
  const start = startOf(metric, experiment, history);
  const of = (arm: Arm) => predictions[predictionKey(metric, arm.id)];
  return (
    <>
      <p>
        How will <b>{label}</b> go over {experiment.values['trainer.steps']} steps? Pick a shape for
        each arm, or draw it below. A guess is enough; leave out what you like.
      </p>
      {arms.map((arm) => (
        <fieldset key={arm.id} className="tour-pick">
          <legend>
            <LineSample color={arm.color} width={16} /> {arm.name}
            {of(arm)?.by === 'drawn' && <span className="quiet"> drawn</span>}
          </legend>
          {(Object.keys(SHAPES) as Shape[]).map((shape) => (
            <label key={shape} title={SHAPES[shape]}>
              <input
                type="radio"
                name={`${metric}-${arm.id}`}
                aria-label={`${arm.name} ${SHAPES[shape]}`}
                checked={of(arm)?.by === shape}
                onFocus={() => setChosen(arm.id)}
                onChange={() =>
                  predict(metric, arm.id, { by: shape, points: shapePoints(shape, start, top) })
                }
              />
              <ShapeIcon shape={shape} />
            </label>
          ))}
        </fieldset>
      ))}
      {drawing && (
        <>
          <p className="tour-choices quiet small">
            Draw:
            {arms.map((arm) => (
              <button
                key={arm.id}
                type="button"
                className="tour-choice"
                aria-pressed={arm.id === drawing.id}
                onClick={() => setChosen(arm.id)}
              >
                {arm.name}
              </button>
            ))}
          </p>
          <DrawingPad
            top={top}
            start={start}
            topText={`${formatSetting(top)} ${unit}`}
            lines={arms.flatMap((arm) => {
              const points = of(arm)?.points;
              return points ? [{ id: arm.id, stroke: colorOf(arm.color), points }] : [];
            })}
            stroke={colorOf(drawing.color)}
            own={of(drawing)?.points}
            onDraw={(points) => predict(metric, drawing.id, { by: 'drawn', points })}
          />
        </>
      )}
    </>
  );
}

const ICONS: Record<Shape, string> = {
  rises: 'M2 13C9 13 12 3 22 3',
  falls: 'M2 3C9 3 12 13 22 13',
  stays: 'M2 8H22',
  rises_falls: 'M2 13C7 13 7 3 11 3S16 13 22 13',
};

function ShapeIcon({ shape }: { shape: Shape }) {
  return (
    <svg width="24" height="16" viewBox="0 0 24 16" aria-hidden="true">
      <path d={ICONS[shape]} fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
