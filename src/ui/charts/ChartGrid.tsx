/** All charts: the three that tell the story large, the others small below, with the arms' key above. */
import { useMemo } from 'react';
import type { Experiment } from '../../core/experiment.ts';
import { METRICS, type Metric } from '../../metrics/index.ts';
import { useHistory, useSession } from '../context.ts';
import { useArmColor } from '../controls/use_arm_color.ts';
import { armStyle } from '../palette.ts';
import { ArmKeys } from './ArmKeys.tsx';
import { ByDifficulty } from './ByDifficulty.tsx';
import type { DrawnArm } from './Curves.tsx';
import { MetricChart } from './MetricChart.tsx';

/** Longer runs get an axis that grows with them. */
const WHOLE_AXIS = 400;

export function ChartGrid({ experiment }: { experiment: Experiment }) {
  const { history, version } = useHistory();
  const hidden = useSession((session) => session.hidden);
  const colorOf = useArmColor();
  const running = experiment.arms.filter((arm) => arm.enabled);
  const key = JSON.stringify([
    running.map(({ id, name, color }) => [id, name, color]),
    [...hidden],
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: key stands for the arms' looks
  const arms: DrawnArm[] = useMemo(
    () =>
      running
        .filter((arm) => !hidden.has(arm.id))
        .map(({ id, name, color }) => ({
          ...{ id, name, color },
          stroke: colorOf(color),
          dash: armStyle(color).dash,
        })),
    [key, colorOf(0)],
  );
  const last = axisEnd(experiment.values['trainer.steps'] ?? 100, history.lastStep());
  const every = experiment.values['trainer.eval_every'];

  const charts = (size: 'large' | 'small') =>
    METRICS.filter((metric) => metric.size === size).map((metric) => (
      <MetricChart
        key={metric.id}
        metric={metric}
        history={history}
        version={version}
        arms={arms}
        lastStep={last}
        emptyText={emptyText(metric, every)}
      />
    ));

  return (
    <section aria-label="Curves" className="charts">
      <ArmKeys arms={running} seeds={experiment.seeds.length} />
      <div className="charts charts-large">{charts('large')}</div>
      <div className="charts charts-small">
        {charts('small')}
        <ByDifficulty arms={running} task={experiment.task} />
      </div>
    </section>
  );
}

function emptyText(metric: Metric, every: number): string | undefined {
  if (metric.when === 'eval') return `every ${every} steps`;
  return metric.size === 'large' ? 'press Start' : undefined;
}

function axisEnd(planned: number, reached: number): number {
  if (planned <= WHOLE_AXIS) return Math.max(planned, reached);
  let end = WHOLE_AXIS;
  while (end < reached) end *= 2;
  return Math.min(end, Math.max(planned, reached));
}
