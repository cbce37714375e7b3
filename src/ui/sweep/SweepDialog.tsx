/** Makes several arms of one, at values of a setting: how much of it is enough, and how much too much? */
import { Button, Group, Menu, Modal, Select, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { create } from 'zustand';
import type { Arm, Experiment } from '../../core/experiment.ts';
import { useEdit, useIsLocked, useSession } from '../context.ts';
import { plural } from '../format.ts';
import { useWindow } from '../use_window.ts';
import {
  mostValues,
  readValues,
  type Sweepable,
  spreadValues,
  sweepArm,
  sweepables,
} from './sweep.ts';

const useSweeping = create<{ arm?: string }>(() => ({}));

/** Values proposed at first, where there is room. */
const PROPOSED = 4;

export function SweepItem({ arm }: { arm: Arm }) {
  const draft = useSession((session) => session.draft);
  const isLocked = useIsLocked('strengths');
  if (isLocked) return null;
  const most = mostValues(draft);
  const why =
    most < 2
      ? 'no room for more arms'
      : sweepables(draft, arm).length === 0
        ? 'its methods have no numbers'
        : undefined;
  return (
    <Menu.Item disabled={why !== undefined} onClick={() => useSweeping.setState({ arm: arm.id })}>
      Sweep a setting…
      <div className="quiet small">{why ?? 'one arm for each of several values'}</div>
    </Menu.Item>
  );
}

export function SweepDialog() {
  const id = useSweeping((state) => state.arm);
  const draft = useSession((session) => session.draft);
  const arm = draft.arms.find((one) => one.id === id);
  const settings = arm ? sweepables(draft, arm) : [];
  const close = () => useSweeping.setState({ arm: undefined });
  useWindow(close, settings.length > 0);
  return (
    <Modal
      opened={settings.length > 0}
      onClose={close}
      title="Sweep a setting"
      size="sm"
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {arm && settings.length > 0 && (
        <Form key={arm.id} {...{ arm, draft, settings }} onClose={close} />
      )}
    </Modal>
  );
}

interface FormProps {
  arm: Arm;
  draft: Experiment;
  settings: readonly Sweepable[];
  onClose: () => void;
}

function Form({ arm, draft, settings, onClose }: FormProps) {
  const edit = useEdit();
  const most = mostValues(draft);
  const propose = ({ param }: Sweepable) =>
    spreadValues(param, Math.min(PROPOSED, most)).join(', ');
  const [key, setKey] = useState(settings[0].key);
  const [text, setText] = useState(() => propose(settings[0]));
  const errorId = useId();
  const chosen = settings.find((setting) => setting.key === key) ?? settings[0];
  const values = readValues(chosen.param, text, most);
  const error = typeof values === 'string' ? values : undefined;
  const groups = [...new Set(settings.map(({ method }) => method))].map((method) => ({
    group: method,
    items: settings
      .filter((setting) => setting.method === method)
      .map((setting) => ({ value: setting.key, label: setting.param.label })),
  }));
  return (
    <form
      className="fork-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (typeof values === 'string') return;
        edit(sweepArm(arm.id, chosen.key, values));
        onClose();
      }}
    >
      <p className="quiet">
        “{arm.name}” becomes several arms that differ in this setting alone; the others stay.
      </p>
      <Select
        size="xs"
        label="Setting"
        allowDeselect={false}
        data={groups}
        value={chosen.key}
        onChange={(next) => {
          const setting = settings.find((one) => one.key === next);
          if (!setting) return;
          setKey(setting.key);
          setText(propose(setting));
        }}
      />
      <TextInput
        size="xs"
        label={`Values, 2 to ${most}${chosen.param.unit ? `, in ${chosen.param.unit}` : ''}`}
        inputMode="decimal"
        className="number"
        value={text}
        error={error && <span id={errorId}>{error}</span>}
        aria-describedby={error ? errorId : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <p className="quiet small">{chosen.param.help}</p>
      <Group mt={6}>
        <Button size="xs" type="submit" disabled={error !== undefined}>
          {error === undefined ? `Make ${plural(values.length, 'arm')}` : 'Make the arms'}
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
