/** One token under the microscope: what the model thought, and what every term of the loss does to its logits. */
import './microscope.css';
import './facts.css';
import './push_table.css';
import { Drawer, Loader } from '@mantine/core';
import { useStore } from 'zustand';
import type { Task } from '../../tasks/task.ts';
import { useLab } from '../context.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { findTask } from '../declared.ts';
import { mixtureInWords } from '../responses/mixture.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { useWindow } from '../use_window.ts';
import { Facts } from './Facts.tsx';
import { Formulas } from './Formulas.tsx';
import type { Target } from './lens.ts';
import { NotSeen } from './NotSeen.tsx';
import { PushTable } from './PushTable.tsx';
import { readToken } from './reading.ts';
import { Strip } from './Strip.tsx';
import { Verdict } from './Verdict.tsx';
import { WhatIf } from './WhatIf.tsx';

export default function Microscope() {
  const { lens } = useLab();
  useWindow(lens.close);
  const target = useStore(lens.store, (state) => state.target);
  const experiment = useShownExperiment();
  const task = findTask(experiment.task);
  const arm = experiment.arms.find(({ id }) => id === target?.arm);
  if (!target || !task) return null;
  return (
    <Drawer
      opened
      onClose={lens.close}
      position="right"
      size="min(max(820px, 54vw), 100vw)"
      padding={0}
      lockScroll={false}
      overlayProps={{ backgroundOpacity: 0.2 }}
      title="Microscope"
      attributes={{ header: { role: 'presentation' } }}
      styles={{ header: { padding: '10px 20px' }, title: { fontWeight: 650 } }}
      closeButtonProps={{ 'aria-label': 'Close the microscope' }}
    >
      <div className="scope">
        <p className="scope-where small number">
          {arm && <LineSample color={arm.color} />} <b>{arm?.name ?? target.arm}</b>
          <span className="quiet">
            seed {target.seed}, sampled at step {target.step}
          </span>
          <Age target={target} />
        </p>
        <Strip target={target} task={task} />
        <Reading target={target} task={task} />
      </div>
    </Drawer>
  );
}

/** The model has learned on since the response was sampled: which step the numbers are of. */
function Age({ target }: { target: Target }) {
  const { lens } = useLab();
  const step = useStore(lens.store, (state) => state.inspection?.step);
  const isWaiting = useStore(lens.store, (state) => state.isWaiting);
  return (
    <>
      {step !== undefined && (
        <span className="quiet">
          numbers of the model after step {step}
          {step > target.step ? ', which has learned from it' : ''}
        </span>
      )}
      <button type="button" className="scope-refresh" onClick={lens.refresh}>
        Look again
      </button>
      <span className="scope-busy" aria-hidden="true">
        {isWaiting && <Loader size={12} color="gray" />}
      </span>
    </>
  );
}

function Reading({ target, task }: { target: Target; task: Task }) {
  const { lens } = useLab();
  const inspection = useStore(lens.store, (state) => state.inspection);
  const message = useStore(lens.store, (state) => state.message);
  const whatIf = useStore(lens.store, (state) => state.whatIf);
  const seen = inspection?.responses[0];
  if (message && !seen) return <NotSeen message={message} />;
  if (!inspection || !seen) {
    return (
      <p className="scope-note quiet" role="status">
        Asking the engine. It answers between two steps…
      </p>
    );
  }
  const { position, sample } = target;
  const token = readToken(seen, position, task.vocabulary.length);
  const own = sample.advantages?.[position] ?? sample.advantage;
  const advantage = whatIf ?? own;
  const mixture = sample.mixtures?.[position];
  const given = { target, task, inspection, seen, token, own, advantage, mixture };
  return (
    <>
      {mixture && (
        <p className="scope-latent small">
          A latent position: no token was drawn, the model read on from{' '}
          {mixtureInWords(mixture, task)}. Its policy loss is −A Σ y log p, without a ratio and
          without a clip; estimates of KL leave it out.
        </p>
      )}
      <Facts {...given} />
      <Verdict {...given} />
      <WhatIf own={own} value={advantage} />
      <PushTable {...given} />
      <Formulas {...given} />
    </>
  );
}
