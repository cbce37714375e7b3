// The warm start begins to learn, tells its progress, and can be stopped. Whole runs take minutes; public/bases holds one.
import { expect, it } from 'vitest';
import { modelConfig } from '../../src/core/model_config.ts';
import { defaultsOf } from '../../src/core/param.ts';
import type { Random } from '../../src/core/random.ts';
import { Engine } from '../../src/model/engine.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Task } from '../../src/tasks/task.ts';
import { chooseSizes } from '../../src/train/sizes.ts';
import { type WarmStartProgress, warmStart } from '../../src/train/warm_start.ts';
import { device } from '../helpers/dawn.ts';

it('lowers the loss within 30 steps and stops when asked', async () => {
  const task = TASKS.get('chain_sum')!;
  const values = {
    ...defaultsOf(task.id, task.params),
    'trainer.prompts': 8,
    'trainer.group_size': 8,
    'chain_sum.max_operands': 4,
    'chain_sum.max_response': 20,
  };
  const config = modelConfig('nano', task.vocabulary.length);
  const sizes = chooseSizes(config, task, values, device.limits, true);
  const engine = await Engine.create(device, config, task.eos, sizes);
  const told: WarmStartProgress[] = [];
  const stopped = warmStart(
    engine,
    task,
    values,
    0,
    (p) => told.push(p),
    () => told.length === 3,
  );
  await expect(stopped).rejects.toThrow('warm start: stopped');
  expect(told.map((p) => [p.phase, p.step])).toEqual([
    ['practice', 10],
    ['practice', 20],
    ['practice', 30],
  ]);
  // Uniform guessing costs ln 15 = 2.71 nats a token; the grammar alone brings it below 2.
  expect(told[0].loss).toBeLessThan(2.8);
  expect(told[2].loss).toBeLessThan(told[0].loss - 0.3);
  expect(told[2].loss).toBeGreaterThan(0);
  engine.destroy();
});

it('tells the answer before half of the demonstrations of the mixture, where hints are to be known, and before none else', async () => {
  const plain = TASKS.get('chain_sum')!;
  const hinted: string[] = [];
  let phase = 'practice';
  const task = {
    ...plain,
    hint(problem: unknown) {
      hinted.push(phase);
      return plain.hint!(problem);
    },
    // Practice is over at its first look at accuracy, whatever that is.
    warmStart: { practice: { target_accuracy: 0 } },
  };
  const values = {
    ...defaultsOf(task.id, task.params),
    ...{ 'trainer.prompts': 8, 'trainer.group_size': 8, 'chain_sum.hints': 1 },
    ...{ 'chain_sum.max_operands': 3, 'chain_sum.max_response': 12 },
  };
  const config = modelConfig('nano', task.vocabulary.length);
  const sizes = chooseSizes(config, task, values, device.limits, true);
  const engine = await Engine.create(device, config, task.eos, sizes);
  let steps = 0;
  const stopped = warmStart(
    engine,
    task,
    values,
    0,
    (told) => {
      if (told.phase === 'mixed' || told.step === 50) phase = 'mixed';
      if (told.phase === 'mixed') steps = told.step;
    },
    () => steps === 10,
  );
  await expect(stopped).rejects.toThrow('warm start: stopped');
  expect(hinted.filter((of) => of === 'practice')).toEqual([]);
  // Of 320; four standard deviations.
  expect(Math.abs(hinted.length - 160)).toBeLessThan(36);
  engine.destroy();
});

it('does not imitate what has no emphasis', async () => {
  const plain = TASKS.get('guess_or_think')!;
  // A digit that nobody can foresee, then the end.
  const unforeseen = {
    ...plain,
    demonstrate: (_problem: unknown, random: Random) => [random.integer(0, 9), plain.eos],
  };
  const values = {
    ...defaultsOf(plain.id, plain.params),
    ...{ 'trainer.prompts': 8, 'trainer.group_size': 8 },
  };
  const config = modelConfig('nano', plain.vocabulary.length);
  const sizes = chooseSizes(config, plain, values, device.limits, true);
  const engine = await Engine.create(device, config, plain.eos, sizes);
  const lossAfter50 = async (task: Task): Promise<number> => {
    let loss = Number.NaN;
    let step = 0;
    const told = (p: WarmStartProgress) => {
      ({ loss, step } = p);
    };
    const stopped = warmStart(engine, task, values, 0, told, () => step === 50);
    await expect(stopped).rejects.toThrow('warm start: stopped');
    return loss;
  };
  // The mean over both tokens is ln 10 / 2 = 1.15 nats at best, here of 32 samples.
  expect(await lossAfter50(unforeseen)).toBeGreaterThan(1);
  expect(await lossAfter50({ ...unforeseen, emphasis: () => [0, 1] })).toBeLessThan(0.1);
  // The sum of the emphases is what is divided by.
  const halves = { ...unforeseen, emphasis: () => [0.5, 0.5] };
  expect(await lossAfter50(halves)).toBeGreaterThan(1);
  engine.destroy();
});
