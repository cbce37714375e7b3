/** What an arm does beside the shared algorithm: usually one regularizer or none, with its settings. */
import { ActionIcon, Button, Select } from '@mantine/core';
import { Suspense } from 'react';
import type { Arm } from '../../core/experiment.ts';
import { METHODS } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import { useSession } from '../context.ts';
import { findMethod } from '../declared.ts';
import { Terms } from '../glossary/Terms.tsx';
import { openMethods } from '../methods/state.ts';
import { Formula } from './Formula.tsx';
import { Help } from './Help.tsx';
import { ParamList } from './ParamControl.tsx';
import { MatchedNote } from './Strength.tsx';

const NONE = 'none';
const GROUPS = [
  { stage: 'regularizer', group: 'Regularizer' },
  { stage: 'weight', group: 'Weight of tokens' },
  { stage: 'shape', group: 'Shape of the advantage' },
  { stage: 'reward', group: 'Reward' },
  { stage: 'sampling', group: 'Sampling' },
  { stage: 'objective', group: 'Objective, instead of the shared one' },
  { stage: 'advantage', group: 'Advantage, instead of the shared one' },
] as const;

interface Props {
  arm: Arm;
  color: string;
  onMethods: (methods: string[]) => void;
  onValue: (key: string, value: number) => void;
}

export function MethodPicker({ arm, color, onMethods, onValue }: Props) {
  const isLocked = useSession((session) => session.locks.has('methods'));
  const areStrengthsLocked = useSession((session) => session.locks.has('strengths'));
  /** Slots on show: the arm's methods, or one empty slot. */
  const slots = arm.methods.length > 0 ? arm.methods : [NONE];
  const free = [...METHODS.values()].find(
    (m) => m.stage === 'regularizer' && !arm.methods.includes(m.id),
  );
  const replace = (index: number, id: string | null) =>
    onMethods(slots.toSpliced(index, 1, id ?? NONE).filter((method) => method !== NONE));

  return (
    <>
      {slots.map((id, index) => {
        const method = findMethod(id);
        return (
          <div key={id} className="arm-slot">
            <div className="arm-head">
              {isLocked ? (
                <span style={{ flex: 1, fontSize: 13 }}>{method?.label ?? 'no regularizer'}</span>
              ) : (
                <Select
                  size="xs"
                  style={{ flex: 1 }}
                  aria-label={`Method of ${arm.name}`}
                  allowDeselect={false}
                  data={options(arm, id, slots.length === 1)}
                  value={id}
                  onChange={(next) => replace(index, next)}
                />
              )}
              {method && <MethodHelp method={method} arm={arm.id} />}
              {slots.length > 1 && !isLocked && (
                <ActionIcon
                  variant="subtle"
                  size={24}
                  aria-label={`Remove ${method?.label ?? id} from ${arm.name}`}
                  onClick={() => replace(index, NONE)}
                >
                  ×
                </ActionIcon>
              )}
            </div>
            {method && !areStrengthsLocked && (
              <ParamList
                owner={id}
                params={method.params}
                values={arm.values}
                onChange={onValue}
                color={color}
                arm={arm.id}
              />
            )}
            {method && !areStrengthsLocked && <MatchedNote arm={arm} method={method} />}
          </div>
        );
      })}
      {arm.methods.length > 0 && free && !isLocked && (
        <Button
          variant="subtle"
          size="compact-xs"
          c="dimmed"
          style={{ justifySelf: 'start', marginLeft: -8 }}
          onClick={() => onMethods([...arm.methods, free.id])}
        >
          and another…
        </Button>
      )}
    </>
  );
}

function options(arm: Arm, own: string, allowsNone: boolean) {
  const groups = GROUPS.map(({ stage, group }) => ({
    group,
    items: [...METHODS.values()]
      .filter((m) => m.stage === stage && (m.id === own || !arm.methods.includes(m.id)))
      .map((m) => ({ value: m.id, label: m.label })),
  })).filter(({ items }) => items.length > 0);
  return allowsNone ? [{ value: NONE, label: 'no regularizer' }, ...groups] : groups;
}

export function MethodHelp({ method, arm }: { method: Method; arm?: string }) {
  return (
    <Help of={method.label} width={340}>
      <p>
        <Terms text={method.summary} />
      </p>
      <Suspense fallback={<div style={{ minHeight: 40 }} />}>
        <Formula tex={method.formula} />
      </Suspense>
      <p className="quiet small">
        {method.paper.authors} ({method.paper.year}), <i>{method.paper.title}</i>.
      </p>
      <Button
        size="compact-xs"
        variant="default"
        style={{ justifySelf: 'start' }}
        onClick={() => openMethods(method.id, arm)}
      >
        Card of this method
      </Button>
    </Help>
  );
}
