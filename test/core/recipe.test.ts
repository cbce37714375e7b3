// Algorithms by name: what a file, an address and a label make of them.
import { describe, expect, test } from 'vitest';
import { activeMethods } from '../../src/core/catalog.ts';
import { armValues } from '../../src/core/experiment.ts';
import { formatExperiment, parseExperiment } from '../../src/core/parse.ts';
import { algorithmLabel, recipeValues } from '../../src/core/recipe.ts';
import { fromQuery, toQuery } from '../../src/core/share.ts';
import { METHODS } from '../../src/methods/index.ts';
import { RECIPES } from '../../src/methods/recipes/index.ts';
import { CATALOG, presetFile } from './catalog.ts';

const parse = (file: object) => parseExperiment(file, CATALOG).experiment;
const ids = (experiment: ReturnType<typeof parse>, arm = 0) =>
  activeMethods(experiment, experiment.arms[arm], METHODS).map(({ id }) => id);

describe.each([...RECIPES.values()].map((recipe) => [recipe.id, recipe] as const))(
  '%s',
  (id, r) => {
    test('can be named in a file, for all arms and for one, and is then called by its name', () => {
      const all = parse({ algorithm: id });
      expect(all.methods).toEqual(r.methods);
      expect(all.values).toMatchObject(recipeValues(r, CATALOG));
      expect(algorithmLabel(all, CATALOG)).toBe(r.label);
      const one = parse({ arms: [{ id: 'one', algorithm: id }] });
      expect(ids(one)).toEqual([...r.methods]);
      expect(armValues(one, one.arms[0])).toMatchObject(recipeValues(r, CATALOG));
      expect(algorithmLabel(one.arms[0], CATALOG)).toBe(r.label);
    });

    test('has settings of its own methods, which are not the defaults', () => {
      const plain = recipeValues({ ...r, settings: {} }, CATALOG);
      for (const [key, value] of Object.entries(r.settings)) {
        expect(plain).toHaveProperty([key]);
        expect(plain[key]).not.toBe(value);
      }
      expect(r.summary).toMatch(/^\p{L}.{30,}\.$/su);
    });
  },
);

test('names and labels are distinct', () => {
  const labels = [...RECIPES.values()].map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
  expect(labels.length).toBeGreaterThan(10);
});

test('settings and methods of the file stand over those of the algorithm', () => {
  const settings = { 'ppo_clip.eps_high': 0.4, 'trainer.aggregate': 'token_sum' };
  const changed = parse({ algorithm: 'dapo', settings });
  expect(changed.values['ppo_clip.eps_high']).toBe(0.4);
  expect(changed.values['ppo_clip.dual']).toBe(10);
  expect(algorithmLabel(changed, CATALOG)).toBe(
    'DAPO, changed: ε high 0.4, loss aggregation token sum',
  );
  const parts = parse({ algorithm: 'dapo', methods: ['grpo', 'ppo_clip', 'ib_entropy'] });
  expect(parts.values['ppo_clip.eps_high']).toBe(0.28);
  expect(algorithmLabel(parts, CATALOG)).toMatch(
    /^DAPO \+ IB entropy, changed: without dynamic sampling, without soft overlong punishment$/,
  );
});

test('an arm with an algorithm of its own has nothing of the shared one', () => {
  const experiment = parse({
    algorithm: 'dapo',
    arms: [
      { id: 'shared', methods: ['ib_entropy'] },
      { id: 'own', algorithm: 'dr_grpo' },
    ],
  });
  expect(ids(experiment, 0)).toEqual([...experiment.methods, 'ib_entropy']);
  expect(ids(experiment, 1)).toEqual(['grpo', 'ppo_clip']);
  const own = armValues(experiment, experiment.arms[1]);
  expect([own['trainer.aggregate'], experiment.values['trainer.aggregate']]).toEqual([3, 0]);
  expect(own['ppo_clip.eps_high']).toBe(0.2);
  const again = parse(formatExperiment(experiment, CATALOG));
  expect(again).toEqual(experiment);
});

test('refuses what is not there, by name', () => {
  expect(() => parse({ algorithm: 'dappo' })).toThrow(
    /^algorithm: must be one of grpo, .* "dappo"/,
  );
  const arms = [{ id: 'a', algorithm: 'x' }];
  expect(() => parse({ arms })).toThrow(/^arm\.a\.algorithm: must be one of grpo/);
  const lacking = [{ id: 'a', algorithm: 'grpo', methods: ['grpo', 'ib_entropy'] }];
  expect(() => parse({ arms: lacking })).toThrow('must leave exactly one objective, got none');
});

describe('in an address', () => {
  const preset = { id: 'naive-vs-ib', experiment: parse(presetFile('naive-vs-ib') as object) };
  const read = (query: string) => fromQuery(query, [preset], CATALOG).experiment;

  test('a name alone brings its methods and settings', () => {
    const all = read('?algorithm=dapo');
    expect(all.methods).toEqual(RECIPES.get('dapo')?.methods);
    expect(all.values['ppo_clip.eps_high']).toBe(0.28);
    expect(all.values['trainer.prompts']).toBe(preset.experiment.values['trainer.prompts']);
    const one = read('?arm.ib.algorithm=dr_grpo');
    expect(one.arms[2].methods).toEqual(['grpo', 'ppo_clip']);
    expect(one.arms[2].values['trainer.aggregate']).toBe(3);
  });

  test('what began as a recipe and was changed comes back', () => {
    const settings = { 'arm.ib.ppo_clip.eps_low': '0.3', 'ppo_clip.eps_high': '0.35' };
    const changed = read(
      `?algorithm=dapo&arm.ib.algorithm=gspo&arm.ib.methods=grpo,ppo_clip&${new URLSearchParams(settings)}`,
    );
    expect(read(toQuery(changed, preset, CATALOG))).toEqual(changed);
    expect(algorithmLabel(changed, CATALOG)).toBe('DAPO, changed: ε high 0.35');
    const back = read('?arm.ib.algorithm=&arm.ib.methods=ib_entropy');
    expect(back.arms[2].algorithm).toBeUndefined();
  });
});
