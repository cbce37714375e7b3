/** The phase that is shown: its title and text, then its data on one group of responses. */
import { SegmentedControl } from '@mantine/core';
import { useStore } from 'zustand';
import type { Experiment } from '../../core/experiment.ts';
import type { SlowStep } from '../../core/slow_step.ts';
import type { Task } from '../../tasks/task.ts';
import { useLab } from '../context.ts';
import { Terms } from '../glossary/Terms.tsx';
import { Advantage } from './Advantage.tsx';
import { armOf, textOfAll } from './given.ts';
import { PHASES, type Phase } from './phases.ts';
import { Sample } from './Sample.tsx';
import { isSame } from './shaping.ts';
import { Update } from './Update.tsx';
import { Verify } from './Verify.tsx';
import { Weigh } from './Weigh.tsx';

const VIEWS = {
  sample: Sample,
  verify: Verify,
  advantage: Advantage,
  weigh: Weigh,
  update: Update,
};
/** Phases that show the group of one arm. */
const ALONE: readonly Phase['id'][] = ['sample', 'verify', 'advantage'];

interface Props {
  step: SlowStep;
  task: Task;
  experiment: Experiment;
}

export function Stage({ step, task, experiment }: Props) {
  const { slow } = useLab();
  const phase = PHASES[useStore(slow.store, (state) => state.phase)];
  const chosen = useStore(slow.store, (state) => state.arm);
  const arm = step.arms.find((a) => a.arm === chosen) ?? step.arms[0];
  const given = { step, arm, task, experiment };
  const View = VIEWS[phase.id];
  const isAlone = ALONE.includes(phase.id);
  const isChoice = isAlone && step.arms.length > 1 && !isSame(step);
  return (
    <section className="slow-stage" aria-labelledby="slow-title">
      <div className="slow-head">
        <h2 id="slow-title">{phase.title}</h2>
        <p aria-live="polite">
          <Terms text={phase.text} />
        </p>
      </div>
      {isAlone && (
        <div className="slow-tools">
          <span>
            Prompt <code className="prompt">{textOfAll(task, arm.prompt)}</code>
          </span>
          {isChoice && (
            <SegmentedControl
              aria-label="Whose responses"
              data={step.arms.map(({ arm: id }) => ({ value: id, label: armOf(given, id).name }))}
              value={arm.arm}
              onChange={slow.choose}
            />
          )}
          {step.arms.length > 1 && !isChoice && (
            <span className="quiet">
              All arms wrote these: at this step they have the same weights.
            </span>
          )}
        </div>
      )}
      <View key={arm.arm} {...given} />
    </section>
  );
}
