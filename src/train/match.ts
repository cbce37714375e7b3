/**
 * Matched strength: each regularizer's coefficient such that its gradient norm on the base is a given share of the
 * policy gradient's. Both are measured by the engine with the terms alone, whole batches of the experiment's size, mean
 * of the norms over BATCHES batches that no run trains on; so the coefficient is the same for all seeds of an arm, and
 * the same bits for the same base, settings and adapter.
 */
import { activeMethods } from '../core/catalog.ts';
import { type Arm, armValues, type Experiment } from '../core/experiment.ts';
import type { Values } from '../core/param.ts';
import { mean } from '../core/statistics.ts';
import { sampleSd } from '../core/stats.ts';
import { isMatched, type MatchedStrength, matchProblem } from '../core/strength.ts';
import { METHODS } from '../methods/index.ts';
import { isTerm, type Method, type TermMethod } from '../methods/method.ts';
import { openPolicy } from '../model/allocation.ts';
import type { Engine, Policy } from '../model/engine.ts';
import type { Task } from '../tasks/task.ts';
import { criticOf } from './critic.ts';
import { type Compiled, compile, cosine, gradientOf, norm } from './gradients.ts';
import { Run } from './run.ts';
import { composeAlone, composePolicy } from './terms.ts';

export const BATCHES = 8;
/** Beyond the seeds that an experiment can have. */
const FIRST_SEED = 2 ** 31;
/** A coefficient that many times its setting's end says that the gradient is rounding. */
const FAR = 1000;

interface Matching {
  engine: Engine;
  task: Task;
  experiment: Experiment;
  base: Policy;
  baseParameters: Float32Array;
}

/** A regularizer of an arm, alone, at coefficient 1. */
interface Unit {
  arm: string;
  method: TermMethod;
  key: string;
  values: Values;
  terms: Compiled;
  norms: number[];
  cosines: number[];
}

/** Arms that sample, judge and reward alike: they differ in regularizers only. */
interface Group {
  /** Without regularizers. */
  methods: readonly Method[];
  policy: Compiled;
  values: Values;
  units: Unit[];
}

/**
 * @returns one entry for each regularizer of each enabled arm; none where strengths are not to be matched
 * @throws {RangeError} a regularizer without a strength, or a gradient on the base that is 0, so that no coefficient gives
 *                      it a share
 */
export async function matchStrengths(
  given: Matching,
  progress: (done: number, total: number) => void,
): Promise<MatchedStrength[]> {
  if (!isMatched(given.experiment.values)) return [];
  const problem = matchProblem(given.experiment, METHODS);
  if (problem) throw new RangeError(problem);
  const groups = await groupsOf(given);
  const total = groups.length * BATCHES;
  const found: MatchedStrength[] = [];
  for (const [g, group] of groups.entries()) {
    const norms: number[] = [];
    // A value head as it begins.
    const own =
      criticOf(group.methods) && (await openPolicy(given.engine, given.baseParameters, true));
    for (let k = 0; k < BATCHES; k++) {
      progress(g * BATCHES + k, total);
      const run = runOf(given, group, own ?? given.base, FIRST_SEED + k);
      const batch = await run.sample();
      const policy = await gradientOf(run.parts, batch, group.policy, group.values);
      norms.push(norm(policy));
      for (const unit of group.units) {
        const parts = { ...run.parts, methods: [unit.method] };
        const gradient = await gradientOf(parts, batch, unit.terms, unit.values);
        unit.norms.push(norm(gradient));
        unit.cosines.push(cosine(policy, gradient));
      }
    }
    if (own) given.engine.destroyPolicy(own);
    const fraction = given.experiment.values['trainer.match_fraction'] as number;
    found.push(...group.units.map((unit) => strengthOf(unit, norms, fraction)));
  }
  progress(total, total);
  return found;
}

async function groupsOf({ engine, experiment }: Matching): Promise<Group[]> {
  const groups = new Map<string, Group>();
  for (const arm of experiment.arms.filter((a) => a.enabled)) {
    const methods = activeMethods(experiment, arm, METHODS);
    const regularizers = methods.filter(isTerm).filter(({ stage }) => stage === 'regularizer');
    if (regularizers.length === 0) continue;
    const values = beginning(experiment, arm, methods);
    const owned = (key: string) => regularizers.some(({ id }) => key.startsWith(`${id}.`));
    const others = methods.filter((method) => !regularizers.some(({ id }) => id === method.id));
    const rest = Object.entries(values).filter(([key]) => !owned(key));
    const key = JSON.stringify([others.map(({ id }) => id), rest]);
    const known = groups.get(key) ?? {
      ...{ methods: others, values, units: [] },
      policy: await compile(engine, composePolicy(methods)),
    };
    groups.set(key, known);
    for (const method of regularizers) {
      const setting = `${method.id}.${method.strength}`;
      known.units.push({
        ...{ arm: arm.id, method, key: setting, values: { ...values, [setting]: 1 } },
        ...{ terms: await compile(engine, composeAlone(method)), norms: [], cosines: [] },
      });
    }
  }
  return [...groups.values()];
}

/** Settings of an arm with what its methods steer, as it begins. */
function beginning(experiment: Experiment, arm: Arm, methods: readonly Method[]): Values {
  const values = armValues(experiment, arm);
  const state = methods.flatMap(({ id, state: begins = {} }) =>
    Object.entries(begins).map(([name, begin]) => [`${id}.${name}`, begin(values)]),
  );
  return { ...values, ...Object.fromEntries(state) };
}

/** A run at the base that only samples. */
function runOf(given: Matching, group: Group, start: Policy, seed: number): Run {
  const { engine, task, base } = given;
  const { methods, policy, values, units } = group;
  // Its batch has what the regularizers read of sampled responses, too.
  const needs = new Set([policy, ...units.map(({ terms }) => terms)].flatMap(needsOf));
  return new Run({
    ...{ engine, task, arm: 'base', seed, methods, values, base, policy: start },
    ...{ loss: policy.loss, composed: { ...policy.composed, needs } },
  });
}

const needsOf = ({ composed }: Compiled) => [...composed.needs];

/** @throws {RangeError} one of the gradients is 0 */
function strengthOf(unit: Unit, policyNorms: readonly number[], fraction: number): MatchedStrength {
  const { arm, method, key, norms } = unit;
  const [policy_norm, unit_norm] = [mean(policyNorms), mean(norms)];
  const where = `arm.${arm}.methods: matched strength`;
  if (!(policy_norm > 0)) {
    throw new RangeError(
      `${where} needs a policy gradient on the base that is not 0, got ${policy_norm}: no prompt got different rewards; raise the prompts per step or the responses per prompt`,
    );
  }
  const value = (fraction * policy_norm) / unit_norm;
  const param = method.params[method.strength ?? ''];
  const most = param?.kind === 'number' ? param.max : 1;
  if (!(value <= FAR * most)) {
    throw new RangeError(
      `${where} needs a gradient of ${method.id} on the base that is not 0, got norm ${unit_norm.toExponential(1)} at coefficient 1: it acts only once the policy has moved, or found nothing to act on in ${BATCHES} batches; raise the prompts per step, or switch matching off and set ${key} by hand`,
    );
  }
  return {
    ...{ arm, method: method.id, key, value, fraction, policy_norm, unit_norm },
    ...{ policy_sd: sampleSd(policyNorms), unit_sd: sampleSd(norms) },
    ...{ cosine: mean(unit.cosines.filter(Number.isFinite)), batches: norms.length },
  };
}
