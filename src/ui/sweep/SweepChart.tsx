/** What a setting does to held-out accuracy: one point for each arm of a sweep, at the newest evaluation that all have. */
import { useInViewport } from '@mantine/hooks';
import { memo, useCallback, useMemo } from 'react';
import type { DrawnArm } from '../charts/frame.ts';
import { MarkPlot } from '../charts/MarkPlot.tsx';
import type { Sheet } from '../charts/plot_marks.ts';
import { useTurn } from '../charts/use_turn.ts';
import { Help } from '../controls/Help.tsx';
import type { History } from '../history.ts';
import type { Sweep } from './sweep.ts';
import { sweepPlot, sweepPoints, sweepText } from './sweep_plot.ts';

const METRIC = 'eval_accuracy';

interface Props {
  sweep: Sweep;
  history: History;
  arms: readonly DrawnArm[];
  seeds: readonly number[];
}

export const SweepChart = memo(function SweepChart({ sweep: whole, history, arms, seeds }: Props) {
  // Arms out of sight are out of this plot, too.
  const sweep = useMemo(
    () => ({ ...whole, arms: whole.arms.filter(({ id }) => arms.some((arm) => arm.id === id)) }),
    [whole, arms],
  );
  const { ref: card, inViewport } = useInViewport<HTMLElement>();
  const version = useTurn(history, inViewport);
  // biome-ignore lint/correctness/useExhaustiveDependencies: version stands for the history's content
  const { step, points } = useMemo(
    () => sweepPoints(history, METRIC, sweep, seeds),
    [history, sweep, seeds, version],
  );
  const draw = useCallback(
    ({ box, paper }: Sheet) => sweepPlot(points, sweep, METRIC, arms, box, paper, 11),
    [points, sweep, arms],
  );
  const title = `accuracy against ${sweep.label}`;
  const empty = 'drawn from the first evaluation on';
  return (
    <figure ref={card} className="card chart" data-sweep={sweep.key}>
      <div className="chart-head">
        <h3 title={title}>{title}</h3>
        {points.length > 0 && <span className="quiet small number">step {step}</span>}
        <Help of={title} width={340}>
          <p>
            Arms that differ in this setting alone, at the newest evaluation that all of their runs
            have: mean held-out accuracy over the seeds with its 95 % t-interval.
          </p>
          <p className="quiet small">
            Values stand at equal distances, whatever lies between them. An interval of one value is
            not the interval of a difference: for that, see the comparison of arms.
          </p>
        </Help>
      </div>
      <figcaption className="visually-hidden">
        {points.length > 0 ? sweepText(points, sweep, METRIC, step) : `${title}: ${empty}.`}
      </figcaption>
      <MarkPlot draw={points.length > 0 ? draw : undefined} empty={empty} />
    </figure>
  );
});
