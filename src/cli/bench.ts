/**
 * `npm run bench [-- --model nano] [--repeat 7] [--profile]`: medians of a training step, a rollout and the fused loss,
 * one JSON line each with adapter and commit. `--profile` adds where a step's time goes, kernel by kernel.
 */
import { parseArgs } from 'node:util';
import { MODEL_PRESETS, type ModelPresetId, modelConfig } from '../core/model_config.ts';
import { Random } from '../core/random.ts';
import { openDevice } from '../gpu/device.ts';
import { profileLaunches } from '../gpu/timing.ts';
import { packBatch, type TrainingSequence } from '../model/batch.ts';
import { Engine } from '../model/engine.ts';
import { rollout } from '../model/generate.ts';
import { initialParameters } from '../model/init.ts';
import { update, uploadBatch } from '../model/update.ts';
import { openDawn } from './dawn.ts';
import { lossOf } from './goldens_model.ts';
import { commitOf, oneOf, wholeNumber } from './options.ts';

/** Sequences, prompt and response tokens, vocabulary of the measured batch. */
const SHAPE = { sequences: 32, prompt: 1, response: 32, vocabulary: 32 };
const ADAM = {
  learning_rate: 1e-3,
  beta1: 0.9,
  beta2: 0.98,
  eps: 1e-8,
  weight_decay: 0,
  max_grad_norm: 1,
};

export async function main(args: string[]): Promise<number> {
  const { values: options } = parseArgs({
    args,
    options: {
      model: { type: 'string', default: 'nano' },
      repeat: { type: 'string', default: '7' },
      profile: { type: 'boolean', default: false },
    },
  });
  const model = oneOf('model', options.model, Object.keys(MODEL_PRESETS) as ModelPresetId[]);
  const repeat = wholeNumber('repeat', options.repeat, 1);
  const opened = await openDevice(await openDawn());
  const { device } = opened;
  const config = modelConfig(model, SHAPE.vocabulary);
  const { sequences: B, prompt, response } = SHAPE;
  const rows = B * (prompt + response);
  const splits = opened.software ? 2 : 16;
  const sizes = { rows, sequences: B, response, positions: prompt + response, splits };
  const compiling = performance.now();
  // No token ends a response: all are of full length.
  const engine = await Engine.create(device, config, SHAPE.vocabulary, sizes);
  const policy = engine.createPolicy(initialParameters(engine.layout, 0));
  const loss = await lossOf(engine, ['ppo_clip', 'ib_entropy'], {
    'ppo_clip.eps_low': 0.2,
    'ppo_clip.eps_high': 0.28,
    'ppo_clip.dual': 3,
    'ib_entropy.alpha': 0.05,
  });
  const facts = {
    model: options.model,
    adapter: `${opened.vendor} ${opened.architecture} ${opened.description}`.trim(),
    commit: commitOf(),
  };
  const tell = (line: object): void => console.log(JSON.stringify({ ...line, ...facts }));
  tell({ name: 'compile', ms: Math.round(performance.now() - compiling) });

  const random = new Random(1);
  const draw = (n: number): number[] =>
    Array.from({ length: n }, () => random.integer(0, SHAPE.vocabulary - 1));
  const batch: TrainingSequence[] = Array.from({ length: B }, () => ({
    prompt: draw(prompt),
    response: draw(response),
    weight: 1 / (B * response),
    advantage: random.normal(),
    old_logp: Array(response).fill(-Math.log(SHAPE.vocabulary)),
  }));
  const parts = [packBatch(batch)];
  let updateNumber = 0;
  const cases: Record<string, () => Promise<unknown>> = {
    training_step: () =>
      update(engine, policy, loss, {
        parts,
        temperature: 1,
        adam: ADAM,
        updateNumber: ++updateNumber,
      }),
    rollout: () =>
      rollout(engine, policy, {
        prompts: batch.map((s) => s.prompt),
        groupSize: 1,
        temperature: 1,
        seed: 0,
        stream: 3,
        step: 1,
      }),
  };
  for (const [name, work] of Object.entries(cases)) {
    await work();
    const times: number[] = [];
    for (let i = 0; i < repeat; i++) {
      const from = performance.now();
      await work();
      times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    const median = times[Math.floor(repeat / 2)] as number;
    const [least, most] = [times[0] as number, times[repeat - 1] as number];
    const round = (ms: number): number => Number(ms.toFixed(2));
    tell({
      name,
      ms: round(median),
      least: round(least),
      most: round(most),
      tokens: B * response,
      repeat,
    });
  }
  if (options.profile) {
    uploadBatch(engine, parts[0] as ReturnType<typeof packBatch>, false, 1);
    const launches = [
      ...policy.passes.forward,
      loss.launch,
      loss.sum,
      ...policy.passes.backward,
      ...policy.optimizer,
    ];
    const byKernel = new Map<string, { ms: number; dispatches: number }>();
    for (const { label, ms } of await profileLaunches(device, launches, rows)) {
      const sum = byKernel.get(label) ?? { ms: 0, dispatches: 0 };
      byKernel.set(label, { ms: sum.ms + ms, dispatches: sum.dispatches + 1 });
    }
    for (const [kernel, sum] of [...byKernel].sort((a, b) => b[1].ms - a[1].ms)) {
      tell({ name: 'profile', kernel, ...sum });
    }
  }
  engine.destroy();
  return 0;
}
