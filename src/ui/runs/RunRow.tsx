/** One kept run: name, label, pictures, how far it came, and what can be done with it. */
import { ActionIcon, Button, Checkbox, Menu, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useIsLocked, useLab, useRuns, useSession } from '../context.ts';
import { tileWords } from '../format.ts';
import { isDone, type KeptRun } from '../storage/record.ts';
import { useOverlays } from './overlays.ts';
import { Thumbnails } from './Thumbnails.tsx';

interface Props {
  run: KeptRun;
  onClose: () => void;
}

export function RunRow({ run, onClose }: Props) {
  const { library } = useLab();
  if (run.isRemoved) {
    return (
      <li className="run run-removed">
        <span className="quiet">“{run.name}” is deleted.</span>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => library.patch(run.id, { isRemoved: false })}
        >
          Undo
        </Button>
      </li>
    );
  }
  return (
    <li className="run" data-pinned={run.isPinned}>
      <div className="run-text">
        <Name run={run} />
        <p className="run-label">{run.label}</p>
        <p className="quiet small number">
          <State run={run} />
        </p>
      </div>
      <Thumbnails run={run} />
      <RunActions run={run} onClose={onClose} />
    </li>
  );
}

function Name({ run }: { run: KeptRun }) {
  const { library } = useLab();
  const [text, setText] = useState<string>();
  const commit = () => {
    const name = text?.trim();
    if (name && name !== run.name) library.patch(run.id, { name });
    setText(undefined);
  };
  return (
    <TextInput
      className="arm-name run-name"
      size="xs"
      aria-label={`Name of the run ${run.name}`}
      maxLength={60}
      value={text ?? run.name}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key !== 'Escape' || text === undefined) return;
        // Gives the name back; a second Escape closes the drawer.
        event.stopPropagation();
        setText(undefined);
      }}
    />
  );
}

function State({ run }: { run: KeptRun }) {
  const isCurrent = useRuns((state) => state.currentId === run.id);
  const isElsewhere = useRuns((state) => state.elsewhere.has(run.id));
  const state = useSession((session) => session.state);
  const planned = run.experiment.values['trainer.steps'];
  const when = new Date(run.created).toLocaleString(undefined, {
    ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  });
  const words = [when, `step ${run.step} of ${planned}`];
  if (isCurrent) words.push(state === 'running' ? 'training now' : 'on the charts');
  else if (isElsewhere) words.push('open in another tab');
  else if (isDone(run)) words.push('finished');
  const makers = [...new Set(run.madeBy?.map(({ tile }) => tileWords(tile)))];
  if (makers.length > 0) words.push(makers.join(', then '));
  if (run.failed.length > 0) words.push(`${run.failed.length} stopped early`);
  return words.join(' · ');
}

function RunActions({ run, onClose }: Props) {
  const { library } = useLab();
  const isCurrent = useRuns((state) => state.currentId === run.id);
  const areFilesLocked = useIsLocked('files');
  const isEngineUp = useSession((session) => session.state !== 'empty');
  const { overlays, toggle } = useOverlays();
  const isOverlaid = overlays.some((overlay) => overlay.id === run.id);
  /** Leaves the drawer for what the action shows. */
  const then = (action: () => unknown) => () => {
    void action();
    onClose();
  };
  return (
    <div className="run-actions">
      <Checkbox
        size="xs"
        label="compare"
        aria-label={`Compare: draw ${run.name} on the charts as recorded lines`}
        checked={isOverlaid}
        disabled={isCurrent}
        onChange={() => void toggle(run.id)}
      />
      <ActionIcon
        variant="subtle"
        size={26}
        aria-label={`Pin ${run.name}`}
        aria-pressed={run.isPinned}
        onClick={() => library.patch(run.id, { isPinned: !run.isPinned })}
      >
        <Pin isOn={run.isPinned} />
      </ActionIcon>
      <Menu position="bottom-end" shadow="md" width={260}>
        <Menu.Target>
          <ActionIcon variant="subtle" size={26} aria-label={`More for the run ${run.name}`}>
            ⋯
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            disabled={isCurrent || isDone(run) || !isEngineUp}
            onClick={then(() => library.continueRun(run.id))}
          >
            Continue
            <div className="quiet small">from its newest checkpoint</div>
          </Menu.Item>
          <Menu.Item disabled={isCurrent} onClick={then(() => library.show(run.id))}>
            Show as a recording
          </Menu.Item>
          <Menu.Item disabled={!isEngineUp} onClick={then(() => library.rerun(run.id))}>
            Run again
            <div className="quiet small">same settings, same seeds</div>
          </Menu.Item>
          {!areFilesLocked && (
            <Menu.Item onClick={() => void library.saveKept(run.id)}>
              Save as a bundle
              <div className="quiet small">one file, opens by drop</div>
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            disabled={isCurrent}
            onClick={() => library.patch(run.id, { isRemoved: true })}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Pin({ isOn }: { isOn: boolean }) {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      <path
        d="M4.5 1.5h5l-.8 4 2 2.2h-7.4l2-2.2zM7 7.7v4.8"
        fill={isOn ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinejoin="round"
      />
    </svg>
  );
}
