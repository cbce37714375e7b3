/** Task, model, base and seeds. A change of any of them restarts the runs. */
import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Experiment } from '../../core/experiment.ts';
import { MAX_SEEDS } from '../../core/experiment_file.ts';
import {
  MODEL_PRESETS,
  type ModelPresetId,
  modelConfig,
  parameterCount,
} from '../../core/model_config.ts';
import { TASKS } from '../../tasks/index.ts';
import { useEdit } from '../context.ts';
import { findTask } from '../declared.ts';
import { patch, setTask } from '../edit.ts';
import { Help } from './Help.tsx';
import { RestartMark } from './ParamLabel.tsx';
import { formatSeeds, parseSeeds } from './seeds.ts';

export function SetupControls({ draft }: { draft: Experiment }) {
  const edit = useEdit();
  const vocabulary = findTask(draft.task)?.vocabulary.length ?? 0;
  const models = Object.entries(MODEL_PRESETS).map(([id, preset]) => ({
    value: id,
    label: `${preset.label}, ${count(parameterCount(modelConfig(id as ModelPresetId, vocabulary)))}`,
  }));
  return (
    <section className="group" aria-labelledby="setup-title">
      <div className="group-head">
        <h2 className="section-title" id="setup-title">
          Setup
          <RestartMark />
        </h2>
        <Help of="the setup">
          <p>
            <b>Model</b>: a miniature Llama. {MODEL_PRESETS[draft.model].label} is for{' '}
            {MODEL_PRESETS[draft.model].for}.
          </p>
          <p>
            <b>Base</b>: the weights that every arm starts from. The shipped one was trained by our
            own command; the other choice trains one in this tab first, by imitation.
          </p>
          <p>
            <b>Seeds</b>: each arm runs once per seed. Charts draw the mean; with two or more seeds
            a band shows its 95 % t-interval.
          </p>
        </Help>
      </div>
      <div className="pair">
        <Select
          size="xs"
          label="Task"
          allowDeselect={false}
          data={[...TASKS.values()].map((task) => ({ value: task.id, label: task.label }))}
          value={draft.task}
          onChange={(task) => task && edit(setTask(task))}
        />
        <Select
          size="xs"
          label="Model"
          allowDeselect={false}
          data={models}
          value={draft.model}
          onChange={(model) => model && edit(patch({ model: model as ModelPresetId }))}
        />
        <Select
          size="xs"
          label="Base"
          allowDeselect={false}
          data={[
            { value: 'shipped', label: 'shipped weights' },
            { value: 'train', label: 'train in this tab' },
          ]}
          value={draft.base}
          onChange={(base) => base && edit(patch({ base: base as Experiment['base'] }))}
        />
        <Seeds seeds={draft.seeds} onChange={(seeds) => edit(patch({ seeds }))} />
      </div>
    </section>
  );
}

interface SeedsProps {
  seeds: readonly number[];
  onChange: (seeds: number[]) => void;
}

function Seeds({ seeds, onChange }: SeedsProps) {
  const [text, setText] = useState<string>();
  const parsed = parseSeeds(text ?? formatSeeds(seeds));
  return (
    <TextInput
      size="xs"
      label="Seeds"
      inputMode="numeric"
      className="number"
      value={text ?? formatSeeds(seeds)}
      error={parsed ? undefined : `1 to ${MAX_SEEDS} different whole numbers, such as 0, 1, 2`}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        const numbers = parseSeeds(next);
        if (numbers) onChange(numbers);
      }}
      onBlur={() => parsed && setText(undefined)}
      onKeyDown={(event) => event.key === 'Escape' && setText(undefined)}
    />
  );
}

function count(parameters: number): string {
  return parameters < 1e6
    ? `${Math.round(parameters / 1e3)} k`
    : `${(parameters / 1e6).toFixed(parameters < 1e7 ? 1 : 0)} M`;
}
