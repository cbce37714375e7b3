// What is promised beside Start: every forward pass that a method or a measurement asks for is in it.
import { describe, expect, it } from 'vitest';
import { modelConfig, parameterCount } from '../../src/core/model_config.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import type { AdapterReport } from '../../src/core/report.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Task } from '../../src/tasks/task.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { estimate } from '../../src/train/estimate.ts';

const MiB = 2 ** 20;
const limits = { maxBufferSize: 256 * MiB, maxStorageBufferBindingSize: 128 * MiB };
const task = TASKS.get('chain_sum') as Task;
const P = parameterCount(modelConfig('nano', task.vocabulary.length));

/** Seconds of one step on an adapter that does 1 GFLOP/s and dispatches in no time, or the other way round. */
function seconds(
  methods: string[],
  settings: object = {},
  free: 'dispatch' | 'flops' = 'dispatch',
) {
  const { experiment } = parseExperiment(
    {
      methods: ['grpo', 'ppo_clip'],
      settings: { 'chain_sum.hints': true, 'trainer.eval_every': 10, ...settings },
      ...{ arms: [{ id: 'a', methods }], seeds: [0] },
    },
    CATALOG,
  );
  const adapter = {
    gflops: free === 'flops' ? Number.POSITIVE_INFINITY : 1,
    dispatch_us: free === 'flops' ? 1e6 : 0,
  } as AdapterReport;
  const most = task.limits(experiment.values);
  const { seconds_per_step } = estimate(experiment, task, adapter, limits);
  const sequences = experiment.values['trainer.prompts'] * experiment.values['trainer.group_size'];
  const rows = { prompt: 0.7 * most.prompt, written: 0.45 * most.response };
  return { seconds: seconds_per_step, sequences, rows, values: experiment.values };
}

/** Rows of forward passes that `methods` and `settings` add to a plain step. */
const added = (methods: string[], settings: object = {}, others: object = {}) =>
  ((seconds(methods, { ...others, ...settings }).seconds - seconds([], others).seconds) * 1e9) /
  (2 * P);

describe('the estimate', () => {
  const { sequences, rows, values } = seconds([]);
  const all = sequences * (rows.prompt + rows.written);

  it.each([
    ['ibro', all],
    ['kl_reward', all],
    ['kl_penalty', all],
    ['iapo', all + sequences * (rows.written + 1)],
    ['lepo', 0],
    ['entropy_bonus', 0],
  ])('knows the passes of %s', (id, wanted) => {
    expect(added([id])).toBeCloseTo(wanted, 3);
  });

  it('knows that of a value head, and those of each epoch', () => {
    expect(added(['gae'])).toBeCloseTo(all, 3);
    expect(added(['kl_penalty'], {}, { 'trainer.epochs': 3 })).toBeCloseTo(3 * all, 3);
    expect(added(['ibro'], {}, { 'trainer.epochs': 3 })).toBeCloseTo(all, 3);
  });

  it('knows what measuring information takes at an evaluation', () => {
    const N = values['trainer.eval_prompts'];
    const answers = task.answer?.tokens.length as number;
    const one = rows.prompt + rows.written;
    const measured = (M: number, scored: number) =>
      scored * M * one + N * (one + answers) + N * (one + rows.written + 1);
    for (const [M, scored] of [
      [8, 32],
      [48, 48],
    ]) {
      const asked = { 'trainer.information': true, 'trainer.information_prompts': M };
      expect(added([], asked)).toBeCloseTo(measured(M, scored) / 10, 3);
    }
  });

  it('counts the dispatches of a pass, which decide on a fast GPU', () => {
    const dispatches = (methods: string[]) => seconds(methods, {}, 'flops').seconds;
    // Seven kernels a layer and three more.
    expect(dispatches(['iapo']) - dispatches([])).toBeCloseTo(7 * 2 + 3, 6);
    expect(dispatches(['entropy_bonus'])).toBe(dispatches([]));
  });
});
