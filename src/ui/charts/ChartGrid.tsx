/** All charts: the three that tell the story large, the others small below, with the arms' key above. */
import { useMemo, useSyncExternalStore } from 'react';
import type { Experiment } from '../../core/experiment.ts';
import { METRICS, type Metric } from '../../metrics/index.ts';
import { useHistory, useSession } from '../context.ts';
import { useArmColor } from '../controls/use_arm_color.ts';
import { armStyle } from '../palette.ts';
import { recordedArms, useOverlaid, useOverlays } from '../runs/overlays.ts';
import { RecordedKeys } from '../runs/RecordedKeys.tsx';
import { ArmKeys } from './ArmKeys.tsx';
import { ByDifficulty } from './ByDifficulty.tsx';
import type { DrawnArm } from './Curves.tsx';
import { MetricChart } from './MetricChart.tsx';

/** Longer runs get an axis that grows with them. */
const WHOLE_AXIS = 400;

export function ChartGrid({ experiment }: { experiment: Experiment }) {
  const { overlays } = useOverlays();
  const history = useOverlaid(useHistory(), overlays);
  const hidden = useSession((session) => session.hidden);
  const colorOf = useArmColor();
  const running = experiment.arms.filter((arm) => arm.enabled);
  const key = JSON.stringify([
    running.map(({ id, name, color }) => [id, name, color]),
    [...hidden],
    overlays.map(({ id }) => id),
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: key stands for the arms' looks
  const arms: DrawnArm[] = useMemo(
    () =>
      [
        ...running.filter((arm) => !hidden.has(arm.id)),
        ...overlays.flatMap((overlay) => recordedArms(overlay)),
      ].map((arm) => ({
        ...{ id: arm.id, name: arm.name, color: arm.color },
        isRecorded: 'isRecorded' in arm,
        stroke: colorOf(arm.color),
        dash: armStyle(arm.color).dash,
      })),
    [key, colorOf(0)],
  );
  const isRecording = useSession((session) => session.recording !== undefined);
  const isBusy = useSession((session) => session.isQueued || session.state === 'running');
  const planned = isRecording ? 0 : experiment.values['trainer.steps'];
  // Renders again only when the axis must grow: each chart follows the history by itself.
  const last = useSyncExternalStore(history.subscribe, () => axisEnd(planned, history.lastStep()));
  const every = experiment.values['trainer.eval_every'];

  const charts = (size: 'large' | 'small') =>
    METRICS.filter((metric) => metric.size === size).map((metric) => (
      <MetricChart
        key={metric.id}
        metric={metric}
        history={history}
        arms={arms}
        lastStep={last}
        emptyText={isRecording ? 'not in the file' : emptyText(metric, isBusy, every)}
      />
    ));

  return (
    <section aria-label="Curves" className="charts">
      <h2 className="visually-hidden">Curves</h2>
      <ArmKeys arms={running} seeds={experiment.seeds.length} />
      <RecordedKeys />
      <div className="charts charts-large">{charts('large')}</div>
      <div className="charts charts-small">
        {charts('small')}
        <ByDifficulty arms={running} task={experiment.task} />
      </div>
    </section>
  );
}

function emptyText(metric: Metric, isBusy: boolean, every: number): string | undefined {
  if (metric.size === 'large') return isBusy ? 'measuring…' : 'press Start';
  return metric.when === 'eval' ? `every ${every} steps` : undefined;
}

function axisEnd(planned: number, reached: number): number {
  if (planned <= WHOLE_AXIS) return Math.max(planned, reached);
  let end = WHOLE_AXIS;
  while (end < reached) end *= 2;
  return Math.min(end, Math.max(planned, reached));
}
