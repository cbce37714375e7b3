// Charts of a value head stand only where some arm has one.
import { expect, test } from 'vitest';
import { parseExperiment } from '../../src/core/parse.ts';
import { METRIC_INDEX, METRICS } from '../../src/metrics/index.ts';
import { isMeasured } from '../../src/ui/charts/use_measured.ts';
import { CATALOG } from '../../src/ui/declared.ts';

const of = (change: object) => parseExperiment(change, CATALOG).experiment;
const arms = (enabled: boolean) => [{ id: 'none' }, { id: 'ppo', methods: ['gae'], enabled }];
const value = METRICS[METRIC_INDEX.explained_variance];
const plain = of({});

test('a metric that needs nothing is always there', () => {
  expect(isMeasured(METRICS[METRIC_INDEX.entropy], [plain])).toBe(true);
});

test('one of the value head where an enabled arm has one', () => {
  expect(isMeasured(value, [plain])).toBe(false);
  expect(isMeasured(value, [of({ arms: arms(true) })])).toBe(true);
  expect(isMeasured(value, [of({ arms: arms(false) })])).toBe(false);
});

test('where all arms share the method, and where a kept run is drawn that had it', () => {
  const shared = of({ methods: ['gae', 'ppo_clip'] });
  expect(isMeasured(value, [shared])).toBe(true);
  expect(isMeasured(value, [plain, shared])).toBe(true);
  // An arm with an estimator of its own does without the shared one.
  const replaced = of({ methods: ['gae', 'ppo_clip'], arms: [{ id: 'a', methods: ['rloo'] }] });
  expect(isMeasured(value, [replaced])).toBe(false);
});
