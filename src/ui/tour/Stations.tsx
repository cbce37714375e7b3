/** What the card says at each station that asks for no prediction. */
import { Button, Group } from '@mantine/core';
import { Suspense } from 'react';
import { type Experiment, runsOf } from '../../core/experiment.ts';
import { useGrowingHistory, useLab, useSession } from '../context.ts';
import { Formula } from '../controls/Formula.tsx';
import { LineSample } from '../controls/LineSample.tsx';
import { findMethod, findTask } from '../declared.ts';
import { formatValue } from '../format.ts';
import { Terms } from '../glossary/Terms.tsx';
import { startOf } from './scale.ts';

export function Welcome({ experiment }: { experiment: Experiment }) {
  const { actions } = useLab();
  const task = findTask(experiment.task);
  const history = useGrowingHistory();
  return (
    <>
      <p>
        A small language model is about to learn sums by trial and error, in this tab. You will see
        what it does, predict three curves, run it, and compare.
      </p>
      {task && (
        <p>
          Its task, {task.label}: {task.summary}
        </p>
      )}
      <p className="quiet">
        Underlined words open the glossary. Escape leaves; the tour keeps your place.
      </p>
      {history.lastStep() > 1 && (
        <p>
          These runs have begun already. To predict fairly, go back to the base first:{' '}
          <Button size="compact-xs" variant="default" onClick={actions.reset}>
            Reset
          </Button>
        </p>
      )}
    </>
  );
}

export function Rollout() {
  const { actions, slow } = useLab();
  const state = useSession((session) => session.state);
  const draft = useSession((session) => session.draft);
  const responses = useSession((session) => session.responses);
  const event = Object.values(responses)[0]?.[0];
  const words = findTask(draft.task)?.vocabulary ?? [];
  const textOf = (tokens: readonly number[]) => tokens.map((id) => words[id] ?? '?').join('');
  const sample = event?.samples[0];
  const canStep = state === 'ready' || state === 'paused';
  return (
    <>
      <p>
        <Terms text="The model reads a prompt and writes a response, one token after the other, each drawn at random from its probabilities. One such attempt is a rollout. A verifier reads only the final answer: 1 for right, 0 for wrong." />
      </p>
      {event && sample ? (
        <p>
          A real one: prompt <code>{textOf(event.prompt)}</code>, response{' '}
          <code>{textOf(sample.tokens)}</code>, {sample.reason}. {standing(sample.advantage)}{' '}
          <span className="number">{formatValue(sample.advantage)}</span>.
        </p>
      ) : (
        <Group gap="xs">
          <Button size="xs" variant="default" disabled={!canStep} onClick={actions.step}>
            Let every arm take one step
          </Button>
          <Button size="xs" variant="default" disabled={!canStep} onClick={slow.open}>
            Take it in slow motion
          </Button>
        </Group>
      )}
    </>
  );
}

/** What an advantage says of a response, before its number. */
function standing(advantage: number): string {
  if (advantage > 0) return 'It beat its group: an advantage of';
  if (advantage < 0) return 'It fell behind its group: an advantage of';
  return 'Its group did all the same, so there is nothing to learn from: an advantage of';
}

export function Entropy({ experiment }: { experiment: Experiment }) {
  const history = useGrowingHistory();
  const most = Math.log(findTask(experiment.task)?.vocabulary.length ?? 2);
  const isMeasured = history.lastStep() > 0;
  return (
    <>
      <p>
        <Terms text="Entropy says how undecided the model is about the next token: 0 when it is certain, largest when all tokens are equally likely." />
      </p>
      <p>
        The most possible here is <span className="number">{formatValue(most)}</span> nats.{' '}
        {isMeasured && (
          <>
            At the start this model has{' '}
            <span className="number">{formatValue(startOf('entropy', experiment, history))}</span>.
          </>
        )}
      </p>
      <p>
        A model that is certain too early stops finding better answers; one that stays undecided
        never settles on a good one.
      </p>
    </>
  );
}

export function Arms({ experiment }: { experiment: Experiment }) {
  return (
    <>
      <p>
        <Terms text="All arms start from the same weights and learn from reward: tokens of responses that beat their group become likelier. They differ in what else they are paid for." />
      </p>
      {experiment.arms
        .filter((arm) => arm.enabled)
        .map((arm) => (
          <div key={arm.id} className="tour-arm">
            <b>
              <LineSample color={arm.color} /> {arm.name}
            </b>
            {arm.methods.length === 0 && <p>Nothing else: reward alone.</p>}
            {arm.methods.map((id) => {
              const method = findMethod(id);
              return (
                method && (
                  <div key={id}>
                    <p>{method.summary}</p>
                    <Suspense fallback={<div className="tour-formula" />}>
                      <div className="tour-formula">
                        <Formula tex={method.formula} />
                      </div>
                    </Suspense>
                  </div>
                )
              );
            })}
          </div>
        ))}
    </>
  );
}

export function Run({ experiment }: { experiment: Experiment }) {
  const { actions } = useLab();
  const history = useGrowingHistory();
  const state = useSession((session) => session.state);
  const isQueued = useSession((session) => session.isQueued);
  const step = history.completeStep(runsOf(experiment));
  const isRunning = state === 'running' || isQueued;
  return (
    <>
      <p>
        Your predictions are the dashed bands on the charts. Lines are measured while you look;
        nothing is replayed.
      </p>
      <Button
        size="sm"
        w={140}
        variant={isRunning ? 'default' : 'filled'}
        disabled={state === 'finished' || state === 'failed'}
        onClick={actions.toggle}
      >
        {state === 'finished' ? 'Finished' : isRunning ? 'Pause' : step > 0 ? 'Continue' : 'Start'}
      </Button>
      <p className="number">
        Step {step} of {experiment.values['trainer.steps']}. You can compare at any time.
      </p>
    </>
  );
}

/** What was seen of a task in our own runs (test/bench/RESULTS.md); of others only what holds of any. */
const LIMITS: Readonly<Record<string, string>> = {
  chain_sum:
    'In it IB is not better than no regularizer, and no arm that learns keeps its entropy up.',
  guess_or_think:
    'It and its base were made so that giving up exploration costs accuracy: on six seeds the shortcut kept every run without a bonus and none with one. On other bases luck decided, or neither found it.',
};

export function End({ experiment }: { experiment: Experiment }) {
  const limits = LIMITS[experiment.task] ?? '';
  return (
    <>
      <p>
        <Terms
          text={`These curves are one toy task with one base model. ${limits} How much bonus is too much depends on the task, the batch and the learning rate.`}
        />
      </p>
      <p>
        Go on: choose another preset above the charts; or move a slider, predict, and run again. A
        token that you click shows which way each term pushes it.
      </p>
      <p className="quiet">Finish clears your predictions from the charts.</p>
    </>
  );
}
