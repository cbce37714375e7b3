/** How far each run is, one segment a run in its arm's color; while preparing, how much is prepared. */
import { type RunId, runKey, runsOf } from '../../core/experiment.ts';
import { useGrowingHistory, useSession } from '../context.ts';
import { useArmColor } from '../controls/use_arm_color.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';

export function Track() {
  const history = useGrowingHistory();
  const experiment = useShownExperiment();
  const state = useSession((session) => session.state);
  const progress = useSession((session) => session.progress);
  const colorOf = useArmColor();
  const planned = experiment.values['trainer.steps'];

  if (state === 'preparing' || state === 'empty') {
    const share = (progress?.done ?? 0) / Math.max(1, progress?.total ?? 1);
    return (
      <Bar label="Preparation" share={share}>
        <Segment share={share} color="var(--ink)" />
      </Bar>
    );
  }
  const byArm = (a: RunId, b: RunId) => armIndex(a) - armIndex(b);
  const armIndex = (run: RunId) => experiment.arms.findIndex((arm) => arm.id === run.arm);
  const runs = runsOf(experiment).sort(byArm);
  return (
    <Bar label="Steps" share={history.completeStep(runs) / planned}>
      {runs.map((run) => {
        const arm = experiment.arms[armIndex(run)];
        const record = history.run(run);
        const step = Math.max(0, (record?.length ?? 1) - 1);
        const end = record?.failed ? ', stopped' : '';
        return (
          <Segment
            key={runKey(run)}
            share={step / planned}
            color={colorOf(arm.color)}
            title={`${arm.name}, seed ${run.seed}: step ${step} of ${planned}${end}`}
          />
        );
      })}
    </Bar>
  );
}

interface BarProps {
  label: string;
  share: number;
  children: React.ReactNode;
}

function Bar({ label, share, children }: BarProps) {
  return (
    <div
      className="track"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * Math.min(1, share))}
    >
      {children}
    </div>
  );
}

function Segment({ share, color, title }: { share: number; color: string; title?: string }) {
  return (
    <div className="track-run" title={title}>
      <div style={{ width: `${100 * Math.min(1, share)}%`, background: color }} />
    </div>
  );
}
