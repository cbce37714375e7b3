// Charts of a value head or a controlled value stand only where some arm has one, charts of a layer where some model has it.
import { expect, test } from 'vitest';
import { MODEL_PRESETS } from '../../src/core/model_config.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METRIC_INDEX, METRICS, type Metric } from '../../src/metrics/index.ts';
import { isMeasured } from '../../src/ui/charts/use_measured.ts';
import { CATALOG } from '../../src/ui/declared.ts';

const of = (change: object) => parseExperiment(change, CATALOG).experiment;
const arms = (enabled: boolean) => [{ id: 'none' }, { id: 'ppo', methods: ['gae'], enabled }];
const value = METRICS[METRIC_INDEX.explained_variance];
const plain = of({});

test('a metric that needs nothing is always there', () => {
  expect(isMeasured(METRICS[METRIC_INDEX.entropy], [plain])).toBe(true);
});

test('one of a layer where some model has it', () => {
  const [second, third] = [METRIC_INDEX.attention_entropy_2, METRIC_INDEX.attention_entropy_3];
  const [nano, micro] = ['nano', 'micro'].map((model) => of({ model }));
  expect(isMeasured(METRICS[second], [nano])).toBe(true);
  expect(isMeasured(METRICS[third], [nano])).toBe(false);
  expect(isMeasured(METRICS[third], [nano, micro])).toBe(true);
});

test('every layer of the deepest model has a row', () => {
  const layers = METRICS.flatMap((metric: Metric) => metric.layer ?? []);
  const most = Math.max(...Object.values(MODEL_PRESETS).map((m) => m.n_layer));
  expect(layers).toEqual(Array.from({ length: most }, (_, l) => l + 1));
});

test('one of the value head where an enabled arm has one', () => {
  expect(isMeasured(value, [plain])).toBe(false);
  expect(isMeasured(value, [of({ arms: arms(true) })])).toBe(true);
  expect(isMeasured(value, [of({ arms: arms(false) })])).toBe(false);
});

test('a controlled value where a method steers one', () => {
  const controlled = METRICS[METRIC_INDEX.controlled];
  expect(isMeasured(controlled, [plain])).toBe(false);
  const steered = of({ arms: [{ id: 'a', methods: ['adaptive_entropy'] }] });
  expect(isMeasured(controlled, [steered])).toBe(true);
});

test('where all arms share the method, and where a kept run is drawn that had it', () => {
  const shared = of({ methods: ['gae', 'ppo_clip'] });
  expect(isMeasured(value, [shared])).toBe(true);
  expect(isMeasured(value, [plain, shared])).toBe(true);
  // An arm with an estimator of its own does without the shared one.
  const replaced = of({ methods: ['gae', 'ppo_clip'], arms: [{ id: 'a', methods: ['rloo'] }] });
  expect(isMeasured(value, [replaced])).toBe(false);
});
