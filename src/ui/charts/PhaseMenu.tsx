/** What can be taken out of a phase plot. */
import { Menu, useComputedColorScheme } from '@mantine/core';
import { useIsLocked, useLab } from '../context.ts';
import { messageOf } from '../declared.ts';
import { download } from '../files.ts';
import type { History } from '../history.ts';
import { notify, shownExperiment } from '../store.ts';
import { setView, viewStore } from '../view.ts';
import { MenuButton } from './MenuButton.tsx';
import { drawnAs, settingsNote, sourceNote } from './notes.ts';
import type { PhaseArm } from './phase_marks.ts';
import { type DrawnPhase, phasePlot } from './phase_plot.ts';
import { pictureSvg } from './picture.ts';
import { PAPER } from './plot_marks.ts';
import { chartCsv, savePng, saveSvg } from './save.ts';

interface Props {
  phase: DrawnPhase;
  paths: readonly PhaseArm[];
  last: number;
  history: History;
  batch: number;
}

export function PhaseMenu({ phase, paths, last, history, batch }: Props) {
  const { store } = useLab();
  const scheme = useComputedColorScheme('light');

  function picture(): string {
    const session = store.getState();
    const experiment = shownExperiment(session);
    const paper = PAPER[scheme];
    const arms = paths.map(({ arm }) => arm);
    const order = scheme === 'light' ? 'light to dark' : 'dark to light';
    const { window } = viewStore.getState();
    const notes = [
      `${experiment.name}. ${phase.help} Color: time, from step 0 to ${last}, ${order}. ${drawnAs({ window, spread: 'path' }, experiment.seeds.length)}`,
      settingsNote(experiment, sourceNote(session)),
    ];
    return pictureSvg({ title: phase.title, arms, xName: '', yName: '', notes, paper }, (box) =>
      phasePlot(phase, paths, last, box, paper, scheme, 14),
    );
  }

  const png = () =>
    savePng(phase.id, picture()).catch((error: unknown) =>
      notify(store, 'error', 'The picture was not saved', messageOf(error)),
    );
  function csv() {
    const ids = paths.map(({ arm }) => arm.id);
    const text = chartCsv(history, [phase.x, phase.y], ids, batch);
    download(`${phase.id}.csv`, 'text/csv', text);
  }
  const isViewLocked = useIsLocked('view');
  const areFilesLocked = useIsLocked('files');
  const hide = () =>
    setView({ phases: viewStore.getState().phases.filter((id) => id !== phase.id) });

  if (isViewLocked && areFilesLocked) return null;
  return (
    <Menu position="bottom-end" shadow="md" withinPortal withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <MenuButton of={phase.title} />
      </Menu.Target>
      <Menu.Dropdown>
        {!isViewLocked && <Menu.Item onClick={hide}>Hide</Menu.Item>}
        {!isViewLocked && !areFilesLocked && <Menu.Divider />}
        {!areFilesLocked && (
          <>
            <Menu.Item onClick={() => void png()}>Save as PNG</Menu.Item>
            <Menu.Item onClick={() => saveSvg(phase.id, picture())}>Save as SVG</Menu.Item>
            <Menu.Item onClick={csv}>Save values as CSV</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
