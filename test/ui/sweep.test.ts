// A sweep: which settings an arm has, the arms that are made of it, and the plot of what came of them.
import { describe, expect, test } from 'vitest';
import type { NumberParam } from '../../src/core/param.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METRIC_INDEX, METRICS } from '../../src/metrics/index.ts';
import { MAX_NAME } from '../../src/ui/arm_name.ts';
import { PAPER } from '../../src/ui/charts/plot_marks.ts';
import { CATALOG, findParam, problemOf } from '../../src/ui/declared.ts';
import { MAX_ARMS, patchArm } from '../../src/ui/edit.ts';
import { History } from '../../src/ui/history.ts';
import * as sweep from '../../src/ui/sweep/sweep.ts';
import { sweepPlot, sweepPoints, sweepText } from '../../src/ui/sweep/sweep_plot.ts';
import { shippedPreset } from './helpers.ts';

const preset = shippedPreset();
const alpha = findParam('ib_entropy.alpha') as NumberParam;
const sigma = findParam('advantage_noise.sigma') as NumberParam;
const rounds = findParam('dynamic_sampling.rounds') as NumberParam;

describe('values', () => {
  test('from end to end, as far apart as on the slider', () => {
    expect(sweep.spreadValues(sigma, 5)).toEqual([0, 1, 2, 3, 4]);
    // By ratio where the slider is, in numbers as one would write them.
    expect(sweep.spreadValues(alpha, 4)).toEqual([0, 0.01, 0.1, 1]);
  });

  test('whole numbers do not come twice', () => {
    const values = sweep.spreadValues(rounds, 12);
    expect(new Set(values).size).toBe(values.length);
    expect(values.every(Number.isInteger)).toBe(true);
  });

  test('are read as they are typed, or what is wrong is said', () => {
    expect(sweep.readValues(sigma, '2; 0 .5, 1', 6)).toEqual([0, 0.5, 1, 2]);
    expect(sweep.readValues(sigma, '1, 1', 6)).toMatch(/^2 to 6 different values, such as 0, 4$/);
    expect(sweep.readValues(sigma, '0, 1, 2', 2)).toMatch(/^2 to 2 different/);
    expect(sweep.readValues(sigma, '0, 5', 6)).toBe('Each must be a number from 0 to 4.');
    expect(sweep.readValues(sigma, '0, x', 6)).toBe('Each must be a number from 0 to 4.');
    expect(sweep.readValues(rounds, '1, 1.5', 6)).toMatch(/whole number/);
  });
});

describe('the arms of a sweep', () => {
  const values = [0.1, 0.3, 0.5, 1];
  const made = sweep.sweepArm('ib', 'ib_entropy.alpha', values)(preset);
  const own = made.arms.filter(({ methods }) => methods.includes('ib_entropy'));

  test('stand in the place of the arm, differ in the setting alone, and can run', () => {
    expect(made.arms.map(({ id }) => id)).toEqual(['none', 'naive', 'ib', 'ib_2', 'ib_3', 'ib_4']);
    expect(own.map((arm) => arm.values['ib_entropy.alpha'])).toEqual(values);
    expect(own.map(({ name }) => name)).toEqual(values.map((x) => `IB, α ${x}`));
    expect(new Set(made.arms.map(({ color }) => color)).size).toBe(6);
    expect(problemOf(made)).toBeUndefined();
    expect(made.arms.slice(0, 2)).toEqual(preset.arms.slice(0, 2));
  });

  test('are no more than there is room for', () => {
    expect(sweep.mostValues(preset)).toBe(MAX_ARMS - 2);
    expect(sweep.sweepArm('ib', 'ib_entropy.alpha', [0, 0.1, 0.2, 0.3, 0.4])(preset)).toBe(preset);
    expect(sweep.sweepArm('nobody', 'ib_entropy.alpha', [0, 1])(preset)).toBe(preset);
  });

  test('have names of their own, however long the arm’s is', () => {
    const long = patchArm('ib', { name: 'x'.repeat(MAX_NAME) })(preset);
    const names = sweep
      .sweepArm(
        'ib',
        'ib_entropy.alpha',
        values,
      )(long)
      .arms.map((a) => a.name);
    expect(new Set(names).size).toBe(names.length);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(MAX_NAME);
  });

  test('may be made of a shared setting, which then is the arms’ own, beside the method’s others', () => {
    const keys = sweep.sweepables(preset, preset.arms[2]).map(({ key }) => key);
    expect(keys[0]).toBe('ib_entropy.alpha');
    expect(keys).toContain('ppo_clip.eps_high');
    const shared = { ...preset, values: { ...preset.values, 'ppo_clip.eps_low': 0.11 } };
    const clipped = sweep.sweepArm('ib', 'ppo_clip.eps_high', [0.2, 0.3])(shared);
    const arms = clipped.arms.slice(2);
    expect(arms.map(({ methods }) => methods)).toEqual(Array(2).fill(['ib_entropy', 'ppo_clip']));
    expect(arms.map((arm) => arm.values['ppo_clip.eps_high'])).toEqual([0.2, 0.3]);
    expect(arms.map((arm) => arm.values['ppo_clip.eps_low'])).toEqual([0.11, 0.11]);
    expect(problemOf(clipped)).toBeUndefined();
  });

  test('are found again, in the order of their values; two alike, or other methods, are no sweep', () => {
    const found = sweep.sweepOf(made);
    expect(found?.key).toBe('ib_entropy.alpha');
    expect(found?.arms.map(({ value }) => value)).toEqual(values);
    expect(sweep.sweepOf(preset)).toBeUndefined();
    const two = { ...made, arms: made.arms.filter(({ id }) => id !== 'ib_3' && id !== 'ib_4') };
    expect(sweep.sweepOf(two)).toBeUndefined();
    const off = { ...made, arms: made.arms.map((arm) => ({ ...arm, enabled: arm.id !== 'ib_2' })) };
    expect(sweep.sweepOf(off)?.arms.map(({ value }) => value)).toEqual([0.1, 0.5, 1]);
  });
});

