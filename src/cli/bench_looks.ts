/**
 * `npm run bench:looks [-- --repeat 8] [--prompts 32]`: what it costs to look at information while training goes on, as a
 * share of the training it interrupts: the default preset with one seed, at its cadence. Turns with and without a look
 * alternate in one process; medians and quartiles of ratios within a round, in processor time (see bench_methods.ts).
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { InspectedResponse } from '../core/inspection.ts';
import { parseExperiment } from '../core/parse.ts';
import { mean, quantile } from '../core/statistics.ts';
import { openDevice } from '../gpu/device.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { CATALOG } from '../train/catalog.ts';
import type { Run } from '../train/run.ts';
import type { Judged } from '../train/sampling.ts';
import { Session } from '../train/session.ts';
import { shownResponses } from '../train/shown.ts';
import { openDawn } from './dawn.ts';
import { deviceCpu } from './device_cpu.ts';
import { shippedBase } from './files.ts';
import { commitOf, wholeNumber } from './options.ts';

const PRESET = 'public/presets/naive-vs-ib.json';

export async function main(args: string[]): Promise<number> {
  const { values: options } = parseArgs({
    args,
    options: {
      repeat: { type: 'string', default: '8' },
      prompts: { type: 'string', default: '32' },
    },
  });
  const repeat = wholeNumber('repeat', options.repeat, 1);
  const preset = JSON.parse(readFileSync(PRESET, 'utf8')) as { settings: object };
  const { experiment } = parseExperiment(
    {
      ...preset,
      // No evaluation among the steps; the least learning rate: every round has the same work.
      settings: {
        ...preset.settings,
        ...{ 'trainer.steps': 10_000, 'trainer.eval_every': 1000 },
        ...{ 'trainer.prompts': wholeNumber('prompts', options.prompts, 1) },
        'trainer.learning_rate': 1e-6,
      },
      seeds: [0],
    },
    CATALOG,
  );
  const cadence = parseExperiment(preset, CATALOG).experiment.values[
    'trainer.eval_every'
  ] as number;
  const opened = await openDevice(await openDawn());
  const task = TASKS.get(experiment.task) as Task;
  const session = await Session.open(
    opened,
    { experiment, loadBase: shippedBase },
    {
      ...{ progress: () => {}, row: () => {}, byDifficulty: () => {}, responses: () => {} },
      runFailed: () => {},
    },
  );
  /** What the page asks about at each step of each arm while the tint is chosen. */
  const shown = new Map<Run, InspectedResponse[]>();
  const step = async (): Promise<void> => {
    for (const run of session.runs) {
      const batch = await run.sample();
      const { metrics, sequences } = await run.learn(batch);
      await metrics;
      const { problem, prompt } = batch.measured[0] as Judged;
      const right = task.vocabulary.indexOf(task.solve(problem));
      const groupSize = run.setting('trainer.group_size');
      const samples = shownResponses(batch, groupSize, run.parts, sequences);
      shown.set(
        run,
        samples.map((sample) => ({ ...sample, prompt, right })),
      );
    }
  };
  const view = async (): Promise<void> => {
    for (const [run, responses] of shown) await session.inspect(run, responses);
  };
  /** All arms have the weights of the base, nearly: one stands for all. */
  const evaluation = async (wantsGains = false): Promise<number> => {
    const [run] = session.runs as [Run];
    return session.runs.length * (await cpuOf(() => run.evaluate(wantsGains)));
  };
  const times = { step: [], view: [], evaluation: [], gains: [], plane: [] } as Record<
    'step' | 'view' | 'evaluation' | 'gains' | 'plane',
    number[]
  >;
  // The first round warms up.
  for (let round = -1; round < repeat; round++) {
    const own = {
      step: await cpuOf(step),
      view: await cpuOf(view),
      evaluation: await evaluation(),
      gains: await evaluation(true),
      plane: Number.NaN,
    };
    session.setValues({ 'trainer.information': 1 });
    own.plane = await evaluation();
    session.setValues({ 'trainer.information': 0 });
    if (round < 0) continue;
    for (const key of Object.keys(own) as (keyof typeof own)[]) times[key].push(own[key]);
  }
  const training = times.step.map((step, i) => step + (times.evaluation[i] as number) / cadence);
  const share = (name: string, of: (i: number) => number): void => {
    const shares = training.map((own, i) => of(i) / own);
    const [low, middle, high] = [0.25, 0.5, 0.75].map((q) =>
      Number(quantile(shares, q).toFixed(4)),
    );
    console.log(JSON.stringify({ name, share: middle, quartiles: [low, high] }));
  };
  const extra = (of: number[]) => (i: number) =>
    ((of[i] as number) - (times.evaluation[i] as number)) / cadence;
  share('token view, each step', (i) => times.view[i] as number);
  share('gains through training, each evaluation', extra(times.gains));
  share('both', (i) => (times.view[i] as number) + extra(times.gains)(i));
  share('information plane, each evaluation', extra(times.plane));
  console.log(
    JSON.stringify({
      name: 'ms of processor time, means, all arms',
      ...Object.fromEntries(
        Object.entries(times).map(([key, own]) => [key, Math.round(mean(own))]),
      ),
      ...{ repeat, prompts: experiment.values['trainer.prompts'], cadence },
      load: Number((loadavg()[0] ?? 0).toFixed(1)),
      adapter: `${opened.vendor} ${opened.architecture} ${opened.description}`.trim(),
      commit: commitOf(),
    }),
  );
  session.destroy();
  return 0;
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const from = deviceCpu();
  await work();
  return deviceCpu() - from;
}
