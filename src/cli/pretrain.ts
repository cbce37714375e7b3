/**
 * `npm run train:base -- [--task chain_sum] [--model nano] [--hints] [--seed 0] [--out public/bases]`: trains a base model
 * by the warm start and writes `<task>-<model>.safetensors`, or with hints `<task>-<model>-hints.safetensors`, with its
 * provenance beside it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { baseName, hintsKey } from '../core/hints.ts';
import { MODEL_PRESETS, type ModelPresetId, modelConfig } from '../core/model_config.ts';
import { defaultsOf } from '../core/param.ts';
import { TRAINER_PARAMS } from '../core/settings.ts';
import { openDevice } from '../gpu/device.ts';
import { Engine } from '../model/engine.ts';
import { saveParameters } from '../model/safetensors.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { evaluate } from '../train/evaluate.ts';
import { chooseSizes } from '../train/sizes.ts';
import { recipeOf, warmStart } from '../train/warm_start.ts';
import { openDawn } from './dawn.ts';
import { checkWritable } from './files.ts';
import { oneOf, wholeNumber } from './options.ts';

export async function main(args: string[]): Promise<number> {
  const { values: options } = parseArgs({
    args,
    options: {
      task: { type: 'string', default: 'chain_sum' },
      model: { type: 'string', default: 'nano' },
      hints: { type: 'boolean', default: false },
      seed: { type: 'string', default: '0' },
      out: { type: 'string', default: 'public/bases' },
    },
  });
  const task = TASKS.get(oneOf('task', options.task, TASKS.keys())) as Task;
  const model = oneOf('model', options.model, Object.keys(MODEL_PRESETS) as ModelPresetId[]);
  const seed = wholeNumber('seed', options.seed, 0);
  const { hints } = options;
  checkWritable('out', options.out);
  if (hints && !task.hint)
    throw new RangeError(`--hints: needs a task whose prompts can tell the answer, got ${task.id}`);
  const values = {
    ...{ ...defaultsOf('trainer', TRAINER_PARAMS), ...defaultsOf(task.id, task.params) },
    ...(hints && { [hintsKey(task.id)]: 1 }),
  };
  const { device, vendor, architecture, software } = await openDevice(await openDawn());
  const config = modelConfig(model, task.vocabulary.length);
  const engine = await Engine.create(
    device,
    config,
    task.eos,
    chooseSizes(config, task, values, device.limits, software),
  );
  const started = performance.now();
  const result = await warmStart(
    engine,
    task,
    values,
    seed,
    ({ phase, step, steps, loss, accuracy }) => {
      const seconds = Math.round((performance.now() - started) / 1000);
      console.log(
        `${phase} ${step}/${steps}  loss ${loss.toFixed(3)}  held-out accuracy ${accuracy.toFixed(3)}  ${seconds} s`,
      );
    },
  );
  const { parameters } = await engine.readPolicy(result.policy);
  const name = baseName(task.id, options.model, hints);
  const sampling = { problems: 96, samples: 8, temperature: 1 };
  const told =
    hints && task.hint
      ? await evaluate(engine, result.policy, { ...task, prompt: task.hint }, values, {
          ...sampling,
          ...{ seed: result.seed, step: result.steps },
        })
      : undefined;
  mkdirSync(options.out, { recursive: true });
  writeFileSync(
    path.join(options.out, `${name}.safetensors`),
    new Uint8Array(saveParameters(engine.layout, parameters)),
  );
  const provenance = {
    command: `npm run train:base -- --task ${task.id} --model ${options.model}${hints ? ' --hints' : ''} --seed ${seed}`,
    adapter: `${vendor} ${architecture}`,
    seed: result.seed,
    steps: result.steps,
    recipe: recipeOf(task, hints),
    evaluation: { ...sampling, ...result.evaluation },
    ...(told && { evaluation_with_hint: { ...sampling, ...told } }),
    config,
    vocabulary: task.vocabulary,
  };
  writeFileSync(path.join(options.out, `${name}.json`), `${JSON.stringify(provenance, null, 2)}\n`);
  console.log(JSON.stringify(provenance.evaluation, null, 2));
  if (told) console.log(`with the answer told: accuracy ${told.accuracy.toFixed(3)}`);
  return 0;
}
