/** Predictions over a chart, as dashed bands with a label: nothing of it goes into the measured data. */
import { useSession } from '../context.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { POINTS, TOLERANCE } from './shapes.ts';
import { predictionKey, useTour } from './state.ts';
import './band.css';

interface Props {
  metric: string;
  arms: readonly { id: string; stroke: string }[];
  width: number;
  height: number;
  frame: { left: number; right: number; top: number; bottom: number };
  /** Steps at the ends of the axis. */
  x: readonly [number, number];
  y: readonly [number, number];
}

/** Highest point of the predictions for these arms; 0 where there are none. */
export function useHighestPrediction(metric: string, arms: readonly { id: string }[]): number {
  const predictions = useTour((state) => state.predictions);
  const found = arms.flatMap(({ id }) => predictions[predictionKey(metric, id)]?.points ?? []);
  return Math.max(0, ...found);
}

export function PredictionBand({ metric, arms, width, height, frame, x, y }: Props) {
  const planned = useShownExperiment().values['trainer.steps'] as number;
  const isRecording = useSession((session) => session.recording !== undefined);
  const predictions = useTour((state) => state.predictions);
  const shown = arms.flatMap(({ id, stroke }) => {
    const prediction = predictions[predictionKey(metric, id)];
    return prediction ? [{ id, stroke, points: prediction.points }] : [];
  });
  if (shown.length === 0 || width <= 0 || isRecording) return null;
  const [inner, tall] = [width - frame.left - frame.right, height - frame.top - frame.bottom];
  const half = TOLERANCE * (y[1] - y[0]);
  const px = (i: number) => {
    const step = (i / (POINTS - 1)) * planned;
    return (inner * (step - x[0])) / (x[1] - x[0]);
  };
  // What lies beyond the axis runs along its edge.
  const py = (value: number) => {
    const share = (value - y[0]) / (y[1] - y[0]);
    return tall * (1 - Math.min(1, Math.max(0, share)));
  };
  const edge = (points: readonly number[], shift: number) =>
    points.map((value, i) => `${px(i).toFixed(1)} ${py(value + shift).toFixed(1)}`);
  return (
    <svg className="prediction" width={width} height={height} aria-hidden="true">
      {/* Its own frame cuts off what a zoom has moved out of sight. */}
      <svg x={frame.left} y={frame.top} width={inner} height={tall} role="presentation">
        {shown.map(({ id, stroke, points }) => {
          const [up, down] = [edge(points, half), edge(points, -half)];
          return (
            <g key={id} className={`prediction-${id}`} stroke={stroke} fill={stroke}>
              <path d={`M${[...up, ...[...down].reverse()].join('L')}Z`} />
              <path d={`M${up.join('L')}`} fill="none" />
              <path d={`M${down.join('L')}`} fill="none" />
            </g>
          );
        })}
      </svg>
      <text x={width - frame.right} y={frame.top + 10} textAnchor="end">
        band: predicted
      </text>
    </svg>
  );
}
