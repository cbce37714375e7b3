/** How much memory an experiment's buffers will take: the engine's tables, a policy for the base and for every run. */
import { activeMethods } from '../core/catalog.ts';
import { type Experiment, runsOf } from '../core/experiment.ts';
import { modelConfig } from '../core/model_config.ts';
import { composeMethods } from '../methods/compose.ts';
import { METHODS } from '../methods/index.ts';
import { createLayout } from '../model/layout.ts';
import { engineBytes, lossBytes, policyBytes } from '../model/memory.ts';
import type { Sizes } from '../model/workspace.ts';
import type { Task } from '../tasks/task.ts';
import { criticOf, wantsValue } from './critic.ts';

/**
 * Bytes of all buffers between two steps. What is made for one look and destroyed after it (checkpoints, inspections),
 * and what the driver and the browser need beside, is not in it.
 */
export function predictedBytes(experiment: Experiment, task: Task, sizes: Sizes): number {
  const config = modelConfig(experiment.model, task.vocabulary.length);
  const plain = createLayout(config);
  const valued = createLayout(config, true);
  let bytes = engineBytes(wantsValue(experiment) ? valued : plain, sizes) + policyBytes(plain);
  const seeds = runsOf(experiment).length / experiment.arms.filter((a) => a.enabled).length;
  for (const arm of experiment.arms.filter((a) => a.enabled)) {
    const methods = activeMethods(experiment, arm, METHODS);
    const run = policyBytes(criticOf(methods) ? valued : plain);
    bytes += seeds * (run + lossBytes(composeMethods(methods), sizes));
  }
  return bytes;
}
