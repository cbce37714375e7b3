import fc from 'fast-check';
import { expect, test } from 'vitest';
import { activeMethods, type CatalogMethod, paramOf } from '../../src/core/catalog.ts';
import { armValues } from '../../src/core/experiment.ts';
import { formatExperiment, parseExperiment } from '../../src/core/parse.ts';
import { METHODS } from '../../src/methods/index.ts';
import { anExperiment } from './arbitrary.ts';
import { CATALOG, presetFile } from './catalog.ts';

const parse = (file: unknown) => parseExperiment(file, CATALOG);

test('an empty file is the default experiment', () => {
  const { experiment, notices } = parse({});
  expect(notices).toEqual([]);
  expect(experiment.methods).toEqual(['grpo', 'ppo_clip']);
  expect(experiment.seeds).toEqual([0, 1, 2]);
  expect(experiment.values['trainer.prompts']).toBe(32);
  expect(experiment.values['chain_sum.max_operands']).toBe(8);
  expect(experiment.values['ppo_clip.dual']).toBe(3);
  expect(experiment.arms).toEqual([
    { id: 'none', name: 'none', color: 0, enabled: true, methods: [], values: {} },
  ]);
});

test('a file gives what differs; the rest is resolved', () => {
  const { experiment } = parse({
    settings: { 'trainer.prompts': 16, 'trainer.aggregate': 'token_sum' },
    arms: [{ id: 'none' }, { id: 'held', methods: ['kl_penalty', 'entropy_bonus'] }],
  });
  expect(experiment.values['trainer.prompts']).toBe(16);
  expect(experiment.values['trainer.aggregate']).toBe(4);
  expect(experiment.arms[1].values).toEqual({
    'kl_penalty.beta': 0.01,
    'kl_penalty.estimator': 2,
    'entropy_bonus.alpha': 0.2,
  });
  expect(armValues(experiment, experiment.arms[1])['kl_penalty.beta']).toBe(0.01);
});

test('an arm with a shared method of its own begins with the shared values', () => {
  const { experiment } = parse({
    settings: { 'ppo_clip.eps_low': 0.1 },
    arms: [{ id: 'higher', methods: ['ppo_clip'], settings: { 'ppo_clip.eps_high': 0.28 } }],
  });
  const [arm] = experiment.arms;
  expect(arm.values).toEqual({
    'ppo_clip.eps_low': 0.1,
    'ppo_clip.eps_high': 0.28,
    'ppo_clip.dual': 3,
  });
  const active = activeMethods(experiment, arm, METHODS);
  expect(active.map((m) => m.id)).toEqual(['grpo', 'ppo_clip']);
});

