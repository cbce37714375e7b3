// Names and labels of kept runs, and the copy of an arm's state that a fork begins with.
import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import { forkCheckpoint } from '../../src/core/fork.ts';
import {
  automaticLabel,
  describeDifferences,
  differences,
  varyingFacts,
} from '../../src/core/label.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { runName } from '../../src/core/run_name.ts';
import { CATALOG } from './catalog.ts';

const experiment = (change: object = {}): Experiment =>
  parseExperiment({ arms: [{ id: 'reg' }], seeds: [0, 1], ...change }, CATALOG).experiment;
const ib = (alpha: number) =>
  experiment({
    arms: [{ id: 'reg', methods: ['ib_entropy'], settings: { 'ib_entropy.alpha': alpha } }],
  });
const words = (from: Experiment, to: Experiment) =>
  describeDifferences(differences(from, to, CATALOG));

describe('label', () => {
  test('says what differs, the arms first', () => {
    expect(words(experiment(), ib(0.1))).toBe('reg none → ib_entropy');
    expect(words(ib(0.1), ib(0.3))).toBe('reg alpha 0.1 → 0.3');
    expect(words(ib(0.1), ib(0.1))).toBe('');
    const later = experiment({
      ...{ seeds: [0], model: 'micro' },
      settings: { 'trainer.steps': 20, 'trainer.prompts': 4 },
    });
    expect(words(experiment(), later)).toBe(
      'model nano → micro; seeds 0, 1 → 0; steps 100 → 20; 1 more',
    );
  });

  test('an arm that is new, gone or switched off', () => {
    const two = experiment({ arms: [{ id: 'reg' }, { id: 'kl', methods: ['kl_penalty'] }] });
    expect(words(experiment(), two)).toBe('with kl (kl_penalty)');
    expect(words(two, experiment())).toBe('without kl');
    const off = { ...two, arms: two.arms.map((arm) => ({ ...arm, enabled: arm.id === 'reg' })) };
    expect(words(two, off)).toBe('without kl');
  });

  test('names, colors and captions do not count', () => {
    const other = { ...experiment(), name: 'x', caption: 'y' };
    expect(differences(experiment(), other, CATALOG)).toEqual([]);
  });

  test('is given against the preset, or the run before where that is nearer', () => {
    const label = (to: Experiment, previous?: Experiment) =>
      automaticLabel(
        to,
        experiment(),
        previous && { name: 'calm lark', experiment: previous },
        CATALOG,
      );
    expect(label(experiment())).toBe('as the preset');
    expect(label(ib(0.1), ib(0.1))).toBe('same settings as calm lark');
    const few = { ...ib(0.3), seeds: [0] };
    expect(label(few, { ...ib(0.1), seeds: [0] })).toBe('reg alpha 0.1 → 0.3 (since calm lark)');
    expect(label(ib(0.1), few)).toBe('reg none → ib_entropy');
  });

  test('a table of only what varies', () => {
    const facts = varyingFacts([experiment(), ib(0.1), ib(0.3)], CATALOG);
    expect(facts.map(({ key, values }) => [key, ...values])).toEqual([
      ['arm.reg', 'none', 'ib_entropy', 'ib_entropy'],
      ['arm.reg.ib_entropy.alpha', '–', '0.1', '0.3'],
    ]);
  });
});

test('a name is two words, always the same for an id, never one that is taken', () => {
  expect(runName('one')).toBe(runName('one'));
  expect(runName('one')).toMatch(/^[a-z]+ [a-z]+$/);
  const taken = new Set<string>();
  for (let i = 0; i < 500; i++) taken.add(runName(`id ${i % 50}`, taken));
  expect(taken.size).toBe(500);
});

describe('fork', () => {
  const array = () => new Float32Array(2);
  const run = (arm: string, seed: number, step: number) => ({
    ...{ arm, seed, step, updates: step },
    ...{ parameters: array(), m: array(), v: array() },
  });
  const at = (step: number) => ({
    experiment: ib(0.1),
    runs: [run('reg', 0, step), run('reg', 1, step)],
    base: array(),
  });
  const arm = { ...ib(0.2).arms[0], id: 'new' };

  test('stands after its source with the source’s state, of now or of before', () => {
    const forked = forkCheckpoint(at(8), 'reg', arm);
    expect(forked.experiment.arms.map(({ id }) => id)).toEqual(['reg', 'new']);
    expect(forked.runs.map((r) => [r.arm, r.seed, r.step])).toEqual([
      ['reg', 0, 8],
      ['reg', 1, 8],
      ['new', 0, 8],
      ['new', 1, 8],
    ]);
    const earlier = forkCheckpoint(at(8), 'reg', arm, at(4));
    expect(earlier.runs.map((r) => r.step)).toEqual([8, 8, 4, 4]);
  });

  test('refuses a taken id and a source that is not there', () => {
    expect(() => forkCheckpoint(at(8), 'reg', { ...arm, id: 'reg' })).toThrow('an id of its own');
    expect(() => forkCheckpoint(at(8), 'zz', arm)).toThrow('got none of zz');
  });
});
