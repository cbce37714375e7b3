/**
 * `npm run bench:methods [-- --repeat 15] [--minibatches 1,4] [--methods id,id]`: what a step costs with each method
 * beside the plain step. All arms see the same responses (the learning rate is the least there is), take turns in an
 * order that rotates, and each is compared with the plain step of the same round; medians and quartiles of that ratio.
 * Beside wall times stand those of the processor, of all threads but JavaScript's, which polls while it waits (Linux
 * only): on a software adapter they are the device's work, and other programs on the machine disturb them less.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { needsHints } from '../core/hints.ts';
import { parseExperiment } from '../core/parse.ts';
import { quantile } from '../core/statistics.ts';
import { openDevice } from '../gpu/device.ts';
import { METHODS } from '../methods/index.ts';
import { CATALOG } from '../train/catalog.ts';
import { prepare } from '../train/prepare.ts';
import type { Run } from '../train/run.ts';
import { openDawn } from './dawn.ts';
import { deviceCpu } from './device_cpu.ts';
import { shippedBase } from './files.ts';
import { commitOf, someOf, wholeNumber, wholeNumbers } from './options.ts';

const DEFAULT = [
  ...['entropy_bonus', 'tsallis_entropy', 'renyi_entropy', 'siren'],
  ...['forking_tokens', 'clip_b', 'clip_v', 'attention_weights', 'aepo'],
];

export async function main(args: string[]): Promise<number> {
  const { values: options } = parseArgs({
    args,
    options: {
      repeat: { type: 'string', default: '15' },
      minibatches: { type: 'string', default: '1,4' },
      methods: { type: 'string', default: DEFAULT.join(',') },
    },
  });
  const repeat = wholeNumber('repeat', options.repeat, 1);
  const updates = wholeNumbers('minibatches', options.minibatches, 1);
  const ids = someOf('methods', options.methods, METHODS.keys());
  const opened = await openDevice(await openDawn());
  const facts = {
    adapter: `${opened.vendor} ${opened.architecture} ${opened.description}`.trim(),
    commit: commitOf(),
  };
  for (const minibatches of updates) {
    const { experiment } = parseExperiment(
      {
        ...{ version: 1, name: 'bench', task: 'chain_sum', model: 'nano', base: 'shipped' },
        methods: ['grpo', 'ppo_clip'],
        settings: {
          ...{ 'trainer.prompts': 8, 'trainer.group_size': 8, 'trainer.steps': 10000 },
          ...{ 'trainer.eval_every': 1000, 'trainer.learning_rate': 1e-6 },
          'trainer.minibatches': minibatches,
          'chain_sum.hints': ids.some((id) => needsHints(METHODS.get(id) ?? {})),
        },
        arms: [{ id: 'plain' }, ...ids.map((id) => ({ id, methods: [id] }))],
        seeds: [0],
      },
      CATALOG,
    );
    const options = { experiment, loadBase: shippedBase };
    const { engine, runs } = await prepare(opened, options, () => {});
    const times = new Map(runs.map((run) => [run.arm, [] as Times[]]));
    // The first round warms up.
    for (let round = -1; round < repeat; round++) {
      for (let i = 0; i < runs.length; i++) {
        const run = runs[(i + round + 1) % runs.length] as Run;
        const time = await step(run);
        if (round >= 0) times.get(run.arm)?.push(time);
      }
    }
    const plain = times.get('plain') as Times[];
    for (const [arm, own] of times) {
      const ratio = (of: (time: Times) => number): object => {
        const ratios = own.map((time, i) => of(time) / of(plain[i] as Times));
        const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(3));
        return { median: Number(middle), quartiles: [Number(low), Number(high)] };
      };
      const ms = quantile(
        own.map(({ learn }) => learn),
        0.5,
      );
      console.log(
        JSON.stringify({
          ...{ name: arm, updates: minibatches, learn_ms: Math.round(ms) },
          learn: ratio(({ learn }) => learn),
          learn_cpu: ratio(({ learn_cpu }) => learn_cpu),
          step: ratio(({ sample, learn }) => sample + learn),
          step_cpu: ratio(({ sample_cpu, learn_cpu }) => sample_cpu + learn_cpu),
          ...{ repeat, load: Number((loadavg()[0] ?? 0).toFixed(1)), ...facts },
        }),
      );
    }
    engine.destroy();
  }
  return 0;
}

/** ms */
interface Times {
  sample: number;
  learn: number;
  sample_cpu: number;
  learn_cpu: number;
}

async function step(run: Run): Promise<Times> {
  const begin = [performance.now(), deviceCpu()] as const;
  const batch = await run.sample();
  const sampled = [performance.now(), deviceCpu()] as const;
  const { metrics } = await run.learn(batch);
  await metrics;
  const end = [performance.now(), deviceCpu()] as const;
  return {
    ...{ sample: sampled[0] - begin[0], sample_cpu: sampled[1] - begin[1] },
    ...{ learn: end[0] - sampled[0], learn_cpu: end[1] - sampled[1] },
  };
}
