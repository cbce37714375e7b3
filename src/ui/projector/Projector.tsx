/**
 * For the back row: three charts with names at the lines' ends, the transport, and nothing else. It stands beside the
 * page, which is out of sight meanwhile; p or Escape goes back.
 */
import { Button } from '@mantine/core';
import { useViewportSize } from '@mantine/hooks';
import { type CSSProperties, useEffect, useMemo } from 'react';
import { createPortal } from 'react-dom';
import { useHotkeys } from 'react-hotkeys-hook';
import type { Experiment } from '../../core/experiment.ts';
import { metricsOf } from '../../metrics/index.ts';
import { type DrawnArm, projectorFrame } from '../charts/frame.ts';
import { MetricChart } from '../charts/MetricChart.tsx';
import { drawnAs } from '../charts/notes.ts';
import { useMeasured } from '../charts/use_measured.ts';
import type { XScale } from '../charts/x_axis.ts';
import { useSession } from '../context.ts';
import type { History } from '../history.ts';
import { Notices } from '../session/Notices.tsx';
import { Transport } from '../session/Transport.tsx';
import { isInDialog } from '../use_window.ts';
import { setView, useView } from '../view.ts';
import { LineEnds } from './LineEnds.tsx';
import './projector.css';

/** No more than these have room. */
const CHARTS = 3;

interface Props {
  experiment: Experiment;
  history: History;
  arms: readonly DrawnArm[];
  scale: XScale;
  last: number;
}

export function Projector({ experiment, history, arms, scale, last }: Props) {
  const { width, height } = useViewportSize();
  const font = Math.round(Math.max(15, Math.min(28, width / 62, height / 40)));
  const frame = useMemo(() => projectorFrame(font), [font]);
  const large = useView((view) => view.large);
  const spread = useView((view) => view.spread);
  const window = useView((view) => view.window);
  const isRecording = useSession((session) => session.recording !== undefined);
  const line = font / 4.5;
  // Dashes grow with the lines, or a dotted one would close up.
  const drawn = useMemo(
    () => arms.map((arm) => ({ ...arm, dash: longer(arm.dash, line / 2) })),
    [arms, line],
  );
  // A window over the projector is left first; by now it may be gone, but not what in it had the focus.
  useHotkeys('esc', leave, { ignoreEventWhen: isInDialog });
  useEffect(() => {
    const { dataset } = document.documentElement;
    dataset.projector = '';
    return () => {
      delete dataset.projector;
    };
  }, []);
  const isShown = useMeasured();
  const metrics = metricsOf(experiment.task)
    .filter(isShown)
    .filter((metric) => large.includes(metric.id))
    .slice(0, CHARTS);
  return createPortal(
    <main
      className="projector"
      data-charts={metrics.length}
      style={{ '--font': `${font}px` } as CSSProperties}
    >
      <div className="projector-head">
        <h1>{experiment.name}</h1>
        <Button variant="default" aria-keyshortcuts="p" onClick={leave}>
          Leave (p)
        </Button>
      </div>
      <Transport />
      <Notices />
      <div className="projector-legend">
        {drawn.map((arm) => (
          <span key={arm.id}>
            <svg width={4 * font} height={font} aria-hidden="true" focusable="false">
              <path
                d={`M0 ${font / 2}H${4 * font}`}
                stroke={arm.stroke}
                strokeWidth={line}
                strokeDasharray={arm.dash}
              />
            </svg>
            {arm.name}
          </span>
        ))}
        <span className="quiet projector-small">
          {drawnAs({ window, spread }, experiment.seeds.length)}
        </span>
      </div>
      <div className="projector-charts">
        {metrics.map((metric) => (
          <MetricChart
            key={metric.id}
            metric={metric}
            history={history}
            arms={drawn}
            scale={scale}
            last={last}
            isLarge
            emptyText={isRecording ? 'not in the file' : 'press Start'}
            frame={frame}
            line={line}
            head={
              <div className="projector-title">
                <h2>
                  {metric.label}
                  {metric.unit && <span className="quiet">, {metric.unit}</span>}
                </h2>
                <p>{firstSentence(metric.help)}</p>
              </div>
            }
            ends={(data, x, w, h) => (
              <>
                <LineEnds
                  data={data}
                  x={x}
                  arms={drawn}
                  width={w}
                  height={h}
                  frame={frame}
                  font={font}
                />
                <span
                  className="projector-axis quiet"
                  style={{ left: w - frame.right + 1.4 * font }}
                >
                  {scale.by}
                </span>
              </>
            )}
          />
        ))}
      </div>
    </main>,
    document.body,
  );
}

function leave(): void {
  setView({ projector: false });
}

function firstSentence(help: string): string {
  return /^.*?[.;](?=\s|$)/.exec(help)?.[0].replace(/;$/, '.') ?? help;
}

export function longer(dash: string, factor: number): string {
  if (dash === '') return '';
  return dash
    .split(' ')
    .map((part) => Math.round(Number(part) * factor * 10) / 10)
    .join(' ');
}
