// Random experiments for fast-check: every task, method and setting can occur.
import fc from 'fast-check';
import { conflictsOf, TRAINER } from '../../src/core/catalog.ts';
import type { Experiment } from '../../src/core/experiment.ts';
import type { Param, Params } from '../../src/core/param.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METHODS } from '../../src/methods/index.ts';
import { RECIPES } from '../../src/methods/recipes/index.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { CATALOG } from './catalog.ts';

function aValue(param: Param): fc.Arbitrary<number | boolean | string> {
  if (param.kind === 'switch') return fc.boolean();
  if (param.kind === 'choice') return fc.constantFrom(...param.options.map((o) => o.id));
  const { min, max } = param;
  if (param.integer) return fc.integer({ min, max });
  // Text has no −0.
  const aDouble = fc.double({ min, max, noNaN: true }).map((x) => x + 0);
  return fc.oneof(fc.constantFrom(min, max), aDouble);
}

const aText = fc.string({ maxLength: 20, unit: fc.constantFrom(...'a B&=+%,.?é→😀\n') });

/** Some settings of an owner, others left at their defaults. */
function someSettings(id: string, params: Params) {
  const values = Object.entries(params).map(([name, param]) => [`${id}.${name}`, aValue(param)]);
  return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
  });
}

const ids = (stage: string) => [...METHODS.values()].filter((m) => m.stage === stage);
const someOf = (stage: string) => fc.subarray(ids(stage).map((m) => m.id));
const oneOf = (stage: string) => fc.constantFrom(...ids(stage).map((m) => m.id));
const maybe = (stage: string) => fc.option(oneOf(stage), { nil: undefined });
const settingsOf = (methods: readonly string[]) =>
  fc
    .tuple(...methods.map((id) => someSettings(id, METHODS.get(id)?.params ?? {})))
    .map((parts) => Object.assign({}, ...parts));

const extras = fc
  .tuple(...['sampling', 'reward', 'shape', 'weight', 'regularizer'].map(someOf))
  .map((parts) => parts.flat());
/** Of these, one after the other, those that go together with the ones before: most random sets would be refused. */
function fitting(all: readonly string[], beside: readonly string[] = []): string[] {
  const kept: string[] = [];
  for (const id of all) {
    const methods = [...beside, ...kept, id].map((one) => METHODS.get(one)!);
    if (conflictsOf(methods).length === 0) kept.push(id);
  }
  return kept;
}

const anAlgorithm = fc.option(fc.constantFrom(...RECIPES.keys()), { nil: undefined });
const anArm = fc
  .tuple(extras, maybe('advantage'), maybe('objective'), anAlgorithm)
  .map(([more, advantage, objective, algorithm]) => {
    // With an algorithm of its own an arm has all of it.
    const own = algorithm
      ? [advantage ?? 'rloo', objective ?? 'cispo']
      : [advantage, objective].filter((id) => id !== undefined);
    return { algorithm, methods: fitting([...own, ...more]) };
  })
  .chain(({ algorithm, methods }) =>
    fc.record({
      algorithm: fc.constant(algorithm),
      id: fc.constantFrom('none', 'naive', 'ib', 'b_2', '0', 'constructor'),
      name: aText,
      methods: fc.constant(methods),
      settings: settingsOf(methods),
      color: fc.integer({ min: 0, max: 99 }),
      enabled: fc.constantFrom(true, false),
    }),
  );

const aFile = fc
  .tuple(
    fc.constantFrom(...TASKS.values()),
    fc.tuple(oneOf('advantage'), oneOf('objective')),
    extras,
  )
  .map(([task, pair, more]) => [task, pair, fitting(more, pair)] as const)
  .chain(([task, pair, shared]) =>
    fc.record({
      name: aText,
      caption: aText,
      task: fc.constant(task.id),
      model: fc.constantFrom(...Object.keys(CATALOG.models)),
      base: fc.constantFrom('shipped', 'train'),
      algorithm: anAlgorithm,
      methods: fc.constant([...pair, ...shared]),
      settings: fc
        .tuple(
          someSettings(TRAINER.id, TRAINER.params),
          someSettings(task.id, task.params),
          settingsOf([...pair, ...shared]),
        )
        .map((parts) => Object.assign({}, ...parts)),
      arms: fc.uniqueArray(anArm, { minLength: 1, maxLength: 4, selector: (arm) => arm.id }),
      seeds: fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 31 - 1 }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  );

/** Valid experiments; those that a task's own check or a pair of methods refuses are left out. */
export const anExperiment: fc.Arbitrary<Experiment> = aFile
  .map((file) => {
    try {
      const arms = file.arms.map((arm) => {
        if (arm.algorithm) return arm;
        const own = (stage: string) => arm.methods.some((id) => METHODS.get(id)?.stage === stage);
        const beside = file.methods.filter(
          (id) => !arm.methods.includes(id) && !own(METHODS.get(id)!.stage),
        );
        return { ...arm, methods: fitting(arm.methods, beside) };
      });
      const { experiment } = parseExperiment({ ...file, arms }, CATALOG);
      return experiment.arms.some((arm) => arm.enabled) ? experiment : undefined;
    } catch (error) {
      if (/at most|at least|do not go together|must leave exactly one/.test(String(error)))
        return undefined;
      throw error;
    }
  })
  .filter((experiment) => experiment !== undefined);
