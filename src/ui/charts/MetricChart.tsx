/** One metric: title with help and menu, read-outs per arm, curves with bands or a line for each seed. */
import { useElementSize, useInViewport } from '@mantine/hooks';
import { memo, type ReactNode, useMemo } from 'react';
import type { Metric } from '../../metrics/index.ts';
import type { History } from '../history.ts';
import { PredictionBand, useHighestPrediction } from '../tour/PredictionBand.tsx';
import { useView } from '../view.ts';
import type { Axis } from './axis.ts';
import { axisFor } from './axis.ts';
import { ChartMenu } from './ChartMenu.tsx';
import { Curves } from './Curves.tsx';
import {
  type ChartData,
  type ChartOptions,
  chartData,
  MAX_POINTS,
  MAX_POINTS_SMALL,
} from './chart_data.ts';
import { type DrawnArm, FRAME, type Frame } from './frame.ts';
import { MetricHelp } from './MetricHelp.tsx';
import { PlotOverlay } from './PlotOverlay.tsx';
import { Readouts } from './Readouts.tsx';
import { chartSummary } from './summary.ts';
import { useTurn } from './use_turn.ts';
import { type XScale, xAxis } from './x_axis.ts';
import type { Domain } from './zoom.ts';

interface Props {
  metric: Metric;
  history: History;
  arms: readonly DrawnArm[];
  scale: XScale;
  /** Right end of the whole x-axis. */
  last: number;
  isLarge: boolean;
  /** What stands in an empty chart. */
  emptyText?: string;
  /** On a projector: another frame, thicker lines, names at the ends, no menu. */
  frame?: Frame;
  line?: number;
  head?: ReactNode;
  ends?: (data: ChartData, x: Axis, width: number, height: number) => ReactNode;
}

export const MetricChart = memo(function MetricChart(props: Props) {
  const { metric, history, arms, scale, last, isLarge, emptyText, frame = FRAME } = props;
  const { ref: card, inViewport } = useInViewport<HTMLElement>();
  const version = useTurn(history, inViewport);
  const { ref, width, height } = useElementSize();
  const window = useView((view) => view.window);
  const spread = useView((view) => view.spread);
  const zoom = useView((view) => view.zoom);
  const isLog = useView((view) => view.log.includes(metric.id));
  const ids = arms.map((arm) => arm.id).join();
  const options: ChartOptions = useMemo(
    () => ({ scale, window, spread, isLog, zoom, points: isLarge ? MAX_POINTS : MAX_POINTS_SMALL }),
    [scale, window, spread, isLog, zoom, isLarge],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: version stands for the history's content
  const measured = useMemo(
    () => chartData(history, metric, ids === '' ? [] : ids.split(','), options),
    [history, metric, ids, options, version],
  );
  const predicted = useHighestPrediction(metric.id, arms);
  const data = useMemo(() => {
    const { domain } = measured.y;
    // The axis makes room for what was predicted; a log axis and a natural range stay.
    if (isLog || metric.range || predicted <= domain[1]) return measured;
    return { ...measured, y: axisFor(domain[0], predicted) };
  }, [measured, predicted, isLog, metric]);
  const x = useMemo(() => {
    return xAxis(scale, last, zoom, isLarge ? 5 : 3);
  }, [scale, zoom, last, isLarge]);
  const isEmpty = data.rows.length === 0;
  const extent: Domain = [data.rows[0]?.x ?? 0, data.rows[data.rows.length - 1]?.x ?? 0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: version stands for the history's content
  const summary = useMemo(() => chartSummary(history, metric, arms), [metric, arms, version]);
  return (
    <figure
      ref={card}
      className="card chart"
      data-metric={metric.id}
      data-points={data.rows.length}
    >
      {props.head ?? (
        <div className="chart-head">
          <h3 title={metric.label}>{metric.label}</h3>
          {isLog && <span className="tag">log</span>}
          {metric.unit && <span className="quiet small">{metric.unit}</span>}
          <MetricHelp metric={metric} />
          <ChartMenu metric={metric} arms={arms} scale={scale} last={last} />
        </div>
      )}
      <figcaption className="visually-hidden">{summary}</figcaption>
      {!props.head && (
        <Readouts metric={metric} history={history} version={version} scale={scale} arms={arms} />
      )}
      <div className="plot" ref={ref}>
        {width > 0 && (
          <Curves
            data={data}
            x={x}
            arms={arms}
            width={width}
            height={height}
            frame={frame}
            isLog={isLog}
            isEmpty={isEmpty}
            line={props.line}
          />
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
            scale={scale}
            domain={x.domain}
            whole={[0, Math.max(1, last)]}
            extent={extent}
            width={width}
            height={height}
            frame={frame}
          />
        )}
        {scale.by === 'step' && !isLog && (
          <PredictionBand
            metric={metric.id}
            arms={arms}
            width={width}
            height={height}
            frame={frame}
            x={x.domain}
            y={data.y.domain}
          />
        )}
        {width > 0 && props.ends?.(data, x, width, height)}
        {data.dropped > 0 && <span className="plot-note">values of 0 or less: not drawn</span>}
      </div>
    </figure>
  );
});
