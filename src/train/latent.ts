/**
 * Latent positions in training (LEPO; shaders/sample_latent.wgsl). A response is one list of positions: first the latent
 * ones, each with the token that was likeliest there, then tokens. All of them count in its length, in the aggregate and in
 * means over tokens; what a task reads are the tokens alone.
 */
import { activeMethods } from '../core/catalog.ts';
import { armValues, type Experiment } from '../core/experiment.ts';
import type { LatentSampling } from '../core/latent.ts';
import { mean } from '../core/statistics.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import type { Response } from '../model/generate.ts';

type Begun = Pick<Response, 'tokens' | 'mixtures'>;

/** How responses of an arm begin; undefined where their first position is a token. */
export function latentOf(
  methods: readonly Method[],
  values: Readonly<Record<string, number>>,
): LatentSampling | undefined {
  const method = methods.find((m) => m.stage === 'sampling');
  const latent = method?.stage === 'sampling' ? method.latent?.(values) : undefined;
  return latent && latent.positions > 0 ? latent : undefined;
}

/** Most latent positions of any enabled arm; 0 where none has some. */
export function latentPositions(experiment: Experiment): number {
  const arms = experiment.arms.filter((arm) => arm.enabled);
  const positions = arms.map((arm) => {
    const methods = activeMethods(experiment, arm, METHODS);
    return latentOf(methods, armValues(experiment, arm))?.positions ?? 0;
  });
  return Math.max(0, ...positions);
}

/** Token ids that the task reads: those after the latent positions; EOS alone where a latent position ended it all. */
export function spokenTokens({ tokens, mixtures = [] }: Begun): number[] {
  const spoken = Array.from(tokens).slice(mixtures.length);
  return spoken.length > 0 ? spoken : Array.from(tokens).slice(-1);
}

/**
 * [N] log-probabilities of sampled responses, with those of sampling put back at latent positions, where no token was
 * drawn: every ratio is 1 there, and no KL is estimated.
 */
export function heldAtLatent(
  logp: Float32Array,
  sampled: Float32Array,
  responses: readonly Begun[],
): Float32Array {
  if (!responses.some(({ mixtures }) => mixtures)) return logp;
  const held = logp.slice();
  let from = 0;
  for (const { tokens, mixtures = [] } of responses) {
    held.set(sampled.subarray(from, from + mixtures.length), from);
    from += tokens.length;
  }
  return held;
}

/** Mean entropy of the mixtures, nats; NaN of none. */
export function mixtureEntropy(responses: readonly Begun[]): number {
  const all = responses.flatMap(({ mixtures = [] }) => mixtures);
  return mean(all.map((y) => -y.reduce((sum, x) => sum + (x > 0 ? x * Math.log(x) : 0), 0)));
}
