/** Which metrics exist for the arms on the charts: some need what only certain methods or models bring. */
import { useMemo } from 'react';
import { activeMethods } from '../../core/catalog.ts';
import type { Experiment } from '../../core/experiment.ts';
import { MODEL_PRESETS } from '../../core/model_config.ts';
import { METHODS } from '../../methods/index.ts';
import type { Metric } from '../../metrics/index.ts';
import { findTask } from '../declared.ts';
import { useOverlays } from '../runs/overlays.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';

/** Some model has the metric's layer, some task answers that can be read, some enabled arm a method that needs, or steers, what it is about. */
export function isMeasured(
  { needs, readsAnswers, layer = 0 }: Metric,
  experiments: readonly Experiment[],
): boolean {
  if (!experiments.some(({ model }) => MODEL_PRESETS[model].n_layer >= layer)) return false;
  if (readsAnswers && !experiments.some(({ task }) => findTask(task)?.answer)) return false;
  if (!needs) return true;
  return experiments.some((experiment) =>
    experiment.arms
      .filter((arm) => arm.enabled)
      .flatMap((arm) => activeMethods(experiment, arm, METHODS))
      .some((method) => (needs === 'state' ? method.state : method.needs?.includes(needs))),
  );
}

/** Of the shown experiment and of the kept runs that are drawn over it. */
export function useMeasured(): (metric: Metric) => boolean {
  const shown = useShownExperiment();
  const { overlays } = useOverlays();
  return useMemo(() => {
    const experiments = [shown, ...overlays.map(({ experiment }) => experiment)];
    return (metric) => isMeasured(metric, experiments);
  }, [shown, overlays]);
}
