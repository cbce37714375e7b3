/** One position's distribution over training: tokens down, evaluations across. Darker is likelier. */
import type { Task } from '../../tasks/task.ts';
import { formatValue } from '../format.ts';
import { entropyOf, heatCells } from './heat.ts';

interface Props {
  name: string;
  task: Task;
  position: number;
  /** Step of the scrubber. */
  at: number;
  steps: readonly number[];
  /** Distributions [V]; empty where an evaluation has none. */
  columns: readonly { step: number; row: Float32Array }[];
}

const ROW = 15;
const LABEL = 28;
const WIDTH = 260;

export function HeatMap({ name, task, position, at, steps, columns }: Props) {
  const V = task.vocabulary.length;
  const width = (WIDTH - LABEL) / Math.max(8, steps.length);
  const xOf = (step: number) => LABEL + steps.indexOf(step) * width;
  const entropies = columns.map(({ row }) => entropyOf(row));
  const shown = columns.findLastIndex(({ step }) => step <= at);
  const label =
    columns.length === 0
      ? `${name}: no distribution yet`
      : `${name}: distribution at position ${position + 1}; entropy ${formatValue(entropies[0])} nats at first, ${formatValue(entropies.at(-1))} at the newest evaluation`;
  return (
    <figure className="heat">
      <svg viewBox={`0 0 ${WIDTH} ${V * ROW}`} role="img" aria-label={label}>
        {task.vocabulary.map((text, id) => (
          <text key={text} x={LABEL - 6} y={id * ROW + 11} textAnchor="end">
            {id === task.eos ? 'end' : text}
          </text>
        ))}
        <rect className="heat-empty" x={LABEL} y={0} width={WIDTH - LABEL} height={V * ROW} />
        {heatCells(
          columns.map(({ step, row }) => ({ x: xOf(step), row })),
          width + 0.3,
          ROW,
        ).map(({ shade, d }) => (
          <path key={shade} className="heat-cell" d={d} fillOpacity={shade} />
        ))}
        {shown >= 0 && (
          <rect
            className="heat-mark"
            x={xOf(columns[shown].step)}
            y={0.5}
            width={Math.max(2, width)}
            height={V * ROW - 1}
          />
        )}
      </svg>
      <figcaption className="small quiet number">
        {shown >= 0 ? (
          <>
            entropy here <b>{formatValue(entropies[shown])}</b> nats, at first{' '}
            {formatValue(entropies[0])}
          </>
        ) : (
          'entropy here –'
        )}
      </figcaption>
    </figure>
  );
}