describe('accuracy against the setting', () => {
  const { experiment } = parseExperiment(
    {
      arms: [2, 0, 1].map((value) => ({
        ...{ id: `s${value}`, methods: ['advantage_noise'] },
        settings: { 'advantage_noise.sigma': value },
      })),
      seeds: [0, 1],
    },
    CATALOG,
  );
  const found = sweep.sweepOf(experiment) as sweep.Sweep;
  const history = new History();
  /** Evaluations at steps 0 and 2: accuracy 0.9 − σ / 4 ± 0.02. */
  function add(arm: string, seed: number, sigma: number, steps: number): void {
    const block = new Float32Array(METRICS.length * steps).fill(Number.NaN);
    for (let step = 0; step < steps; step += 2) {
      const accuracy = step === 0 ? 0.1 : 0.9 - sigma / 4 + (seed ? 0.02 : -0.02);
      block[step * METRICS.length + METRIC_INDEX.eval_accuracy] = accuracy;
    }
    history.append({ arm, seed }, 0, block);
  }
  for (const sigma of [0, 1, 2]) for (const seed of [0, 1]) add(`s${sigma}`, seed, sigma, 4);
  history.flush();

  test('is the mean over seeds at the newest evaluation that all have', () => {
    const { step, points } = sweepPoints(history, 'eval_accuracy', found, [0, 1]);
    expect(step).toBe(2);
    expect(points.map(({ value }) => value)).toEqual([0, 1, 2]);
    expect(points.map(({ mean }) => Number(mean.toFixed(4)))).toEqual([0.9, 0.65, 0.4]);
    for (const { low, mean, high } of points) expect(low < mean && mean < high).toBe(true);
    const box = { width: 300, height: 200, left: 40, right: 10, top: 20, bottom: 30 };
    const marks = sweepPlot(points, found, 'eval_accuracy', [], box, PAPER.dark, 11);
    const dots = marks.filter(({ tag }) => tag === 'circle').map(({ attrs }) => Number(attrs.cy));
    expect(dots).toHaveLength(3);
    expect(dots.toSorted((a, b) => a - b)).toEqual(dots);
    expect(sweepText(points, found, 'eval_accuracy', step)).toMatch(
      /at step 2: at σ 0 0\.900 \(2 seeds, 95 % from .*; at σ 2 0\.400/,
    );
  });

  test('stands at step 0 where one run has only that, and nowhere before', () => {
    const other = new History();
    expect(sweepPoints(other, 'eval_accuracy', found, [0, 1])).toEqual({ step: -1, points: [] });
  });
});
