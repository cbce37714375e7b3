/** Back and forth through training: the fixed prompts' responses at every evaluation, and one position's distribution. */
import { SegmentedControl, Slider } from '@mantine/core';
import { memo, useState } from 'react';
import { type Arm, runKey } from '../../core/experiment.ts';
import type { ProbeSample } from '../../core/inspection.ts';
import type { Task } from '../../tasks/task.ts';
import { useDetails } from '../context.ts';
import { Awaiting } from '../controls/Awaiting.tsx';
import { LineSample } from '../controls/LineSample.tsx';
import type { PackedProbes } from '../packed_probes.ts';
import { HeatMap } from './HeatMap.tsx';
import { Response } from './Response.tsx';
import { TINTS } from './tint.ts';

const NONE: readonly PackedProbes[] = [];
const [ENTROPY] = TINTS;
const NO_COEFFICIENTS = new Map();

interface Props {
  arms: readonly Arm[];
  seed: number;
  task: Task;
}

export const Scrubber = memo(function Scrubber({ arms, seed, task }: Props) {
  const probes = useDetails('probes');
  const [asked, setPrompt] = useState(0);
  /** Undefined: the newest, as it comes. */
  const [step, setStep] = useState<number>();
  /** First where the response begins: all runs meet that. Later places follow the base's own words, slips included. */
  const [chosen, setChosen] = useState(0);
  const byArm = arms.map((arm) => probes[runKey({ arm: arm.id, seed })] ?? NONE);
  const steps = [...new Set(byArm.flatMap((events) => events.map((e) => e.step)))].sort(
    (a, b) => a - b,
  );
  const first = byArm.find((events) => events.length > 0)?.[0];
  const prompt = Math.min(asked, Math.max(0, (first?.count ?? 0) - 1));
  const probe = first?.sample(prompt);
  const newest = Math.max(0, steps.length - 1);
  const index = step === undefined ? newest : heldAt(steps, step);
  const at = steps[index] ?? 0;
  const position = Math.min(chosen, (probe?.context.length ?? 1) - 1);
  const shared = { task, prompt, position, at, steps };

  return (
    <section className="charts" aria-labelledby="scrubber-title">
      <div className="responses-head">
        <h2 className="section-title" id="scrubber-title">
          A fixed prompt through training
        </h2>
        {probe ? (
          <>
            <span>
              <code className="prompt">
                {probe.prompt.map((id) => task.vocabulary[id]).join('')}
              </code>{' '}
              <span className="quiet">
                right answer <b>{probe.answer}</b>
              </span>
            </span>
            <SegmentedControl
              size="xs"
              aria-label="Fixed prompt"
              data={Array.from({ length: first?.count ?? 0 }, (_, i) => ({
                value: `${i}`,
                label: `prompt ${i + 1}`,
              }))}
              value={`${prompt}`}
              onChange={(value) => {
                setPrompt(Number(value));
                setChosen(0);
              }}
            />
          </>
        ) : (
          <span className="quiet small">
            Answered at every evaluation, with the same random numbers every time.
          </span>
        )}
      </div>
      <div className="scrubber-row">
        <span className="number small scrubber-step">
          after step <b>{at}</b>
        </span>
        <Slider
          className="scrubber-slider"
          size="sm"
          thumbLabel="Evaluation"
          min={0}
          max={Math.max(1, newest)}
          step={1}
          label={null}
          disabled={steps.length < 2}
          value={index}
          onChange={(next) => setStep(next >= newest ? undefined : steps[next])}
        />
        <span className="quiet small">
          {step === undefined ? 'follows the newest' : 'held here'}
        </span>
      </div>
      {probe && <Context probe={probe} task={task} position={position} setPosition={setChosen} />}
      <Awaiting until={probe ? undefined : 'from the first evaluation on'}>
        <div className="responses">
          {arms.map((arm, i) => (
            <ArmProbe key={arm.id} arm={arm} events={byArm[i] ?? NONE} {...shared} />
          ))}
        </div>
      </Awaiting>
    </section>
  );
});

/** Place of the evaluation at this step, or of the one before: long runs give up some, and runs begin anew. */
export function heldAt(steps: readonly number[], step: number): number {
  return Math.max(
    0,
    steps.findLastIndex((at) => at <= step),
  );
}

interface ContextProps {
  probe: ProbeSample;
  task: Task;
  position: number;
  setPosition: (position: number) => void;
}

/** The base's answer, whose positions can be chosen for the heat maps. */
function Context({ probe, task, position, setPosition }: ContextProps) {
  const text = (id: number) => (id === task.eos ? ' end' : task.vocabulary[id]);
  const before = probe.context.slice(0, position).map(text).join('');
  return (
    <div className="scrubber-context">
      <label className="small quiet" htmlFor="scrubber-position">
        Heat maps: what would come next after the base’s own words
      </label>
      <input
        id="scrubber-position"
        type="range"
        min={0}
        max={probe.context.length - 1}
        value={position}
        onChange={(event) => setPosition(Number(event.currentTarget.value))}
        aria-valuetext={`position ${position + 1}, after ${before || 'the prompt'}`}
      />
      <code className="scrubber-words" aria-hidden="true">
        {before}
        <b>▯</b>
        <span className="quiet">{probe.context.slice(position).map(text).join('')}</span>
      </code>
    </div>
  );
}

interface ArmProbeProps {
  arm: Arm;
  events: readonly PackedProbes[];
  task: Task;
  prompt: number;
  position: number;
  at: number;
  steps: readonly number[];
}

function ArmProbe({ arm, events, task, prompt, position, at, steps }: ArmProbeProps) {
  // An arm that is a turn behind shows its newest before.
  const event = events.findLast((e) => e.step <= at);
  const sample = event?.sample(prompt);
  return (
    <section className="card responses-arm probe" aria-label={`Fixed prompt under ${arm.name}`}>
      <div className="chart-head">
        <LineSample color={arm.color} />
        <h3>{arm.name}</h3>
        <span className="quiet small number">{event ? `after step ${event.step}` : ''}</span>
      </div>
      <ol className="response-list probe-response">
        {sample && (
          <Response
            sample={{ ...sample, reward: Number(sample.correct), advantage: Number.NaN }}
            task={task}
            tint={ENTROPY}
            full={Math.log(task.vocabulary.length)}
            coefficients={NO_COEFFICIENTS}
          />
        )}
      </ol>
      <HeatMap
        name={arm.name}
        {...{ task, position, at, steps }}
        columns={events.map((evaluation) => ({
          step: evaluation.step,
          row: evaluation.distribution(prompt, position),
        }))}
      />
    </section>
  );
}
