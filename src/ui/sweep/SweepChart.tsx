/** What a setting does to held-out accuracy: one point for each arm of a sweep, at the newest evaluation that all have. */
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useInViewport } from '@mantine/hooks';
import { createElement, memo, useMemo } from 'react';
import type { DrawnArm } from '../charts/frame.ts';
import { camel } from '../charts/PhaseChart.tsx';
import { PAPER } from '../charts/plot_marks.ts';
import { useTurn } from '../charts/use_turn.ts';
import { Help } from '../controls/Help.tsx';
import type { History } from '../history.ts';
import type { Sweep } from './sweep.ts';
import { sweepPlot, sweepPoints, sweepText } from './sweep_plot.ts';

const SPACE = { left: 40, right: 12, top: 22, bottom: 38 };
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
  const { ref, width, height } = useElementSize();
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: version stands for the history's content
  const { step, points } = useMemo(
    () => sweepPoints(history, METRIC, sweep, seeds),
    [history, sweep, seeds, version],
  );
  const marks = useMemo(
    () =>
      width > 0 && points.length > 0
        ? sweepPlot(points, sweep, METRIC, arms, { width, height, ...SPACE }, PAPER[scheme], 11)
        : [],
    [points, sweep, arms, width, height, scheme],
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
      <div className="plot plot-phase" ref={ref}>
        {points.length > 0 ? (
          <svg width={width} height={height} aria-hidden="true" focusable="false">
            {marks.map(({ tag, attrs, text }, i) =>
              createElement(tag, { key: i, ...camel(attrs) }, text),
            )}
          </svg>
        ) : (
          <div className="plot-empty">
            <span>{empty}</span>
          </div>
        )}
      </div>
    </figure>
  );
});
