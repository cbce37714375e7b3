/** The newest responses of every arm to one and the same prompt, side by side. */
import { Button, SegmentedControl } from '@mantine/core';
import { useDocumentVisibility, useInViewport } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import { activeMethods } from '../../core/catalog.ts';
import { type Arm, type Experiment, runKey } from '../../core/experiment.ts';
import { METHODS } from '../../methods/index.ts';
import type { Task } from '../../tasks/task.ts';
import { useDetails, useIsLocked, useLab, useSession } from '../context.ts';
import { Awaiting } from '../controls/Awaiting.tsx';
import { LineSample } from '../controls/LineSample.tsx';
import { findTask } from '../declared.ts';
import { GainsThroughTraining } from '../gains/GainsThroughTraining.tsx';
import type { ResponsesEvent, Session } from '../store.ts';
import { GainSummary } from './GainSummary.tsx';
import { Response } from './Response.tsx';
import { Scrubber } from './Scrubber.tsx';
import { TintLegend } from './TintLegend.tsx';
import { arranged, TINTS, type Tint } from './tint.ts';
import { useCoefficients } from './use_coefficients.ts';
import { type View, ViewControls } from './ViewControls.tsx';

const FEW = 4;
const AS_SAMPLED = { show: 'all', order: 'sampled' } as const;
const GAIN = TINTS.find(({ gain }) => gain === 'entropy') as Tint;

export function Responses({ experiment }: { experiment: Experiment }) {
  const responses = useDetails('responses');
  const probes = useDetails('probes');
  const isRecording = useSession((session) => session.recording !== undefined);
  const [chosen, setChosen] = useState<number>();
  const [isAll, setAll] = useState(false);
  const preset = useSession((session) => session.preset);
  const [chosenView, setView] = useState<Omit<View, 'tint'> & Partial<View>>(AS_SAMPLED);
  const view = { tint: useMemo(() => tintOf(preset), [preset]), ...chosenView };
  const task = findTask(experiment.task);
  const arms = useMemo(() => experiment.arms.filter((arm) => arm.enabled), [experiment.arms]);
  const isLocked = useIsLocked('responses');
  if (isLocked || !task || (isRecording && Object.keys(responses).length === 0)) return null;
  const seeds = experiment.seeds;
  const seed = chosen !== undefined && seeds.includes(chosen) ? chosen : seeds[0];
  const events = newestCommon(arms.map((arm) => responses[runKey({ arm: arm.id, seed })] ?? []));
  const first = events.find((event) => event !== undefined);
  const most = Math.max(0, ...events.map((event) => event?.samples.length ?? 0));
  const tint =
    TINTS.find(({ id, needs }) => id === view.tint && !(needs && isRecording)) ?? TINTS[0];
  // What a recording cannot be asked it may have kept.
  const keptGain =
    isRecording && Object.values(probes).some((events) => events.some(({ gains }) => gains));
  const full = tint.full ?? Math.log(task.vocabulary.length);
  const promptText = first?.prompt.map((id) => task.vocabulary[id]).join('');

  return (
    <>
      <section className="charts" aria-labelledby="responses-title">
        <div className="responses-head">
          <h2 className="section-title" id="responses-title">
            Responses to one prompt{isRecording && ', recorded'}
          </h2>
          {first && (
            <span>
              <code className="prompt">{promptText}</code>{' '}
              <span className="quiet">
                right answer <b>{first.answer}</b>
              </span>
            </span>
          )}
          {seeds.length > 1 && (
            <SegmentedControl
              size="xs"
              aria-label="Seed"
              data={seeds.map((s) => ({ value: `${s}`, label: `seed ${s}` }))}
              value={`${seed}`}
              onChange={(value) => setChosen(Number(value))}
            />
          )}
        </div>
        <div className="responses-head">
          <ViewControls
            {...{ task, setView }}
            view={{ ...view, tint: tint.id }}
            hasEngine={!isRecording}
          />
          {!isRecording && (
            <span className="quiet small only-wide">Any token opens the microscope.</span>
          )}
          <TintLegend tint={tint} full={full} />
        </div>
        <Awaiting until={first ? undefined : 'from the first step on'}>
          <div className="responses">
            {arms.map((arm, index) => (
              <ArmResponses
                key={arm.id}
                {...{ arm, task, tint, full, view, isAll, isRecording }}
                event={events[index]}
              />
            ))}
          </div>
        </Awaiting>
        {most > FEW && (
          <Button
            size="xs"
            variant="default"
            style={{ justifySelf: 'start' }}
            onClick={() => setAll(!isAll)}
          >
            {isAll ? `Show ${FEW} of each` : `Show all ${most} of each`}
          </Button>
        )}
      </section>
      {(tint.gain || keptGain) && (
        <GainsThroughTraining
          {...{ experiment, arms }}
          gain={tint.gain ?? 'entropy'}
          label={(tint.gain ? tint : GAIN).label}
        />
      )}
      {!(isRecording && Object.keys(probes).length === 0) && (
        <Scrubber arms={arms} seed={seed} task={task} />
      )}
    </>
  );
}

