import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { fromQuery, toQuery } from '../../src/core/share.ts';
import { anExperiment } from './arbitrary.ts';
import { CATALOG, presetFile } from './catalog.ts';

const parse = (file: unknown) => parseExperiment(file, CATALOG).experiment;
const PRESET = { id: 'naive-vs-ib', experiment: parse(presetFile('naive-vs-ib')) };
const PLAIN = { id: 'plain', experiment: parse({}) };
const PRESETS = [PRESET, PLAIN];
const read = (query: string) => fromQuery(query, PRESETS, CATALOG);
const write = (experiment: Experiment) => toQuery(experiment, PRESET, CATALOG);

test('an unchanged preset is its name alone', () => {
  expect(write(PRESET.experiment)).toBe('?preset=naive-vs-ib');
  expect(read('?preset=naive-vs-ib')).toEqual({
    experiment: PRESET.experiment,
    preset: 'naive-vs-ib',
    notices: [],
  });
  expect(read('?preset=plain').experiment).toEqual(PLAIN.experiment);
  expect(read('').preset).toBe('naive-vs-ib');
});

test('only what differs stands in the query, in readable keys', () => {
  const query =
    '?preset=naive-vs-ib&seeds=0,1&arm.ib.enabled=false&trainer.prompts=16&trainer.aggregate=token_sum&arm.naive.entropy_bonus.alpha=0.3';
  const { experiment, notices } = read(query);
  expect(notices).toEqual([]);
  expect(experiment.seeds).toEqual([0, 1]);
  expect(experiment.values['trainer.prompts']).toBe(16);
  expect(experiment.arms[1].values['entropy_bonus.alpha']).toBe(0.3);
  expect(experiment.arms[2].enabled).toBe(false);
  expect(write(experiment)).toBe(query);
});

test('arms are added, taken away and moved', () => {
  const query =
    '?preset=naive-vs-ib&arms=ib,mine&arm.mine.name=My+own&arm.mine.methods=kl_penalty,entropy_bonus&arm.mine.kl_penalty.estimator=k1';
  const { experiment } = read(query);
  expect(experiment.arms.map((arm) => arm.id)).toEqual(['ib', 'mine']);
  expect(experiment.arms[0]).toEqual(PRESET.experiment.arms[2]);
  expect(experiment.arms[1]).toEqual({
    id: 'mine',
    name: 'My own',
    color: 1,
    enabled: true,
    methods: ['kl_penalty', 'entropy_bonus'],
    values: { 'kl_penalty.beta': 0.01, 'kl_penalty.estimator': 0, 'entropy_bonus.alpha': 0.2 },
  });
  expect(write(experiment)).toBe(query);
});

test.each([
  ['?preset=other', 'preset: must be one of naive-vs-ib, plain, got "other"'],
  ['?trainer.prompts=0', 'trainer.prompts: must be a whole number from 1 to 512, got "0"'],
  ['?trainer.promts=8', /^trainer.promts: must be one of/],
  [
    '?arm.naive.entropy_bonus.alpha=x',
    'arm.naive.entropy_bonus.alpha: must be a number from 0 to 1',
  ],
  ['?seeds=a', 'seeds.0: must be a whole number from 0 to 2147483647, got "a"'],
  ['?seeds=', 'seeds: must be a list of 1 to 12 different seeds, got []'],
  ['?task=sudoku', /^task: must be one of/],
  ['?arm.naive.enabled=maybe', 'arms.1.enabled: must be true or false, got "maybe"'],
  ['?arm.naive.color=red', 'arms.1.color: must be a whole number from 0 to 99, got "red"'],
  ['?arms=none,none', 'arms: must be a list of arms with different ids'],
  ['?methods=grpo', /must leave exactly one objective/],
])('refuses %s', (query, message) => {
  expect(() => read(query)).toThrow(RangeError);
  expect(() => read(query)).toThrow(message);
});

test('says what has no effect', () => {
  const { notices, experiment } = read('?sedes=1&arm.nobody.name=x&arm.naive.colour=1&arm.ib=3');
  expect(experiment).toEqual(PRESET.experiment);
  expect(notices).toEqual([
    'sedes: not a known field, ignored',
    'arm.nobody.name: ignored, there is no arm "nobody"',
    'arm.naive.colour: not a known field, ignored',
    'arm.ib: not a known field, ignored',
  ]);
});

test('any experiment survives its query', () => {
  fc.assert(
    fc.property(anExperiment, (experiment) => {
      expect(read(write(experiment))).toEqual({ experiment, preset: 'naive-vs-ib', notices: [] });
    }),
    { numRuns: 300 },
  );
});

test('a query of any text is read or refused with a RangeError', () => {
  const keys = ['preset', 'seeds', 'arms', 'methods', 'trainer.steps', 'arm.ib.methods', 'task'];
  const entry = fc.tuple(
    fc.oneof(fc.constantFrom(...keys), fc.string()),
    fc.oneof(fc.constantFrom('', '1', 'none', 'grpo,ppo_clip', '%', '__proto__'), fc.string()),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
      try {
        read(`?${entries.map(([key, value]) => `${key}=${value}`).join('&')}`);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 500 },
  );
});
