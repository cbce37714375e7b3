/** One arm: name, line, on or off, its methods with their settings, and what can be done with it. */
import { ActionIcon, Button, Menu, Switch, TextInput } from '@mantine/core';
import type { Arm, Experiment } from '../../core/experiment.ts';
import { MAX_NAME } from '../arm_name.ts';
import { useEdit, useGrowingHistory, useSession } from '../context.ts';
import {
  duplicateArm,
  MAX_ARMS,
  patchArm,
  removeArm,
  setArmAlgorithm,
  setArmMethods,
  setArmValue,
} from '../edit.ts';
import { PALETTE } from '../palette.ts';
import { ForkItem } from '../runs/ForkDialog.tsx';
import { SweepItem } from '../sweep/SweepDialog.tsx';
import { ArmAlgorithm, FIRST_RECIPE } from './Algorithm.tsx';
import { LineSample } from './LineSample.tsx';
import { MethodPicker } from './MethodPicker.tsx';
import { useArmColor } from './use_arm_color.ts';

interface Props {
  arm: Arm;
  experiment: Experiment;
}

export function ArmCard({ arm, experiment }: Props) {
  const edit = useEdit();
  const isLocked = useSession((session) => session.locks.has('arms'));
  const color = useArmColor()(arm.color);
  return (
    <section
      className="arm"
      data-off={!arm.enabled}
      aria-label={`Arm ${arm.name}`}
      style={{ '--arm': color } as React.CSSProperties}
    >
      <div className="arm-head">
        <LineSample color={arm.color} />
        {isLocked ? (
          <b className="arm-name">{arm.name}</b>
        ) : (
          <>
            <TextInput
              className="arm-name"
              size="xs"
              aria-label="Name of the arm"
              maxLength={MAX_NAME}
              value={arm.name}
              onChange={(event) => edit(patchArm(arm.id, { name: event.currentTarget.value }))}
            />
            <Switch
              size="xs"
              aria-label={`Run ${arm.name}`}
              checked={arm.enabled}
              onChange={(event) => edit(patchArm(arm.id, { enabled: event.currentTarget.checked }))}
            />
            <ArmMenu arm={arm} count={experiment.arms.length} />
          </>
        )}
      </div>
      {arm.enabled && arm.algorithm && <ArmAlgorithm arm={arm} />}
      {arm.enabled && (
        <MethodPicker
          arm={arm}
          color={color}
          onMethods={(methods) => edit(setArmMethods(arm.id, methods))}
          onValue={(key, value) => edit(setArmValue(arm.id, key, value))}
        />
      )}
      <FailedRuns arm={arm} />
    </section>
  );
}

function ArmMenu({ arm, count }: { arm: Arm; count: number }) {
  const edit = useEdit();
  const isLocked = useSession((session) => session.locks.has('methods'));
  return (
    <Menu position="bottom-end" shadow="md" width={210} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={24} aria-label={`More for ${arm.name}`}>
          ⋯
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={count >= MAX_ARMS} onClick={() => edit(duplicateArm(arm.id))}>
          Duplicate
        </Menu.Item>
        <SweepItem arm={arm} />
        <ForkItem arm={arm} count={count} />
        {!arm.algorithm && !isLocked && (
          <Menu.Item onClick={() => edit(setArmAlgorithm(arm.id, FIRST_RECIPE))}>
            Its own algorithm
          </Menu.Item>
        )}
        <Menu.Item disabled={count <= 1} onClick={() => edit(removeArm(arm.id))}>
          Remove
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Line</Menu.Label>
        {PALETTE.map((style, index) => (
          <Menu.Item
            key={style.name}
            leftSection={<LineSample color={index} />}
            rightSection={arm.color === index ? '✓' : undefined}
            onClick={() => edit(patchArm(arm.id, { color: index }))}
          >
            {style.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Runs of this arm that stopped before their time, and why. */
function FailedRuns({ arm }: { arm: Arm }) {
  const history = useGrowingHistory();
  const isRecording = useSession((session) => session.recording !== undefined);
  const failed = isRecording ? [] : history.runs().filter((r) => r.arm === arm.id && r.failed);
  return failed.map((run) => (
    <p key={run.seed} className="param-error" role="alert">
      <b>
        Seed {run.seed} stopped at step {run.failed?.step}.
      </b>{' '}
      {run.failed?.message} Its curve stays.
    </p>
  ));
}

export function AddArm({ onClick, count }: { onClick: () => void; count: number }) {
  return (
    <Button variant="default" size="xs" disabled={count >= MAX_ARMS} onClick={onClick}>
      Add an arm
    </Button>
  );
}
