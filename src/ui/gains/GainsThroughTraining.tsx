/** Below the token view: which tokens tell about the answer, and where in the reasoning, at every evaluation. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { type Arm, type Experiment, runKey } from '../../core/experiment.ts';
import type { Gain } from '../../core/gain_profile.ts';
import { gradient } from '../charts/PhaseChart.tsx';
import { useDetails, useLab, useSession } from '../context.ts';
import { Awaiting } from '../controls/Awaiting.tsx';
import { Help } from '../controls/Help.tsx';
import { plural } from '../format.ts';
import { ArmGains } from './ArmGains.tsx';
import { gainHistory } from './gain_history.ts';
import { gainAxis } from './gain_plots.ts';

interface Props {
  experiment: Experiment;
  arms: readonly Arm[];
  gain: Gain;
  /** What one token tells, as the tint says it. */
  label: string;
}

export function GainsThroughTraining({ experiment, arms, gain, label }: Props) {
  const { lens } = useLab();
  const scheme = useComputedColorScheme('light');
  const probes = useDetails('probes');
  const isRecording = useSession((session) => session.recording !== undefined);
  const isBusy = useSession((session) => session.isQueued || session.state === 'running');
  useEffect(() => (isRecording ? undefined : lens.watchGains()), [lens, isRecording]);
  const { seeds } = experiment;
  const histories = useMemo(
    () =>
      arms.map(({ id }) =>
        gainHistory(
          seeds.map((seed) => probes[runKey({ arm: id, seed })] ?? []),
          gain,
        ),
      ),
    [arms, seeds, probes, gain],
  );
  const y = useMemo(() => gainAxis(histories), [histories]);
  const newest = Math.max(0, ...histories.flat().map(({ step }) => step));
  const [sample] = histories.flat();
  const isFirst = Object.values(probes).every((events) => events.length === 0);
  const empty = isRecording
    ? 'not in this file: not asked for while the run was trained'
    : isBusy || !isFirst
      ? 'from the next evaluation on'
      : 'drawn from the first evaluation on';
  return (
    <section className="charts" aria-labelledby="gains-title">
      <div className="responses-head">
        <h2 className="section-title" id="gains-title">
          Which tokens tell, through training
        </h2>
        <Help of="which tokens tell, through training" width={340}>
          <p>
            At each evaluation one response to every held-out problem is stopped after each of its
            tokens, and the model is made to answer there. Left: the mean of what a token tells by
            its place in the reasoning, in tenths of each response’s own length; color is time.
            Right: the mean by kind of token.
          </p>
          <p className="quiet small">
            The same problems every time, so that the curves compare; means over the seeds, ± their
            standard deviation. Read while this tint is chosen, and always with “measure
            information”; it costs a forward pass of about twice the rows at an evaluation. No
            answer is read past a response’s own marker.
          </p>
        </Help>
        <span className="quiet small number">
          {sample
            ? `${label}: mean nats a token, ${plural(sample.responses, 'held-out response')}${sample.seeds > 1 ? ` × ${plural(sample.seeds, 'seed')}` : ''}`
            : `${label}: mean nats a token`}
        </span>
        {newest > 0 && (
          <span className="time-key quiet small number">
            0
            <span style={{ background: gradient(scheme) }} />
            step {newest}
          </span>
        )}
      </div>
      <Awaiting until={sample ? undefined : empty}>
        <div className="responses">
          {arms.map((arm, i) => (
            <ArmGains
              key={arm.id}
              {...{ arm, y, newest, label }}
              empty={sample && empty}
              history={histories[i]}
              evaluated={probes[runKey({ arm: arm.id, seed: seeds[0] })]?.[0]?.step}
            />
          ))}
        </div>
      </Awaiting>
    </section>
  );
}
