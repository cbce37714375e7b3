/** How the curves are looked at, in one row: x-axis, lines, smoothing, metrics, zoom, projector. */
import { Button, SegmentedControl, Select } from '@mantine/core';
import { Help } from '../controls/Help.tsx';
import { setView, useView, WINDOWS } from '../view.ts';
import { MetricPicker } from './MetricPicker.tsx';
import { formatX, X_BY, type XBy } from './x_axis.ts';

export function ViewBar({ seeds, task }: { seeds: number; task: string }) {
  const by = useView((view) => view.by);
  const window = useView((view) => view.window);
  const spread = useView((view) => view.spread);
  return (
    <section className="view-bar" aria-label="View of the curves">
      <SegmentedControl
        size="xs"
        aria-label="X-axis"
        data={[...X_BY]}
        value={by}
        onChange={(value) => setView({ by: value as XBy })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Lines"
        disabled={seeds < 2}
        data={[
          { value: 'band', label: 'mean ± 95 %' },
          { value: 'seeds', label: 'each seed' },
        ]}
        value={seeds < 2 ? 'seeds' : spread}
        onChange={(value) => setView({ spread: value as 'band' | 'seeds' })}
      />
      <Select
        size="xs"
        w={156}
        aria-label="Smoothing"
        allowDeselect={false}
        data={WINDOWS.map((steps) => ({
          value: String(steps),
          label: steps === 1 ? 'not smoothed' : `smoothed, ${steps} steps`,
        }))}
        value={String(window)}
        onChange={(value) => setView({ window: Number(value) })}
      />
      <MetricPicker task={task} />
      <Help of="this view" width={360}>
        <p>
          <b>By tokens</b>: response tokens of a run so far, the sum of its mean response length ×
          responses a step. <b>By seconds</b>: the run’s own time, the sum of each step’s tokens ÷
          its measured tokens per second; evaluations and the turns of other runs are not in it.
        </p>
        <p>
          <b>Smoothed</b>: each seed’s mean over that many steps around a step (fewer at either
          end), before means and intervals are taken and before curves are thinned out for drawing.
          Read-outs, CSV files and the verdicts are never smoothed.
        </p>
        <p>
          <b>Zoom</b>: drag over a chart, or press + and − on a focused one; Shift with arrows
          moves, 0 or a double click shows all.
        </p>
      </Help>
      <span className="view-space" />
      <ZoomReset />
      <Button
        variant="default"
        size="xs"
        px={10}
        aria-keyshortcuts="p"
        onClick={() => setView({ projector: true })}
      >
        Projector
      </Button>
    </section>
  );
}

/** Its place is always kept, so that zooming moves nothing. */
function ZoomReset() {
  const zoom = useView((view) => view.zoom);
  const by = useView((view) => view.by);
  const range = zoom && `${formatX(zoom[0], by)} to ${formatX(zoom[1], by)}`;
  return (
    <Button
      className="zoom-reset"
      variant="default"
      size="xs"
      px={10}
      style={{ visibility: zoom ? 'visible' : 'hidden' }}
      onClick={() => setView({ zoom: undefined })}
    >
      {zoom ? `Show all (now ${range})` : 'Show all'}
    </Button>
  );
}
