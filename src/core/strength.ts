/** Matched strength: what was measured on the base, and the coefficient that follows from it. Data, and its check. */
import { activeMethods, type CatalogMethod } from './catalog.ts';
import type { Experiment } from './experiment.ts';
import type { Values } from './param.ts';

/** One regularizer of one arm. */
export interface MatchedStrength {
  arm: string;
  /** Method id. */
  method: string;
  /** Full name of the setting. */
  key: string;
  /** What applies instead of the setting: fraction · policy_norm / unit_norm. */
  value: number;
  /** Norm of the regularizer's gradient over the policy gradient's that was asked for. */
  fraction: number;
  /** L2 norm of the policy gradient in all parameters before clipping, mean over the batches. */
  policy_norm: number;
  /** The same of the regularizer at coefficient 1. */
  unit_norm: number;
  /** Standard deviation (n − 1) of both over the batches. */
  policy_sd: number;
  unit_sd: number;
  /** Of the two gradients, mean over the batches where neither is 0. */
  cosine: number;
  batches: number;
}

/** The matched settings of an arm. */
export function matchedOf(found: readonly MatchedStrength[], arm: string): Values {
  const own = found.filter((strength) => strength.arm === arm);
  return Object.fromEntries(own.map(({ key, value }) => [key, value]));
}

export const isMatched = (values: Values): boolean => values['trainer.match_strength'] === 1;

/** Why the strengths of an experiment's arms cannot be matched; undefined where they can, or are not to be. */
export function matchProblem(
  experiment: Experiment,
  methods: ReadonlyMap<string, CatalogMethod>,
): string | undefined {
  if (!isMatched(experiment.values)) return undefined;
  for (const arm of experiment.arms.filter(({ enabled }) => enabled)) {
    const without = activeMethods(experiment, arm, methods).find(
      ({ stage, strength }) => stage === 'regularizer' && strength === undefined,
    );
    if (!without) continue;
    return `arm.${arm.id}.methods: trainer.match_strength needs one setting of each regularizer that its gradient is proportional to, and ${without.id} has none; switch matching off, or use another regularizer`;
  }
  return undefined;
}
