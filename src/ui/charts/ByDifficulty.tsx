/** Held-out accuracy by difficulty at the newest evaluation: where an arm gains and where it breaks. */
import { type Arm, runKey } from '../../core/experiment.ts';
import { useDetails, useSession } from '../context.ts';
import { Awaiting } from '../controls/Awaiting.tsx';
import { Help } from '../controls/Help.tsx';
import { Sideways } from '../controls/Sideways.tsx';
import { useArmColor } from '../controls/use_arm_color.ts';
import { findTask } from '../declared.ts';
import type { DifficultyEvent, Session } from '../store.ts';

interface Props {
  arms: readonly Arm[];
  task: string;
}

export function ByDifficulty({ arms, task }: Props) {
  const difficulty = useDetails('difficulty');
  const seeds = useSession(
    ({ recording, opened, draft }) => (recording?.experiment ?? opened ?? draft).seeds,
  );
  const isEmptyRecording = useSession(
    ({ recording }) => recording !== undefined && recording.details === undefined,
  );
  const colorOf = useArmColor();
  if (isEmptyRecording) return null;
  const rows = arms.map((arm) => ({ arm, ...newest(difficulty, arm.id, seeds) }));
  const levels = [...new Set(rows.flatMap((row) => [...row.means.keys()]))].sort((a, b) => a - b);
  const label = findTask(task)?.difficulty_label ?? 'difficulty';
  return (
    <section className="card chart chart-wide" aria-label={`Held-out accuracy by ${label}`}>
      <div className="chart-head">
        <h3>accuracy (held-out) by {label}</h3>
        <Help of="accuracy by difficulty">
          <p>
            Share of right answers at the newest evaluation, separately for each number of {label}{' '}
            and averaged over the seeds. Hard problems show first what a regularizer does.
          </p>
        </Help>
      </div>
      <Awaiting until={levels.length === 0 ? 'from the first evaluation on' : undefined}>
        <Sideways
          label={`Held-out accuracy by ${label}`}
          style={{ minHeight: 34 * (arms.length + 1) }}
        >
          <div>
            {levels.length > 0 && (
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">
                      <span className="visually-hidden">arm</span>
                    </th>
                    {levels.map((level) => (
                      <th key={level} scope="col">
                        {level}
                      </th>
                    ))}
                    <th scope="col">at step</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ arm, means, step }) => (
                    <tr key={arm.id} style={{ '--arm': colorOf(arm.color) } as React.CSSProperties}>
                      <th scope="row">{arm.name}</th>
                      {levels.map((level) => (
                        <Cell key={level} value={means.get(level)} />
                      ))}
                      <td className="quiet">{step ?? '–'}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </div>
        </Sideways>
      </Awaiting>
    </section>
  );
}

function Cell({ value }: { value: number | undefined }) {
  return (
    <td>
      {value === undefined ? '–' : value.toFixed(2)}
      <div className="table-bar">
        <div style={{ width: `${100 * (value ?? 0)}%` }} />
      </div>
    </td>
  );
}

/** Means over the seeds at the newest evaluation that all of them have. */
function newest(difficulty: Session['difficulty'], arm: string, seeds: readonly number[]) {
  const found = seeds.flatMap((seed) => difficulty[runKey({ arm, seed })] ?? []);
  const steps = new Set(found.map(({ last }) => last.step));
  // While the seeds take turns some have the evaluation before; the newest that stands for most is shown.
  const step = steps.size > 0 ? Math.max(...steps) : undefined;
  const events: DifficultyEvent[] = found.map(({ last }) => last).filter((e) => e.step === step);
  const sums = new Map<number, { sum: number; n: number }>();
  for (const [level, accuracy] of events.flatMap((event) => event.pairs)) {
    const { sum, n } = sums.get(level) ?? { sum: 0, n: 0 };
    sums.set(level, { sum: sum + accuracy, n: n + 1 });
  }
  const means = new Map([...sums].map(([level, { sum, n }]) => [level, sum / n]));
  return { means, step };
}
