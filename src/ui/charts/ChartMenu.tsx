/** What can be done with one chart: its place, its scale, and what can be taken out of it. */
import { Menu, useComputedColorScheme } from '@mantine/core';
import { METRICS, type Metric, type MetricId } from '../../metrics/index.ts';
import { useHistory, useIsLocked, useLab } from '../context.ts';
import { messageOf } from '../declared.ts';
import { download } from '../files.ts';
import { notify, shownExperiment } from '../store.ts';
import { canBeLog, place, placeOf, setView, useView, viewStore } from '../view.ts';
import { chartData } from './chart_data.ts';
import type { DrawnArm } from './frame.ts';
import { MenuButton } from './MenuButton.tsx';
import { drawnAs, settingsNote, sourceNote } from './notes.ts';
import { curvePicture } from './picture.ts';
import { PAPER } from './plot_marks.ts';
import { chartCsv, savePng, saveSvg } from './save.ts';
import { X_LABELS, type XScale, xAxis } from './x_axis.ts';

interface Props {
  metric: Metric;
  arms: readonly DrawnArm[];
  scale: XScale;
  last: number;
}

export function ChartMenu({ metric, arms, scale, last }: Props) {
  const { store } = useLab();
  const history = useHistory();
  const scheme = useComputedColorScheme('light');
  const id = metric.id as MetricId;
  const isViewLocked = useIsLocked('view');
  const areFilesLocked = useIsLocked('files');
  const isLarge = useView((view) => placeOf(view, metric.id) === 'large');
  const isLog = useView((view) => view.log.includes(metric.id));

  function picture(): string {
    const view = viewStore.getState();
    const session = store.getState();
    const experiment = shownExperiment(session);
    const { window, spread, zoom } = view;
    return curvePicture({
      title: metric.label,
      arms,
      xName: X_LABELS[scale.by],
      yName: [metric.unit, isLog ? 'logarithmic' : ''].filter(Boolean).join(', '),
      notes: [
        `${experiment.name}. ${metric.help} ${drawnAs(view, experiment.seeds.length)}`,
        settingsNote(experiment, sourceNote(session)),
      ],
      paper: PAPER[scheme],
      data: chartData(
        history,
        metric,
        arms.map((arm) => arm.id),
        { scale, window, spread, isLog, zoom },
      ),
      x: xAxis(scale, last, zoom, 8),
      isLog,
    });
  }

  async function png() {
    try {
      await savePng(metric.id, picture());
    } catch (error) {
      notify(store, 'error', 'The picture was not saved', messageOf(error));
    }
  }

  function csv() {
    const ids = arms.map((arm) => arm.id);
    download(`${metric.id}.csv`, 'text/csv', chartCsv(history, [id], ids, scale.batch));
  }

  const toggleLog = () =>
    setView({
      log: METRICS.map((m) => m.id).filter(
        (other) => viewStore.getState().log.includes(other) !== (other === id),
      ),
    });
  const move = (to: 'large' | 'small' | 'off') => setView(place(viewStore.getState(), id, to));
  if (isViewLocked && areFilesLocked) return null;
  return (
    <Menu position="bottom-end" shadow="md" withinPortal withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <MenuButton of={metric.label} />
      </Menu.Target>
      <Menu.Dropdown>
        {!isViewLocked && (
          <>
            {canBeLog(metric) && (
              <Menu.Item onClick={toggleLog}>{isLog ? 'Linear scale' : 'Log scale'}</Menu.Item>
            )}
            <Menu.Item onClick={() => move(isLarge ? 'small' : 'large')}>
              {isLarge ? 'Show small' : 'Show large'}
            </Menu.Item>
            <Menu.Item onClick={() => move('off')}>Hide</Menu.Item>
          </>
        )}
        {!isViewLocked && !areFilesLocked && <Menu.Divider />}
        {!areFilesLocked && (
          <>
            <Menu.Item onClick={() => void png()}>Save as PNG</Menu.Item>
            <Menu.Item onClick={() => saveSvg(metric.id, picture())}>Save as SVG</Menu.Item>
            <Menu.Item onClick={csv}>Save values as CSV</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
