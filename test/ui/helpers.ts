/** The shipped preset, for tests of the page. */
import preset from '../../public/presets/naive-vs-ib.json' with { type: 'json' };
import type { Experiment } from '../../src/core/experiment.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { CATALOG } from '../../src/ui/declared.ts';

export function shippedPreset(): Experiment {
  return parseExperiment(preset, CATALOG).experiment;
}
