/** A phase plot on the page, drawn from the same marks as its picture. */
import { useComputedColorScheme } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { memo, useCallback, useMemo } from 'react';
import { Help } from '../controls/Help.tsx';
import { formatValue } from '../format.ts';
import type { History } from '../history.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { useView } from '../view.ts';
import type { DrawnArm } from './frame.ts';
import { LawLines } from './LawLines.tsx';
import { lawOf } from './law.ts';
import { MarkPlot } from './MarkPlot.tsx';
import { PhaseMenu } from './PhaseMenu.tsx';
import { type Phase, phasePath } from './phase_data.ts';
import type { PhaseArm } from './phase_marks.ts';
import { metricOf, phasePlot } from './phase_plot.ts';
import type { Sheet } from './plot_marks.ts';
import { rampColor } from './ramp.ts';
import { useTurn } from './use_turn.ts';

interface Props {
  phase: Phase;
  history: History;
  arms: readonly DrawnArm[];
  batch: number;
  /** Value of x that cannot be passed, where there is one. */
  limit?: number;
}

export const PhaseChart = memo(function PhaseChart(props: Props) {
  const { phase, history, arms, batch, limit } = props;
  const { ref: card, inViewport } = useInViewport<HTMLElement>();
  const version = useTurn(history, inViewport);
  const scheme = useComputedColorScheme('light');
  const window = useView((view) => view.window);
  // biome-ignore lint/correctness/useExhaustiveDependencies: version stands for the history's content
  const paths = useMemo(
    () => arms.map((arm) => ({ arm, points: phasePath(history, phase, arm.id, window) })),
    [history, phase, arms, window, version],
  );
  const experiment = useShownExperiment();
  const hasLaw = phase.id === 'entropy-accuracy';
  // biome-ignore lint/correctness/useExhaustiveDependencies: version stands for the history's content
  const laws = useMemo(
    () => (hasLaw ? arms.map((arm) => lawOf(history, phase, arm, experiment)) : []),
    [hasLaw, history, phase, arms, experiment, version],
  );
  const last = Math.max(0, ...paths.map(({ points }) => points[points.length - 1]?.step ?? 0));
  const isEmpty = paths.every(({ points }) => points.length === 0);
  const drawn = useMemo(() => ({ ...phase, limitAt: limit, laws }), [phase, limit, laws]);
  const draw = useCallback(
    ({ box, paper, scheme }: Sheet) => phasePlot(drawn, paths, last, box, paper, scheme, 11),
    [drawn, paths, last],
  );
  return (
    <figure ref={card} className="card chart" data-phase={phase.id}>
      <div className="chart-head">
        <h3 title={phase.title}>{phase.title}</h3>
        <span
          className="time-key quiet small number"
          // Its room is kept, so that a title does not take a second line once there is time.
          style={isEmpty ? { visibility: 'hidden' } : undefined}
        >
          0
          <span style={{ background: gradient(scheme) }} />
          step {last}
        </span>
        <Help of={phase.title} width={340}>
          <p>{phase.help}</p>
          <p className="quiet small">
            Means over the seeds at steps where both were measured; the ring is the first of them.
            {window > 1 && ` Each seed smoothed over ${window} steps.`}
          </p>
          {hasLaw && (
            <p className="small">
              Dotted: R = −a·e<sup>H</sup> + b, the law that runs without intervention on entropy
              are said to follow (<a href="https://arxiv.org/abs/2505.22617">arXiv 2505.22617</a>),
              fitted by least squares on the first third of the run, not smoothed, and drawn to
              entropy 0: its forecast. Leaving the line is a finding, too: on the recorded run of
              this toy it forecast 0.72 for step 60, and 0.92 was measured.
            </p>
          )}
        </Help>
        <PhaseMenu phase={drawn} paths={paths} last={last} history={history} batch={batch} />
      </div>
      <figcaption className="visually-hidden">{summary(phase, paths)}</figcaption>
      <MarkPlot
        draw={isEmpty ? undefined : draw}
        empty={`drawn from the first ${metricOf(phase.y).when === 'eval' ? 'evaluation' : 'step'} on`}
      />
      {hasLaw && <LawLines laws={laws} isEmpty={isEmpty} />}
    </figure>
  );
});

/** From the first step to the last, as a background. */
export function gradient(scheme: 'light' | 'dark'): string {
  const stops = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => rampColor(share, scheme));
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

function summary(phase: Phase, paths: readonly PhaseArm[]): string {
  const [mx, my] = [metricOf(phase.x), metricOf(phase.y)];
  const at = (p: { x: number; y: number; step: number }) =>
    `${mx.label} ${formatValue(p.x)} and ${my.label} ${formatValue(p.y)} at step ${p.step}`;
  const parts = paths.map(({ arm, points }) =>
    points.length === 0
      ? `${arm.name}: not measured yet`
      : `${arm.name}: from ${at(points[0])} to ${at(points[points.length - 1])}`,
  );
  return `${phase.title}. ${parts.join('. ')}.`;
}
