/** All charts: the three that tell the story large, the others small below, with the arms' key above. */
import { useMemo, useSyncExternalStore } from 'react';
import { useHotkeys } from 'react-hotkeys-hook';
import { activeMethods } from '../../core/catalog.ts';
import type { Experiment } from '../../core/experiment.ts';
import { needsHints } from '../../core/hints.ts';
import { METHODS } from '../../methods/index.ts';
import { type Metric, metricsOf } from '../../metrics/index.ts';
import { useHistory, useIsLocked, useSession } from '../context.ts';
import { useArmColor } from '../controls/use_arm_color.ts';
import { PairsChart } from '../pairs/PairsChart.tsx';
import { armStyle } from '../palette.ts';
import { Projector } from '../projector/Projector.tsx';
import { recordedArms, useOverlaid, useOverlays } from '../runs/overlays.ts';
import { RecordedKeys } from '../runs/RecordedKeys.tsx';
import { SweepChart } from '../sweep/SweepChart.tsx';
import { sweepOf } from '../sweep/sweep.ts';
import { isInDialog } from '../use_window.ts';
import { Verdict } from '../verdict/Verdict.tsx';
import { placeOf, setView, useView } from '../view.ts';
import { ArmKeys } from './ArmKeys.tsx';
import { ByDifficulty } from './ByDifficulty.tsx';
import type { DrawnArm } from './frame.ts';
import { MetricChart } from './MetricChart.tsx';
import { PhaseChart } from './PhaseChart.tsx';
import { PHASE_PLOTS, type Phase } from './phase_data.ts';
import { metricOf } from './phase_plot.ts';
import { switchedOff } from './switched_off.ts';
import { useMeasured } from './use_measured.ts';
import { ViewBar } from './ViewBar.tsx';
import { reach, roundEnd, type XScale } from './x_axis.ts';

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
  const isViewLocked = useIsLocked('view');
  const isBusy = useSession((session) => session.isQueued || session.state === 'running');
  const planned = isRecording ? 0 : experiment.values['trainer.steps'];
  // Renders again only when the axis must grow: each chart follows the history by itself.
  const by = useView((view) => view.by);
  const batch = experiment.values['trainer.prompts'] * experiment.values['trainer.group_size'];
  const scale: XScale = useMemo(() => ({ by, batch }), [by, batch]);
  const ids = arms.map((arm) => arm.id);
  const last = useSyncExternalStore(history.subscribe, () =>
    by === 'step' ? axisEnd(planned, history.lastStep()) : roundEnd(reach(history, ids, scale)),
  );
  const every = experiment.values['trainer.eval_every'];

  const sweep = useMemo(() => sweepOf(experiment), [experiment]);
  const view = useView((state) => state);
  const isShown = useMeasured();
  useHotkeys('p', () => setView({ projector: !view.projector }), { ignoreEventWhen: isInDialog }, [
    view.projector,
  ]);
  if (view.projector) {
    return <Projector {...{ experiment, history, arms, scale, last }} />;
  }

  const metrics = metricsOf(experiment.task).filter(isShown);
  const phases = PHASE_PLOTS.filter(
    ({ id, y }) =>
      view.phases.includes(id) && isShown(metricOf(y)) && !switchedOff(metricOf(y), experiment),
  );
  // What somebody has switched on stands before what is always there.
  phases.sort((a, b) => Number(isExtra(b)) - Number(isExtra(a)));
  const withLambda = new Set(
    running
      .filter((arm) => activeMethods(experiment, arm, METHODS).some(needsHints))
      .map(({ id }) => id),
  );
  const pairArms = arms.filter(({ id }) => withLambda.has(id));
  const placed = (size: 'large' | 'small') =>
    metrics.filter((metric) => placeOf(view, metric.id) === size);
  const charts = (size: 'large' | 'small') =>
    placed(size).map((metric) => (
      <MetricChart
        key={metric.id}
        metric={metric}
        history={history}
        arms={arms}
        scale={scale}
        last={last}
        isLarge={size === 'large'}
        emptyText={
          isRecording
            ? 'not in the file'
            : (switchedOff(metric, experiment) ?? emptyText(metric, size, isBusy, every))
        }
      />
    ));

  return (
    <section aria-label="Curves" className="charts">
      <h2 className="visually-hidden">Curves</h2>
      <div className="chart-bars">
        <ArmKeys arms={running} seeds={experiment.seeds.length} />
        {!isViewLocked && <ViewBar seeds={experiment.seeds.length} task={experiment.task} />}
      </div>
      <RecordedKeys />
      {placed('large').length > 0 && (
        <div className="charts charts-large" data-count={placed('large').length}>
          {charts('large')}
        </div>
      )}
      <Verdict experiment={experiment} history={history} />
      <div className="charts charts-small">
        {charts('small')}
        <ByDifficulty arms={running} task={experiment.task} />
      </div>
      {(sweep || phases.length + pairArms.length > 0) && (
        <div className="charts charts-phase">
          {sweep && <SweepChart {...{ sweep, history, arms, seeds: experiment.seeds }} />}
          {pairArms.map((arm) => (
            <PairsChart key={arm.id} arm={arm} />
          ))}
          {phases.map((phase) => (
            <PhaseChart
              key={phase.id}
              phase={phase}
              limit={phase.limit?.x(experiment.values[phase.limit.setting])}
              history={history}
              arms={arms}
              batch={scale.batch}
            />
          ))}
        </div>
      )}
    </section>
  );
}

/** Its metrics are measured only where a setting asks for them. */
const isExtra = ({ y }: Phase): boolean => metricOf(y).setting !== undefined;

function emptyText(
  metric: Metric,
  size: 'large' | 'small',
  isBusy: boolean,
  every: number,
): string | undefined {
  if (metric.gauge) return `from the next evaluation on (every ${every} steps)`;
  if (size === 'large') return isBusy ? 'measuring…' : 'press Start';
  return metric.when === 'eval' ? `every ${every} steps` : undefined;
}

function axisEnd(planned: number, reached: number): number {
  if (planned <= WHOLE_AXIS) return Math.max(planned, reached);
  let end = WHOLE_AXIS;
  while (end < reached) end *= 2;
  return Math.min(end, Math.max(planned, reached));
}
