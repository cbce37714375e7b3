/** How long an experiment will take and how much memory: counted work over the probe's speeds. */
import { activeMethods } from '../core/catalog.ts';
import { armValues, type Experiment } from '../core/experiment.ts';
import { modelConfig, parameterCount } from '../core/model_config.ts';
import type { Values } from '../core/param.ts';
import type { AdapterReport, Estimate } from '../core/report.ts';
import { METHODS } from '../methods/index.ts';
import type { Need } from '../methods/method.ts';
import { createLayout } from '../model/layout.ts';
import { rolloutVariants } from '../model/rollout_variants.ts';
import type { Task } from '../tasks/task.ts';
import { EVAL_SAMPLES } from './evaluate.ts';
import { scoredResponses } from './information.ts';
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
  const chosen = chooseSizes(config, task, experiment.values, limits, adapter.software, latent);
  const canMega = !adapter.software && rolloutVariants(createLayout(config), chosen, limits).plan;
  const sizes = { ...chosen, rollout: canMega ? ('mega' as const) : ('loop' as const) };
  const memory_bytes = predictedBytes(experiment, task, sizes);

  const most = task.limits(experiment.values);
  const typical = { prompt: 0.7 * most.prompt, written: TYPICAL_LENGTH * most.response };
  const P = parameterCount(config);
  let seconds_total = 0;
  for (const arm of experiment.arms.filter((a) => a.enabled)) {
    const values = armValues(experiment, arm);
    const of = (name: string): number => values[`trainer.${name}`] as number;
    const sequences = of('prompts') * of('group_size');
    const tokens = sequences * (typical.prompt + typical.written);
    const needs = new Set(activeMethods(experiment, arm, METHODS).flatMap((m) => m.needs ?? []));
    const looks = [...needs].map((need) => lookOf(need, typical, of('epochs')));
    const evaluated = of('eval_prompts');
    const measured = of('information') ? informationRows(task, typical, values) : [];
    // Forward 2 operations a parameter and token, backward 4; sampling 2 a written token.
    const forward = sequences * total(looks) + total(measured) / of('eval_every');
    const sampled = (sequences + (evaluated * EVAL_SAMPLES) / of('eval_every')) * typical.written;
    const flops = P * (6 * of('epochs') * tokens + 2 * forward + 2 * sampled);
    const passes = looks.filter((rows) => rows > 0).length + measured.length / of('eval_every');
    const dispatches =
      (7 * config.n_layer + 3) * (most.response * (1 + 1 / of('eval_every')) + passes) +
      (21 * config.n_layer + 12) * of('epochs') * of('minibatches');
    const seconds = flops / (adapter.gflops * 1e9) + dispatches * adapter.dispatch_us * 1e-6;
    seconds_total += seconds * of('steps') * experiment.seeds.length;
  }
  const steps = experiment.values['trainer.steps'] as number;
  return { seconds_per_step: seconds_total / steps, seconds_total, memory_bytes };
}

/** Tokens of a typical sequence. */
interface Typical {
  prompt: number;
  written: number;
}

/** Rows of the forward passes over one sequence that a method's need asks for at each step, beside the step's own. */
function lookOf(need: Need, { prompt, written }: Typical, epochs: number): number {
  switch (need) {
    case 'value':
    case 'hint_entropy':
    case 'sampled_ref_logp':
      return prompt + written;
    case 'ref_logp':
      return epochs * (prompt + written);
    case 'answers':
      // A question after each token and one before the first.
      return prompt + 2 * written + 1;
    default:
      // What is read in the forward pass of the update itself, or while sampling.
      return 0;
  }
}

/** Rows of each of the passes over held-out responses that measuring information takes at an evaluation. */
function informationRows(task: Task, { prompt, written }: Typical, values: Values): number[] {
  const [M, problems] = [values['trainer.information_prompts'], values['trainer.eval_prompts']];
  const scored = scoredResponses(M as number) * (M as number) * (prompt + written);
  if (!task.answer) return [scored];
  const closed = (problems as number) * (prompt + written + task.answer.tokens.length);
  return [scored, closed, (problems as number) * lookOf('answers', { prompt, written }, 1)];
}

const total = (rows: readonly number[]): number => rows.reduce((a, b) => a + b, 0);
