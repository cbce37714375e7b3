/** How long an experiment will take and how much memory: counted work over the probe's speeds. */
import { activeMethods } from '../core/catalog.ts';
import { armValues, type Experiment } from '../core/experiment.ts';
import { modelConfig, parameterCount } from '../core/model_config.ts';
import type { AdapterReport, Estimate } from '../core/report.ts';
import { METHODS } from '../methods/index.ts';
import type { Task } from '../tasks/task.ts';
import { criticOf } from './critic.ts';
import { EVAL_SAMPLES } from './evaluate.ts';
import { latentPositions } from './latent.ts';
import { predictedBytes } from './memory.ts';
import { chooseSizes } from './sizes.ts';

/** Share of the longest response that is written on average: between a base and a model that reasons. */
export const TYPICAL_LENGTH = 0.45;
/** Share of the longest prompt that one is on average. */
export const TYPICAL_PROMPT = 0.7;

type Limits = Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;

export function estimate(
  experiment: Experiment,
  task: Task,
  adapter: AdapterReport,
  limits: Limits,
): Estimate {
  const config = modelConfig(experiment.model, task.vocabulary.length);
  const latent = latentPositions(experiment);
  const sizes = chooseSizes(config, task, experiment.values, limits, adapter.software, latent);
  const memory_bytes = predictedBytes(experiment, task, sizes);

  const { prompt, response } = task.limits(experiment.values);
  const P = parameterCount(config);
  let seconds_total = 0;
  for (const arm of experiment.arms.filter((a) => a.enabled)) {
    const of = (name: string): number => armValues(experiment, arm)[`trainer.${name}`] as number;
    const sequences = of('prompts') * of('group_size');
    const tokens = sequences * (TYPICAL_PROMPT * prompt + TYPICAL_LENGTH * response);
    const written = sequences * TYPICAL_LENGTH * response;
    // Forward 2 operations a parameter and token, backward 4; sampling 2 a written token.
    // A value head asks for one more forward pass, when the batch has been sampled.
    const looks = criticOf(activeMethods(experiment, arm, METHODS)) ? 1 : 0;
    const flops = (6 * of('epochs') + 2 * looks) * P * tokens + 2 * P * written;
    const evaluations =
      (2 * P * of('eval_prompts') * EVAL_SAMPLES * TYPICAL_LENGTH * response) / of('eval_every');
    const dispatches =
      (7 * config.n_layer + 3) * response * (1 + 1 / of('eval_every')) +
      (21 * config.n_layer + 12) * of('epochs') * of('minibatches');
    const seconds =
      (flops + evaluations) / (adapter.gflops * 1e9) + dispatches * adapter.dispatch_us * 1e-6;
    seconds_total += seconds * of('steps') * experiment.seeds.length;
  }
  const steps = experiment.values['trainer.steps'] as number;
  return { seconds_per_step: seconds_total / steps, seconds_total, memory_bytes };
}
