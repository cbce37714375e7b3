/** For every two arms: by how much they differ at the last step both have, and whether that can be told from chance. */
import { useInViewport } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { Experiment } from '../../core/experiment.ts';
import { METRIC_INDEX, METRICS, type MetricId } from '../../metrics/index.ts';
import { useTurn } from '../charts/use_turn.ts';
import { Awaiting } from '../controls/Awaiting.tsx';
import { Help } from '../controls/Help.tsx';
import { LineSample } from '../controls/LineSample.tsx';
import type { History } from '../history.ts';
import { useView } from '../view.ts';
import { type Comparison, compare, MOST_SEEDS, pairsOf, verdictMetrics } from './compare.ts';
import { IntervalBar } from './IntervalBar.tsx';
import { difference, preface, range, seedsAdvice, verdict } from './words.ts';
import './verdict.css';

/** More pairs than this are folded away: those with the first arm stay. */
const MOST_PAIRS = 6;

interface Props {
  experiment: Experiment;
  history: History;
}

export function Verdict({ experiment, history }: Props) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const version = useTurn(history, inViewport);
  const [isWhole, setWhole] = useState(false);
  const arms = experiment.arms.filter((arm) => arm.enabled);
  const all = pairsOf(arms);
  const pairs = isWhole || all.length <= MOST_PAIRS ? all : all.filter(([, b]) => b === arms[0]);
  const key = pairs.map(([a, b]) => `${a.id} ${b.id}`).join();
  const seeds = experiment.seeds;
  const large = useView((view) => view.large);
  const metrics = useMemo(() => verdictMetrics(large, experiment.task), [large, experiment.task]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: key and version stand for pairs and content
  const table = useMemo(
    () => pairs.map(([a, b]) => metrics.map((id) => compare(history, id, a.id, b.id, seeds))),
    [history, key, seeds, metrics, version],
  );
  if (all.length === 0) return null;
  const cells = table.flat();
  const isEmpty = cells.every(({ outcome, stopped }) => outcome === 'none' && stopped === 0);
  const widest = metrics.map((_, column) => {
    const ends = table.flatMap((row) => [row[column].low, row[column].high, row[column].mean]);
    return Math.max(0, ...ends.filter(Number.isFinite).map(Math.abs));
  });
  return (
    <section ref={ref} className="card verdict" aria-labelledby="verdict-title">
      <div className="chart-head">
        <h3 id="verdict-title">Can the arms be told apart?</h3>
        <VerdictHelp count={table.length * metrics.length} />
      </div>
      <p className="quiet small">{preface(seeds.length)}</p>
      <Awaiting until={isEmpty ? 'from the first step on' : undefined}>
        {/* Roles are spelled out, since the narrow layout takes them from a table that is no table any more. */}
        {/* biome-ignore-start lint/a11y/noRedundantRoles: see above */}
        <table
          role="table"
          className="verdict-table number"
          data-seeds={seeds.length}
          data-columns={metrics.length}
        >
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">
                {seeds.length === 1 ? 'difference' : 'difference, 95 % interval'}
              </th>
              {metrics.map((id) => (
                <th key={id} role="columnheader" scope="col">
                  {labelOf(id)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {pairs.map(([a, b], row) => (
              <tr key={`${a.id} ${b.id}`} role="row">
                <th role="rowheader" scope="row">
                  <span className="verdict-arm">
                    <LineSample color={a.color} width={16} />
                    {a.name}
                  </span>
                  <span className="verdict-arm quiet">
                    <span aria-hidden="true">−</span>
                    <span className="visually-hidden">minus</span>
                    <LineSample color={b.color} width={16} />
                    {b.name}
                  </span>
                </th>
                {metrics.map((id, column) => (
                  <td key={id} role="cell" data-label={labelOf(id)}>
                    <Cell
                      comparison={table[row][column]}
                      widest={widest[column]}
                      isAlone={seeds.length === 1}
                      isEmpty={isEmpty}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
      </Awaiting>
      {all.length > MOST_PAIRS && (
        <button type="button" className="verdict-more" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Only against the first arm' : `All ${all.length} pairs`}
        </button>
      )}
    </section>
  );
}

function labelOf(id: MetricId): string {
  const { label, unit } = METRICS[METRIC_INDEX[id]];
  return unit ? `${label}, ${unit}` : label;
}

interface CellProps {
  comparison: Comparison;
  widest: number;
  /** There is one seed: what follows from that is said once, above. */
  isAlone: boolean;
  /** No cell of the table has anything: that is said once, over all of them. */
  isEmpty: boolean;
}

function Cell({ comparison, widest, isAlone, isEmpty }: CellProps) {
  const { outcome, step, n, stopped } = comparison;
  const isTold = outcome === 'higher' || outcome === 'lower';
  const advice = seedsAdvice(comparison);
  const at =
    outcome === 'none' ? 'not measured yet' : `At step ${step}, ${n} ${n === 1 ? 'seed' : 'seeds'}`;
  const without = stopped > 0 ? `, without ${stopped} that stopped` : '';
  return (
    <div className="verdict-cell" data-outcome={outcome} title={at + without}>
      <span className="verdict-value">
        {isEmpty ? '\u00a0' : outcome === 'none' ? '–' : difference(comparison)}
        <span className="quiet small">{range(comparison)}</span>
      </span>
      <IntervalBar comparison={comparison} widest={widest} />
      <span className={isTold ? 'small verdict-told' : 'quiet small'}>
        {!isAlone && verdict(comparison)}
        {advice && <span className="verdict-advice">{advice}</span>}
        {stopped > 0 && <span>{isAlone ? 'it stopped' : `, without ${stopped} that stopped`}</span>}
      </span>
    </div>
  );
}

function VerdictHelp({ count }: { count: number }) {
  return (
    <Help of="these verdicts" width={380}>
      <p>
        Runs of one seed start from the same weights and see the same prompts, so they are compared
        in pairs: the mean of their differences over the seeds, with its 95 % t-interval, at the
        last step at which every pair was measured. Where the interval contains zero, chance alone
        may have made the difference.
      </p>
      <p>
        <b>Seeds that would likely be enough</b>: the fewest with which the interval would leave
        zero in four of five repetitions, if the true difference and its spread over seeds are as
        seen here, and spread like a normal distribution. From two or three seeds that is a rough
        guess; beyond {MOST_SEEDS} none is made.
      </p>
      <p className="quiet small">
        {count} intervals stand here: one in twenty misses by chance. Watching until one leaves zero
        makes that worse; decide on seeds and steps before. What holds at this step, task and
        strength may not hold elsewhere.
      </p>
    </Help>
  );
}