test.each([
  [
    { settings: { 'trainer.prompts': 0 } },
    'trainer.prompts: must be a whole number from 1 to 512, got 0',
  ],
  [
    { settings: { 'trainer.aggregate': 'sum' } },
    /^trainer.aggregate: must be one of token_mean, .*, got "sum"$/,
  ],
  [
    { arms: [{ id: 'a', methods: ['entropy_bonus'], settings: { 'entropy_bonus.alpha': 3 } }] },
    'arm.a.entropy_bonus.alpha: must be a number from 0 to 1, got 3',
  ],
  [
    { settings: { 'entropy_bonus.alfa': 3 } },
    'entropy_bonus.alfa: must be one of entropy_bonus.alpha, got 3',
  ],
  [
    { settings: { 'trainer.constructor': 3 } },
    /^trainer.constructor: must be one of trainer.steps/,
  ],
  [{ settings: { steps: 3 } }, /names must begin with one of trainer, chain_sum, .*, got "steps"$/],
  [{ methods: ['gpro', 'ppo_clip'] }, /^methods: must be one of .*grpo.*, got "gpro"$/],
  [{ task: 'sudoku' }, /^task: must be one of .*chain_sum.*, got "sudoku"$/],
  [{ model: 'huge' }, 'model: must be one of nano, micro, small, medium, got "huge"'],
  [{ model: 'constructor' }, /^model: must be one of/],
  [{ methods: ['grpo'] }, 'arm.none.methods: must leave exactly one objective, got none'],
  [{ methods: ['ppo_clip'] }, 'arm.none.methods: must leave exactly one advantage, got none'],
  [{ methods: ['grpo', 'grpo', 'ppo_clip'] }, 'methods: must name a method once, got "grpo" twice'],
  [{ version: 2 }, 'version: must be 1, got 2'],
  [{ base: 'mine' }, 'base: must be one of shipped, train, got "mine"'],
  [{ seeds: [] }, 'seeds: must be a list of 1 to 12 different seeds, got []'],
  [{ seeds: [1, 1] }, 'seeds: must be a list of 1 to 12 different seeds, got [1,1]'],
  [{ seeds: [2 ** 31] }, 'seeds.0: must be a whole number from 0 to 2147483647, got 2147483648'],
  [{ seeds: [0.5] }, 'seeds.0: must be a whole number from 0 to 2147483647, got 0.5'],
  [{ seeds: [...Array(13).keys()] }, /^seeds: must be a list of 1 to 12/],
  [{ arms: [] }, 'arms: must be a list of 1 to 12 arms, got []'],
  [{ arms: [{}] }, 'arms.0.id: must be an id of a-z, 0-9 and _, got ""'],
  [{ arms: [{ id: 'A b' }] }, 'arms.0.id: must be an id of a-z, 0-9 and _, got "A b"'],
  [{ arms: [{ id: '__proto__' }] }, /^arms.0.id: must be an id/],
  [{ arms: [{ id: 'a' }, { id: 'a' }] }, /^arms: must be a list of arms with different ids/],
  [{ arms: [{ id: 'a', enabled: 'no' }] }, 'arms.0.enabled: must be true or false, got "no"'],
  [{ settings: 3 }, /^settings: must be an object of settings/],
  [{ name: 'x'.repeat(121) }, /^name: must be text of at most 120 characters, got "x+…$/],
  [[], 'experiment: must be an object that describes an experiment, got []'],
  [null, 'experiment: must be an object that describes an experiment, got null'],
  ['{}', 'experiment: must be an object that describes an experiment, got "{}"'],
  [[], /^experiment: must be an object|^.*$/],
  [
    { settings: { 'chain_sum.min_operands': 6, 'chain_sum.max_operands': 4 } },
    'chain_sum.min_operands: must be at most chain_sum.max_operands (4), got 6',
  ],
])('refuses, and says where, what and what was given (%#)', (file, message) => {
  expect(() => parse(file)).toThrow(RangeError);
  expect(() => parse(file)).toThrow(message);
});

test('says what has no effect', () => {
  const { notices } = parse({
    curves: [],
    settings: { 'ib_entropy.alpha': 0.1 },
    arms: [{ id: 'a', colour: 3, enabled: false }],
  });
  expect(notices).toEqual([
    'curves: not a known field, ignored',
    'arms.a.colour: not a known field, ignored',
    'ib_entropy.alpha: ignored, ib_entropy is not in use here',
    'arms: none is enabled, nothing will run',
  ]);
});

test('two objectives of an arm are refused; one replaces the shared one', () => {
  const methods = new Map<string, CatalogMethod>(METHODS);
  methods.set('reinforce', { id: 'reinforce', stage: 'objective', params: {} });
  const catalog = { ...CATALOG, methods };
  const file = (own: string[]) => ({ arms: [{ id: 'a', methods: own }] });
  expect(() => parseExperiment(file(['ppo_clip', 'reinforce']), catalog)).toThrow(
    'arm.a.methods: ppo_clip and reinforce do not go together: Both are objectives, and a token has one policy loss',
  );
  const { experiment } = parseExperiment(file(['reinforce']), catalog);
  const active = activeMethods(experiment, experiment.arms[0], methods);
  expect(active.map((m) => m.id)).toEqual(['grpo', 'reinforce']);
});

test('any experiment survives its file', () => {
  fc.assert(
    fc.property(anExperiment, (experiment) => {
      const file = JSON.parse(JSON.stringify(formatExperiment(experiment, CATALOG)));
      expect(parse(file)).toEqual({ experiment, notices: [] });
    }),
  );
});

test('whatever JSON comes, it is parsed or refused with a RangeError', () => {
  const keys = ['version', 'task', 'methods', 'settings', 'arms', 'seeds', 'model', 'id'];
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('grpo', 'chain_sum', 'nano', 'trainer.steps', 1, 0.5, true, null, -1),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (json) => {
      try {
        parse(json);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 500 },
  );
});

test('paramOf finds a setting by its full name', () => {
  expect(paramOf('trainer.steps', CATALOG)?.label).toBe('steps');
  expect(paramOf('entropy_bonus.alpha', CATALOG)?.label).toBe('α');
  for (const key of ['trainer', 'trainer.', '.steps', 'nobody.steps', 'trainer.toString']) {
    expect(paramOf(key, CATALOG)).toBeUndefined();
  }
});

const groups = presetFile('index') as { presets: string[] }[];

test.each(groups.flatMap((group) => group.presets))('preset %s parses without a notice', (id) => {
  const { experiment, notices } = parse(presetFile(id));
  expect(notices).toEqual([]);
  expect(experiment.caption.length).toBeGreaterThan(100);
});

test('the first preset is none, naive 0.2 and IB 0.5', () => {
  const { experiment } = parse(presetFile('naive-vs-ib'));
  const values = experiment.arms.map((arm) => [arm.id, arm.values]);
  expect(values).toEqual([
    ['none', {}],
    ['naive', { 'entropy_bonus.alpha': 0.2 }],
    ['ib', { 'ib_entropy.alpha': 0.5 }],
  ]);
});

test('methods that do not go together are refused by name, with the reason', () => {
  const arms = [{ id: 'both', methods: ['gspo', 'forking_tokens'] }];
  expect(() => parse({ arms })).toThrow(
    'arm.both.methods: gspo and forking_tokens do not go together: The objective has one ratio',
  );
  // Shared by all and own of an arm alike; an objective of its own replaces the shared one.
  const methods = ['grpo', 'gmpo', 'steer'];
  expect(() => parse({ methods, arms: [{ id: 'a' }] })).toThrow(
    /(steer and gmpo|gmpo and steer) do not go together/,
  );
  expect(() => parse({ methods, arms: [{ id: 'a', methods: ['cispo'] }] })).not.toThrow();
});
