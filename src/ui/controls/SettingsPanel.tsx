/** The left panel: arms first, since they are the question; then what all of them share. */
import { Accordion } from '@mantine/core';
import { TRAINER_PARAMS } from '../../core/settings.ts';
import { useEdit, useSession } from '../context.ts';
import { findMethod, findTask } from '../declared.ts';
import { addArm, setValue } from '../edit.ts';
import { SharedAlgorithm } from './Algorithm.tsx';
import { AddArm, ArmCard } from './ArmCard.tsx';
import { MethodHelp } from './MethodPicker.tsx';
import { ParamList } from './ParamControl.tsx';
import { SetupControls } from './SetupControls.tsx';
import { MATCH_SETTINGS, MatchStrength } from './Strength.tsx';

/** Settings of the training loop that most people touch; the rest is folded away. */
const FIRST = ['steps', 'prompts', 'group_size', 'learning_rate'];

export function SettingsPanel() {
  const hasEngine = useSession((session) => session.hasEngine);
  const locks = useSession((session) => session.locks);
  const draft = useSession((session) => session.draft);
  const isRecording = useSession((session) => session.recording !== undefined);
  const edit = useEdit();
  const set = (key: string, value: number) => edit(setValue(key, value));
  const shared = draft.methods.map(findMethod).filter((method) => method !== undefined);
  const task = findTask(draft.task);
  const shownMethods = locks.has('methods') ? [] : shared;
  const trainer = Object.entries(TRAINER_PARAMS);
  const first = Object.fromEntries(trainer.filter(([name]) => FIRST.includes(name)));
  const apart = [...FIRST, ...MATCH_SETTINGS];
  const more = Object.fromEntries(trainer.filter(([name]) => !apart.includes(name)));

  return (
    <>
      {isRecording && (
        <p className="group quiet">
          {hasEngine
            ? 'These controls belong to the live experiment, not to the recording on the charts.'
            : 'These controls are for live runs; without WebGPU there are none.'}
        </p>
      )}
      {locks.size > 0 && <p className="group quiet">Some settings are set by your teacher.</p>}
      <section className="group" aria-labelledby="arms-title">
        <div className="group-head">
          <h2 className="section-title" id="arms-title">
            Arms
          </h2>
          {!locks.has('arms') && <AddArm count={draft.arms.length} onClick={() => edit(addArm)} />}
        </div>
        {!locks.has('strengths') && <MatchStrength draft={draft} set={set} />}
        {draft.arms.map((arm) => (
          <ArmCard key={arm.id} arm={arm} experiment={draft} />
        ))}
      </section>
      {!locks.has('setup') && <SetupControls draft={draft} />}
      {!locks.has('methods') && <SharedAlgorithm draft={draft} />}
      {!locks.has('training') && (
        <section className="group" aria-labelledby="training-title">
          <h2 className="section-title" id="training-title">
            Training
          </h2>
          <ParamList owner="trainer" params={first} values={draft.values} onChange={set} />
        </section>
      )}
      <Accordion
        multiple
        chevronPosition="left"
        order={2}
        styles={{ label: { fontSize: 13, padding: '10px 0' }, control: { paddingInline: 12 } }}
      >
        {!locks.has('training') && (
          <Accordion.Item value="trainer">
            <Accordion.Control>More of the training loop</Accordion.Control>
            <Accordion.Panel>
              <div className="accordion-body">
                <ParamList owner="trainer" params={more} values={draft.values} onChange={set} />
              </div>
            </Accordion.Panel>
          </Accordion.Item>
        )}
        {shownMethods.map((method) => (
          <Accordion.Item key={method.id} value={method.id}>
            <Accordion.Control>
              {method.stage.replace(/^./, (c) => c.toUpperCase())}: {method.label}
            </Accordion.Control>
            <Accordion.Panel>
              <div className="accordion-body">
                <div className="param-head">
                  <span className="param-label quiet">Shared by all arms</span>
                  <MethodHelp method={method} />
                </div>
                <ParamList
                  owner={method.id}
                  params={method.params}
                  values={draft.values}
                  onChange={set}
                />
              </div>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
        {task && !locks.has('setup') && (
          <Accordion.Item value="task">
            <Accordion.Control>Task: {task.label}</Accordion.Control>
            <Accordion.Panel>
              <div className="accordion-body">
                <p className="quiet">{task.summary}</p>
                <ParamList
                  owner={task.id}
                  params={task.params}
                  values={draft.values}
                  onChange={set}
                />
              </div>
            </Accordion.Panel>
          </Accordion.Item>
        )}
      </Accordion>
    </>
  );
}
