// What does not fit an adapter is refused before anything is allocated, with the limit and the setting to lower.
import { describe, expect, it, vi } from 'vitest';
import { MODEL_PRESETS, type ModelPresetId, modelConfig } from '../../src/core/model_config.ts';
import { defaultsOf, type Params } from '../../src/core/param.ts';
import { TRAINER_PARAMS } from '../../src/core/settings.ts';
import { cutByRows } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { createLayout } from '../../src/model/layout.ts';
import { MAX_PARTS } from '../../src/model/memory.ts';
import { checkLimits, workspaceTable } from '../../src/model/workspace.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { chooseSizes } from '../../src/train/sizes.ts';
import { device } from '../helpers/dawn.ts';

const task = TASKS.get('chain_sum')!;
const values = { ...defaultsOf('trainer', TRAINER_PARAMS), ...defaultsOf(task.id, task.params) };
const MiB = 2 ** 20;
/** What every WebGPU adapter offers at least. */
const least = { maxBufferSize: 256 * MiB, maxStorageBufferBindingSize: 128 * MiB };

describe('sizes', () => {
  it.each(Object.keys(MODEL_PRESETS) as ModelPresetId[])('%s fits every adapter', (model) => {
    const config = modelConfig(model, task.vocabulary.length);
    const layout = createLayout(config);
    const sizes = chooseSizes(config, task, values, least, false);
    expect(() => checkLimits(layout, workspaceTable(layout, sizes), least)).not.toThrow();
    expect(sizes.rows % 8).toBe(0);
    expect(sizes.rows).toBeGreaterThanOrEqual(sizes.positions);
    expect(sizes.sequences).toBeGreaterThanOrEqual(8);
  });

  it('cuts a batch into parts where the adapter is small, instead of refusing it', () => {
    const small = { maxBufferSize: 4 * MiB, maxStorageBufferBindingSize: 4 * MiB };
    const config = modelConfig('nano', 15);
    const sizes = chooseSizes(config, task, values, small, false);
    expect(sizes.rows).toBeLessThan(chooseSizes(config, task, values, least, false).rows);
    const layout = createLayout(config);
    expect(() =>
      checkLimits(layout, workspaceTable(layout, { ...sizes, splits: 1 }), small),
    ).not.toThrow();
  });

  it.each(Object.keys(MODEL_PRESETS) as ModelPresetId[])(
    '%s takes the largest batch of the longest responses as one update',
    (model) => {
      const most = (owner: Params) =>
        Object.fromEntries(
          Object.entries(owner).map(([name, p]) => [name, p.kind === 'number' ? p.max : p.default]),
        );
      const [{ prompts, group_size }, own] = [most(TRAINER_PARAMS), most(task.params)];
      const largest = {
        ...{ ...values, 'trainer.prompts': prompts, 'trainer.group_size': group_size },
        ...Object.fromEntries(Object.entries(own).map(([name, x]) => [`${task.id}.${name}`, x])),
      };
      const config = modelConfig(model, task.vocabulary.length);
      const { rows, response, positions } = chooseSizes(config, task, largest, least, false);
      const groups = Array.from({ length: prompts }, (_, p) => {
        const prompt = Array.from({ length: positions - response }, (__, i) => (p >> i) % 2);
        const tokens = new Uint8Array(response);
        return Array(group_size).fill({ prompt, response: tokens, weight: 1, advantage: 0 });
      });
      const parts = cutByRows(groups.flat(), rows).length;
      expect(parts).toBeGreaterThan(64);
      expect(parts).toBeLessThanOrEqual(MAX_PARTS);
    },
  );

  it('names the limit and the setting, and allocates nothing', async () => {
    const config = modelConfig('medium', 15);
    const sizes = chooseSizes(config, task, values, least, false);
    const layout = createLayout(config);
    const tight = { maxBufferSize: 64 * MiB, maxStorageBufferBindingSize: 32 * MiB };
    expect(() => checkLimits(layout, workspaceTable(layout, sizes), tight)).toThrow(
      /memory: .* must fit the adapter's maxStorageBufferBindingSize of 33554432 bytes, got \d+; lower (trainer|the model)/,
    );
    const create = vi.spyOn(device, 'createBuffer');
    const compile = vi.spyOn(device, 'createShaderModule');
    const huge = { rows: 8, sequences: 2 ** 22, response: 64, positions: 80, splits: 1 };
    await expect(Engine.create(device, modelConfig('nano', 15), 0, huge)).rejects.toThrow(
      /lower trainer.prompts or trainer.group_size/,
    );
    expect(create).not.toHaveBeenCalled();
    expect(compile).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});
