/** Which arms get a fitted line, on which steps, and what it forecasts. */
import { expect, test } from 'vitest';
import { parseExperiment } from '../../src/core/parse.ts';
import { lawOf } from '../../src/ui/charts/law.ts';
import { CATALOG } from '../../src/ui/declared.ts';
import { historyOf } from './helpers_curves.ts';

const { experiment } = parseExperiment(
  {
    settings: { 'trainer.steps': 60 },
    arms: [
      { id: 'none' },
      { id: 'naive', methods: ['entropy_bonus'] },
      { id: 'cov', methods: ['kl_cov'] },
    ],
  },
  CATALOG,
);
const PHASE = { x: 'entropy', y: 'accuracy' } as const;
const arm = (id: string, isRecorded = false) =>
  ({ id, name: id, color: 0, stroke: '#000', dash: '', isRecorded }) as const;

/** Follows the law up to step 30, then falls off it by 0.1. */
const entropy = Array.from({ length: 61 }, (_, step) => (step === 0 ? Number.NaN : 1 / (1 + step)));
const accuracy = entropy.map((H, step) => 0.9 - 0.2 * Math.exp(H) - (step > 30 ? 0.1 : 0));
const history = historyOf({
  ...{ 'none/0': { entropy, accuracy }, 'naive/0': { entropy, accuracy } },
  'cov/0': { entropy, accuracy },
});

test('fits the first third, and tells what it says of the newest step', () => {
  const { law, forecast, curve } = lawOf(history, PHASE, arm('none'), experiment);
  expect(law).toMatchObject({ count: 20, until: 20 });
  expect(law?.a).toBeCloseTo(0.2, 5);
  expect(law?.ceiling).toBeCloseTo(0.7, 5);
  expect(forecast?.step).toBe(60);
  expect((forecast?.said ?? 0) - (forecast?.measured ?? 0)).toBeCloseTo(0.1, 5);
  expect(curve?.[0]).toEqual([0, expect.closeTo(0.7, 5)]);
  expect(curve?.at(-1)?.[0]).toBeCloseTo(0.5, 6);
});

test.each(['clip_cov', 'hapo', 'aepo', 'ares_windows', 'kl_reward'])('%s intervenes', (id) => {
  const arms = [{ id: 'none', methods: [id] }];
  const own = parseExperiment({ settings: { 'trainer.steps': 60 }, arms }, CATALOG).experiment;
  expect(lawOf(history, PHASE, arm('none'), own).missing).toMatch(/ intervenes$/);
});

test.each(['gspo', 'dynamic_sampling', 'soft_overlong', 'rloo', 'gae'])('%s does not', (id) => {
  const arms = [{ id: 'none', methods: [id] }];
  const own = parseExperiment({ settings: { 'trainer.steps': 60 }, arms }, CATALOG).experiment;
  expect(lawOf(history, PHASE, arm('none'), own).law?.a).toBeCloseTo(0.2, 5);
});

test('gives the reason where there is no line', () => {
  const missing = (id: string, isRecorded = false) =>
    lawOf(history, PHASE, arm(id, isRecorded), experiment).missing;
  expect(missing('naive')).toBe('entropy bonus intervenes');
  expect(missing('cov')).toBe('KL-Cov intervenes');
  expect(missing('none', true)).toMatch(/another run/);
  const short = historyOf({ 'none/0': { entropy: entropy.slice(0, 5), accuracy } });
  expect(lawOf(short, PHASE, arm('none'), experiment).missing).toMatch(/there are 4$/);
});