interface ArmProps {
  arm: Arm;
  task: Task;
  tint: Tint;
  full: number;
  view: View;
  isAll: boolean;
  /** Its weights are not on the device: nothing can be looked at more closely. */
  isRecording: boolean;
  event: ResponsesEvent | undefined;
}

function ArmResponses({ arm, task, tint, full, view, isAll, isRecording, event }: ArmProps) {
  const { lens } = useLab();
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const isLookedAt = useDocumentVisibility() === 'visible' && inViewport;
  // Nobody looks, nothing is asked: not of a recording, not below the edge of the window, not behind another tab.
  const needs = isRecording || !isLookedAt ? undefined : tint.needs;
  const coefficients = useCoefficients(event, needs, task);
  const onLook = useCallback(
    (sample: ResponsesEvent['samples'][number], position: number) => {
      if (event) lens.look({ ...event, sample, position });
    },
    [lens, event],
  );
  const shown = event ? arranged(event.samples, view.show, view.order) : [];
  return (
    <section ref={ref} className="card responses-arm" aria-label={`Responses of ${arm.name}`}>
      <div className="chart-head">
        <LineSample color={arm.color} />
        <h3>{arm.name}</h3>
        <span className="quiet small number">
          {event ? `step ${event.step}, ${rightOf(event)}` : ''}
        </span>
      </div>
      <ol className="response-list" style={{ minHeight: FEW * 56 }}>
        {event && shown.length === 0 && (
          <li className="quiet small">No {view.show} response in this group.</li>
        )}
        {shown.slice(0, isAll ? undefined : FEW).map(({ sample, place }) => (
          <Response
            key={place}
            {...{ sample, task, tint, full, coefficients }}
            onLook={isRecording ? undefined : onLook}
          />
        ))}
      </ol>
      {tint.needs === 'answers' && (
        <GainSummary
          samples={shown.map(({ sample }) => sample)}
          {...{ tint, full, coefficients, task }}
        />
      )}
    </section>
  );
}

function rightOf(event: ResponsesEvent): string {
  const right = event.samples.filter((sample) => sample.correct).length;
  return `${right} of ${event.samples.length} right`;
}

/** What a preset's responses are tinted by at first: by what its methods look at, where that can be seen. */
function tintOf(preset: Experiment): string {
  const pays = preset.arms.some((arm) =>
    activeMethods(preset, arm, METHODS).some(({ needs }) => needs?.includes('answers')),
  );
  return (pays ? GAIN : TINTS[0]).id;
}

/** For every arm its responses at the newest step that all have, so that they answer the same prompt. */
function newestCommon(
  byArm: readonly Session['responses'][string][],
): (ResponsesEvent | undefined)[] {
  const present = byArm.filter((events) => events.length > 0);
  const common = present[0]?.find((event) =>
    present.every((events) => events.some((e) => e.step === event.step)),
  );
  // Before all arms have a step in common: those that are newest.
  const step = common?.step ?? Math.max(...present.map(([event]) => event.step));
  return byArm.map((events) => events.find((event) => event.step === step));
}
