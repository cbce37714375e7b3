/** The drawer with the runs that this browser keeps. */
import { Button, Drawer, SegmentedControl, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { varyingFacts } from '../../core/label.ts';
import { useLab, useRuns } from '../context.ts';
import { CATALOG } from '../declared.ts';
import { plural } from '../format.ts';
import { chooseHidden, type HiddenChoice, hiddenChoice } from '../session/hidden_tab.ts';
import { useWindow } from '../use_window.ts';
import { DifferenceTable } from './DifferenceTable.tsx';
import { RunRow } from './RunRow.tsx';

interface Props {
  isOpen: boolean;
  onClose: () => void;
}

export function RunsDrawer({ isOpen, onClose }: Props) {
  useWindow(onClose, isOpen);
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size="min(100vw, 760px)"
      padding={0}
      title="Kept runs"
      styles={{ header: { padding: '12px 16px' }, title: { fontWeight: 650 } }}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close the kept runs' }}
    >
      <Runs onClose={onClose} />
    </Drawer>
  );
}

function Runs({ onClose }: { onClose: () => void }) {
  const { library } = useLab();
  const all = useRuns((state) => state.runs);
  useEffect(() => void library.refresh(), [library]);
  const [isDifference, setDifference] = useState(false);
  const runs = [...all].sort(
    (a, b) => Number(b.isPinned) - Number(a.isPinned) || b.created - a.created,
  );
  const present = runs.filter((run) => !run.isRemoved);
  if (runs.length === 0) {
    return (
      <div className="runs">
        <Broken />
        <p className="runs-empty quiet">
          No run is kept yet. Every experiment that you start is kept in this browser, on this
          machine, with its settings, curves and a state to go on from.
        </p>
        <HiddenTab />
      </div>
    );
  }
  return (
    <div className="runs">
      <div className="runs-head">
        <span className="quiet small">
          {plural(present.length, 'run')} in this browser. Sent nowhere.
        </span>
        <Switch
          size="xs"
          label="Show only what differs"
          checked={isDifference}
          disabled={present.length < 2}
          onChange={(event) => setDifference(event.currentTarget.checked)}
        />
      </div>
      <Broken />
      {isDifference && present.length > 1 ? (
        <DifferenceTable
          runs={present}
          facts={varyingFacts(
            present.map((run) => run.experiment),
            CATALOG,
          )}
        />
      ) : (
        <ul className="runs-list">
          {runs.map((run) => (
            <RunRow key={run.id} run={run} onClose={onClose} />
          ))}
        </ul>
      )}
      <HiddenTab />
    </div>
  );
}

/** Records that could not be read. */
function Broken() {
  const { library } = useLab();
  const broken = useRuns((state) => state.broken);
  return broken.map(({ id, message }) => (
    <div key={id} className="run-broken small">
      <span>
        <b>A run cannot be read.</b> {message}
      </span>
      <Button size="compact-xs" variant="default" onClick={() => void library.removeBroken(id)}>
        Delete it
      </Button>
    </div>
  ));
}

function HiddenTab() {
  const [choice, setChoice] = useState(hiddenChoice);
  return (
    <div className="runs-foot">
      <span id="hidden-tab-label">When this tab is hidden, training</span>
      <SegmentedControl
        size="xs"
        aria-labelledby="hidden-tab-label"
        data={[
          { value: 'go on', label: 'goes on' },
          { value: 'pause', label: 'pauses' },
        ]}
        value={choice}
        onChange={(value) => {
          chooseHidden(value as HiddenChoice);
          setChoice(value as HiddenChoice);
        }}
      />
      <span className="quiet small">
        {choice === 'go on'
          ? 'The browser may slow a hidden tab down; the tab’s title says that it trains.'
          : 'It goes on by itself when you come back; the tab’s title says that it waits.'}
      </span>
    </div>
  );
}
