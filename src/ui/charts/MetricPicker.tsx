/** Which charts are shown, and which of them large. */
import { Button, Checkbox, Popover, SegmentedControl } from '@mantine/core';
import { metricsOf } from '../../metrics/index.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { DEFAULT_VIEW, type Place, place, placeOf, setView, useView } from '../view.ts';
import { PHASE_PLOTS } from './phase_data.ts';
import { metricOf } from './phase_plot.ts';
import { switchedOff } from './switched_off.ts';
import { useMeasured } from './use_measured.ts';

const PLACES = [
  { value: 'large', label: 'large' },
  { value: 'small', label: 'small' },
  { value: 'off', label: 'off' },
];

export function MetricPicker({ task }: { task: string }) {
  const view = useView((state) => state);
  const metrics = metricsOf(task).filter(useMeasured());
  const experiment = useShownExperiment();
  const shown = metrics.filter(({ id }) => placeOf(view, id) !== 'off').length + view.phases.length;
  const { large, small, phases, log } = DEFAULT_VIEW;
  return (
    <Popover width={360} shadow="md" position="bottom-start" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs" px={10}>
          Charts: {shown} of {metrics.length + PHASE_PLOTS.length}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="metric-picker">
        {metrics.map((metric) => (
          <div key={metric.id} className="metric-row">
            <span>
              {metric.label}
              {'gauge' in metric && <span className="quiet small"> (takes time)</span>}
            </span>
            <SegmentedControl
              size="xs"
              aria-label={`Place of ${metric.label}`}
              data={PLACES}
              value={placeOf(view, metric.id)}
              onChange={(to) => setView(place(view, metric.id, to as Place))}
            />
          </div>
        ))}
        {PHASE_PLOTS.map((phase) => (
          <Checkbox
            key={phase.id}
            size="xs"
            label={phase.title}
            description={switchedOff(metricOf(phase.y), experiment)}
            disabled={switchedOff(metricOf(phase.y), experiment) !== undefined}
            checked={view.phases.includes(phase.id)}
            onChange={(event) => {
              const isOn = event.currentTarget.checked;
              const ids = PHASE_PLOTS.map(({ id }) => id);
              const chosen = (id: string) => (id === phase.id ? isOn : view.phases.includes(id));
              setView({ phases: ids.filter(chosen) });
            }}
          />
        ))}
        <Button variant="default" size="xs" onClick={() => setView({ large, small, phases, log })}>
          Back to the default
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
