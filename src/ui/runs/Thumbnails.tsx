/** A run's entropy and accuracy at a glance. */
import { useArmColor } from '../controls/use_arm_color.ts';
import { armStyle } from '../palette.ts';
import type { KeptRun } from '../storage/record.ts';

const WIDTH = 84;
const HEIGHT = 34;

export function Thumbnails({ run }: { run: KeptRun }) {
  return (
    <div className="run-pictures" aria-hidden="true">
      <Picture run={run} metric="entropy" label="entropy" />
      <Picture run={run} metric="accuracy" label="accuracy" />
    </div>
  );
}

interface Props {
  run: KeptRun;
  metric: 'entropy' | 'accuracy';
  label: string;
}

function Picture({ run, metric, label }: Props) {
  const colorOf = useArmColor();
  const curves = run.thumbnail[metric];
  const most = Math.max(metric === 'accuracy' ? 1 : 0.1, ...Object.values(curves).flat());
  return (
    <figure>
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="presentation">
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="var(--line)" />
        {run.experiment.arms.map(({ id, color }) => (
          <polyline
            key={id}
            points={points(curves[id] ?? [], most)}
            fill="none"
            stroke={colorOf(color)}
            strokeDasharray={armStyle(color).dash}
            strokeWidth="1.5"
          />
        ))}
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}

function points(values: readonly number[], most: number): string {
  const last = Math.max(1, values.length - 1);
  return values
    .map((value, i) => {
      const y = HEIGHT - 2 - (HEIGHT - 4) * Math.min(1, Math.max(0, value / most));
      return `${((WIDTH * i) / last).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
