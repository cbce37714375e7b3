/** A fork: an arm goes on from the weights of another, with another method or other settings, side by side with it. */
import { Button, Group, Menu, Modal, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { Arm, Experiment } from '../../core/experiment.ts';
import { MAX_NAME } from '../arm_name.ts';
import { useIsLocked, useLab, useSession } from '../context.ts';
import { MethodPicker } from '../controls/MethodPicker.tsx';
import { useArmColor } from '../controls/use_arm_color.ts';
import {
  duplicateArm,
  type Edit,
  MAX_ARMS,
  patchArm,
  setArmMethods,
  setArmValue,
} from '../edit.ts';
import { useWindow } from '../use_window.ts';

const useForking = create<{ source?: string }>(() => ({}));

/** Runs rest, and there is a state to fork from. */
function useCanFork(arm: Arm): boolean {
  const { history } = useLab();
  const rests = useSession(({ state, recording }) => {
    return !recording && (state === 'paused' || state === 'finished' || state === 'ready');
  });
  const isOpen = useSession(({ opened }) => opened?.arms.some(({ id }) => id === arm.id) ?? false);
  return rests && isOpen && history.lastStep() > 0;
}

export function ForkItem({ arm, count }: { arm: Arm; count: number }) {
  const canFork = useCanFork(arm);
  const isLocked = useIsLocked('forks');
  if (isLocked) return null;
  return (
    <Menu.Item
      disabled={!canFork || count >= MAX_ARMS}
      onClick={() => useForking.setState({ source: arm.id })}
    >
      Fork…
      <div className="quiet small">
        {canFork ? 'go on from its weights, side by side' : 'when paused after a step'}
      </div>
    </Menu.Item>
  );
}

export function ForkDialog() {
  const source = useForking((state) => state.source);
  const opened = useSession((session) => session.opened);
  const close = () => useForking.setState({ source: undefined });
  const isOpen = source !== undefined && opened !== undefined;
  useWindow(close, isOpen);
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Fork an arm"
      size="sm"
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {source && opened && <Form source={source} opened={opened} onClose={close} />}
    </Modal>
  );
}

/** The experiment with a copy of the source in it; every edit of arms works on that copy. */
function withCopy(opened: Experiment, source: string, step: number) {
  const copied = duplicateArm(source)(opened);
  const at = copied.arms.findIndex(({ id }) => id === source) + 1;
  const { id } = copied.arms[at];
  const name = `${copied.arms[at - 1].name}, forked at ${step}`;
  return { id, experiment: patchArm(id, { name })(copied) };
}

interface FormProps {
  source: string;
  opened: Experiment;
  onClose: () => void;
}

function Form({ source, opened, onClose }: FormProps) {
  const { library, history } = useLab();
  const now = Math.min(
    ...opened.seeds.map((seed) => (history.run({ arm: source, seed })?.length ?? 1) - 1),
  );
  const [steps, setSteps] = useState<readonly { at: number; step: number }[]>([]);
  const [from, setFrom] = useState<number>();
  const [{ id, experiment }, setCopy] = useState(() => withCopy(opened, source, now));
  const color = useArmColor();
  const arm = experiment.arms.find((a) => a.id === id) as Arm;
  const preset = useSession((session) => session.preset);
  const change = (edit: Edit) =>
    setCopy((copy) => ({ ...copy, experiment: edit(copy.experiment, preset) }));

  useEffect(() => {
    let isCurrent = true;
    void library.forkSteps(source).then((found) => {
      if (isCurrent) setSteps(found.filter(({ step }) => step < now));
    });
    return () => {
      isCurrent = false;
    };
  }, [library, source, now]);

  return (
    <form
      className="fork-form"
      onSubmit={(event) => {
        event.preventDefault();
        void library.fork(source, arm, steps.find(({ step }) => step === from)?.at);
        onClose();
      }}
    >
      <p className="quiet">
        The fork begins with the weights and the optimizer state of “
        {opened.arms.find((a) => a.id === source)?.name}” and sees the same problems as it does.
      </p>
      <Select
        size="xs"
        label="From"
        allowDeselect={false}
        data={[
          { value: 'now', label: `step ${now}, where it is` },
          ...steps.map(({ step }) => ({
            value: String(step),
            label: `step ${step}, kept checkpoint`,
          })),
        ]}
        value={from === undefined ? 'now' : String(from)}
        onChange={(value) => {
          const next = value === 'now' || value === null ? undefined : Number(value);
          const name = arm.name.replace(/forked at \d+$/, `forked at ${next ?? now}`);
          setFrom(next);
          change(patchArm(id, { name }));
        }}
      />
      <TextInput
        size="xs"
        label="Name"
        maxLength={MAX_NAME}
        value={arm.name}
        onChange={(event) => change(patchArm(id, { name: event.currentTarget.value }))}
      />
      <MethodPicker
        arm={arm}
        color={color(arm.color)}
        onMethods={(methods) => change(setArmMethods(id, methods))}
        onValue={(key, value) => change(setArmValue(id, key, value))}
      />
      <Group mt={6}>
        <Button size="xs" type="submit">
          Fork from step {from ?? now}
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
