// The fused loss of every algorithm compiles on the device: alone, and with every regularizer at once.
import { afterAll, describe, expect, test } from 'vitest';
import { modelConfig } from '../../src/core/model_config.ts';
import { defaultsOf } from '../../src/core/param.ts';
import { TRAINER_PARAMS } from '../../src/core/settings.ts';
import { composeMethods } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { RECIPES } from '../../src/methods/recipes/index.ts';
import { Engine } from '../../src/model/engine.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { chooseSizes } from '../../src/train/sizes.ts';
import { device } from '../helpers/dawn.ts';

const task = TASKS.get('chain_sum')!;
const config = modelConfig('nano', task.vocabulary.length);
const values = { ...defaultsOf('trainer', TRAINER_PARAMS), ...defaultsOf(task.id, task.params) };

describe('every algorithm', async () => {
  const sizes = chooseSizes(config, task, values, device.limits, true);
  const engine = await Engine.create(device, config, task.eos, sizes, () => {});
  afterAll(() => engine.destroy());
  const regularizers = [...METHODS.values()].filter(({ stage }) => stage === 'regularizer');

  test.each([...RECIPES.values()].map((r) => [r.id, r] as const))('%s', async (_, recipe) => {
    const own = recipe.methods.map((id) => METHODS.get(id) as Method);
    const more = regularizers.filter(({ id }) => !recipe.methods.includes(id));
    for (const methods of [own, [...own, ...more]]) {
      const composed = composeMethods(methods);
      const loss = await engine.createLoss(composed);
      const { code } = loss.launch.kernel;
      for (const { id, stage } of methods) {
        const isTerm = stage === 'objective' || stage === 'regularizer';
        expect(code.includes(`fn ${id}(`), id).toBe(isTerm);
      }
    }
  });
});
