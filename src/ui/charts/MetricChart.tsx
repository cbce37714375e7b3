/** One metric: title with help, read-outs per arm, curves with bands. */
import { useElementSize, useInViewport } from '@mantine/hooks';
import { memo, Suspense, useMemo } from 'react';
import type { Metric } from '../../metrics/index.ts';
import { Formula } from '../controls/Formula.tsx';
import { Help } from '../controls/Help.tsx';
import type { History } from '../history.ts';
import { type Axis, stepAxis } from './axis.ts';
import { Curves, type DrawnArm } from './Curves.tsx';
import { chartData } from './chart_data.ts';
import { PlotOverlay } from './PlotOverlay.tsx';
import { Readouts } from './Readouts.tsx';
import { useTurn } from './use_turn.ts';

interface Props {
  metric: Metric;
  history: History;
  arms: readonly DrawnArm[];
  /** Right end of the step axis. */
  lastStep: number;
  /** What stands in an empty chart. */
  emptyText?: string;
}

export const MetricChart = memo(function MetricChart(props: Props) {
  const { metric, history, arms, lastStep, emptyText } = props;
  const { ref: card, inViewport } = useInViewport<HTMLElement>();
  const version = useTurn(history, inViewport);
  const { ref, width, height } = useElementSize();
  const ids = arms.map((arm) => arm.id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: version stands for the history's content
  const data = useMemo(
    () => chartData(history, metric, ids === '' ? [] : ids.split(',')),
    [history, metric, ids, version],
  );
  const x: Axis = useMemo(
    () => stepAxis(lastStep, metric.size === 'large' ? 5 : 3),
    [lastStep, metric],
  );
  const isEmpty = data.rows.length === 0;
  return (
    <figure
      ref={card}
      className="card chart"
      data-metric={metric.id}
      data-points={data.rows.length}
    >
      <div className="chart-head">
        <h3>{metric.label}</h3>
        {metric.unit && <span className="quiet small">{metric.unit}</span>}
        <Help of={metric.label} width={340}>
          <p>{metric.help}</p>
          <Suspense fallback={<div style={{ minHeight: 44 }} />}>
            <Formula tex={metric.formula} />
          </Suspense>
          <p className="quiet small">
            Measured {metric.when === 'step' ? 'at every step' : 'at evaluations only'}.
          </p>
        </Help>
      </div>
      <Readouts metric={metric} history={history} version={version} arms={arms} />
      <div className="plot" ref={ref}>
        {width > 0 && (
          <Curves data={data} x={x} arms={arms} width={width} height={height} isEmpty={isEmpty} />
        )}
        {isEmpty ? (
          emptyText && (
            <div className="plot-empty">
              <span>{emptyText}</span>
            </div>
          )
        ) : (
          <PlotOverlay
            metric={metric}
            history={history}
            arms={arms}
            rows={data.rows}
            last={x.domain[1]}
            width={width}
            height={height}
          />
        )}
      </div>
    </figure>
  );
});
