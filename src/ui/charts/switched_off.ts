import type { Experiment } from '../../core/experiment.ts';
import { TRAINER_PARAMS } from '../../core/settings.ts';
import type { Metric } from '../../metrics/index.ts';

/** What to switch on for a metric that costs something, where it is off. */
export function switchedOff({ setting }: Metric, { values }: Experiment): string | undefined {
  if (!setting || values[`trainer.${setting}`]) return undefined;
  return `switch on “${TRAINER_PARAMS[setting].label}”`;
}
