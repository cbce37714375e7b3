/** The choice of an algorithm by name, for all arms or for one, and what has been changed of it since. */
import { ActionIcon, Select } from '@mantine/core';
import { useId } from 'react';
import type { Arm, Experiment } from '../../core/experiment.ts';
import { type AlgorithmHolder, algorithmLabel } from '../../core/recipe.ts';
import { TRAINER_PARAMS } from '../../core/settings.ts';
import { RECIPES } from '../../methods/recipes/index.ts';
import { useEdit, useSession } from '../context.ts';
import { CATALOG } from '../declared.ts';
import { setAlgorithm, setArmAlgorithm, setArmValue } from '../edit.ts';
import { Terms } from '../glossary/Terms.tsx';
import { Help } from './Help.tsx';
import { ParamList } from './ParamControl.tsx';
import { RestartMark } from './ParamLabel.tsx';

/** What an arm begins with that is given an algorithm of its own. */
export const FIRST_RECIPE = [...RECIPES.keys()][0] as string;

export function SharedAlgorithm({ draft }: { draft: Experiment }) {
  const edit = useEdit();
  return (
    <section className="group" aria-labelledby="algorithm-title">
      <div className="group-head">
        <h2 className="section-title" id="algorithm-title">
          Algorithm
          <RestartMark />
        </h2>
        <RecipeHelp holder={draft} />
      </div>
      <RecipeSelect
        holder={draft}
        label="Algorithm of all arms"
        onChange={(id) => edit(setAlgorithm(id))}
      />
    </section>
  );
}

/** Instead of the shared one. */
export function ArmAlgorithm({ arm }: { arm: Arm }) {
  const edit = useEdit();
  const isLocked = useSession((session) => session.locks.has('methods'));
  if (isLocked) return <p className="small">{algorithmLabel(arm, CATALOG)}</p>;
  return (
    <div className="arm-slot">
      <div className="arm-head arm-algorithm">
        <div style={{ flex: 1 }}>
          <RecipeSelect
            holder={arm}
            label={`Algorithm of ${arm.name}`}
            onChange={(id) => edit(setArmAlgorithm(arm.id, id))}
          />
        </div>
        <RecipeHelp holder={arm} />
        <ActionIcon
          variant="subtle"
          size={24}
          aria-label={`Use the shared algorithm for ${arm.name}`}
          onClick={() => edit(setArmAlgorithm(arm.id, undefined))}
        >
          ×
        </ActionIcon>
      </div>
      <ParamList
        owner="trainer"
        params={{ aggregate: TRAINER_PARAMS.aggregate }}
        values={arm.values}
        arm={arm.id}
        onChange={(key, value) => edit(setArmValue(arm.id, key, value))}
      />
    </div>
  );
}

interface SelectProps {
  holder: AlgorithmHolder;
  label: string;
  onChange: (id: string) => void;
}

function RecipeSelect({ holder, label, onChange }: SelectProps) {
  const id = useId();
  const now = algorithmLabel(holder, CATALOG);
  const isAsNamed = now === RECIPES.get(holder.algorithm ?? '')?.label;
  return (
    <>
      <Select
        size="xs"
        aria-label={label}
        aria-describedby={isAsNamed ? undefined : id}
        allowDeselect={false}
        placeholder="a combination of its own"
        data={[...RECIPES.values()].map((recipe) => ({ value: recipe.id, label: recipe.label }))}
        value={holder.algorithm ?? null}
        onChange={(next) => next && onChange(next)}
      />
      {!isAsNamed && (
        <p className="quiet small" id={id}>
          {now}
        </p>
      )}
    </>
  );
}

function RecipeHelp({ holder }: { holder: AlgorithmHolder }) {
  const recipe = RECIPES.get(holder.algorithm ?? '');
  return (
    <Help of={recipe?.label ?? 'algorithms'} width={340}>
      {recipe ? (
        <p>
          <b>{recipe.label}</b>: <Terms text={recipe.summary} />
        </p>
      ) : (
        <p>
          An algorithm says how rewards become advantages, and advantages a loss. Choose one by
          name, then change its parts as you like; its settings stand below.
        </p>
      )}
    </Help>
  );
}
