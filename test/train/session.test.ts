// Runs of an experiment on one device: reproducible, resumable, independent of each other, and stopped by bad numbers.
import { afterAll, describe, expect, it, vi } from 'vitest';
import { modelConfig } from '../../src/core/model_config.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import type { Checkpoint } from '../../src/core/report.ts';
import { METRIC_INDEX } from '../../src/metrics/index.ts';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout, readTensor, writeTensor } from '../../src/model/layout.ts';
import { saveParameters } from '../../src/model/safetensors.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Session, type SessionEvents } from '../../src/train/session.ts';
import { device } from '../helpers/dawn.ts';

const layout = createLayout(modelConfig('nano', TASKS.get('chain_sum')!.vocabulary.length));
const base = saveParameters(layout, initialParameters(layout, 1));
const opened = { device, vendor: '', architecture: '', description: '', software: true };

const file = {
  version: 1,
  name: 'test',
  task: 'chain_sum',
  model: 'nano',
  base: 'shipped',
  methods: ['grpo', 'ppo_clip'],
  settings: {
    'trainer.steps': 4,
    'trainer.prompts': 4,
    'trainer.group_size': 2,
    'trainer.eval_prompts': 4,
    'trainer.eval_every': 2,
    'trainer.minibatches': 2,
    'chain_sum.max_response': 12,
  },
  arms: [
    { id: 'naive', name: 'naive', methods: ['entropy_bonus'] },
    { id: 'kl', name: 'IB and KL', methods: ['ib_entropy', 'kl_penalty'] },
  ],
  seeds: [0, 1],
};

interface Told {
  rows: Map<string, number[]>;
  failures: string[];
}

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

async function open(told: Told, resume?: Checkpoint, change: object = {}): Promise<Session> {
  const { experiment } = parseExperiment({ ...file, ...change }, CATALOG);
  const events: SessionEvents = {
    progress: () => {},
    row: ({ arm, seed }, step, values) => told.rows.set(`${arm}/${seed} ${step}`, [...values]),
    byDifficulty: () => {},
    responses: () => {},
    runFailed: ({ arm, seed }, step, message) =>
      told.failures.push(`${arm}/${seed} ${step} ${message}`),
  };
  const session = await Session.open(
    opened,
    { experiment, loadBase: async () => base, resume },
    events,
  );
  sessions.push(session);
  return session;
}

const fresh = (): Told => ({ rows: new Map(), failures: [] });
/** Time is not part of what must repeat. */
const withoutSpeed = (told: Told) =>
  [...told.rows]
    .map(([key, row]) => [key, row.filter((_, i) => i !== METRIC_INDEX.tokens_per_second)])
    .sort();
const parametersOf = (checkpoint: Checkpoint) =>
  checkpoint.runs.map((run) => [run.arm, run.seed, run.step, run.updates, [...run.parameters]]);

describe('session', async () => {
  const whole = fresh();
  const session = await open(whole);
  await session.run();
  const end = await session.checkpoint();

  it('takes every run to its last step and measures each', () => {
    expect(whole.failures).toEqual([]);
    expect(whole.rows.size).toBe(4 * 5);
    expect(session.isFinished).toBe(true);
    for (const [key, row] of whole.rows) {
      const step = Number(key.split(' ')[1]);
      const isMeasured = (id: keyof typeof METRIC_INDEX) => Number.isFinite(row[METRIC_INDEX[id]]);
      expect(isMeasured('eval_accuracy'), key).toBe(step % 2 === 0);
      expect(isMeasured('entropy') && isMeasured('grad_norm'), key).toBe(step > 0);
      expect(isMeasured('kl_base'), key).toBe(step > 0 && (step % 2 === 0 || key.startsWith('kl')));
    }
    const entropy = (whole.rows.get('naive/0 1') as number[])[METRIC_INDEX.entropy];
    expect(entropy).toBeGreaterThan(1);
    expect(entropy).toBeLessThan(Math.log(15));
  });

  it('asks the base once at an evaluation, unless a method needs it at every update', async () => {
    const told = fresh();
    const counted = await open(told, undefined, { seeds: [0] });
    const { passes } = counted.runs[0].parts.base;
    const { referenceLogp } = passes;
    let asked = 0;
    Object.defineProperty(passes, 'referenceLogp', {
      get: () => {
        asked++;
        return referenceLogp;
      },
    });
    const [naive, kl] = counted.runs;
    for (const [run, wanted] of [
      [naive, [0, 1]],
      [kl, [2, 2]],
    ] as const) {
      const found: number[] = [];
      for (let step = 1; step <= 2; step++) {
        asked = 0;
        await (await run.learn(await run.sample())).metrics;
        found.push(asked);
      }
      expect(found, run.arm).toEqual(wanted);
    }
  });

  it('lets arms of a seed start alike and then part, and seeds differ', () => {
    const at = (key: string) => (whole.rows.get(key) as number[])[METRIC_INDEX.entropy];
    expect(at('naive/0 1')).toBe(at('kl/0 1'));
    expect(at('naive/0 4')).not.toBe(at('kl/0 4'));
    expect(at('naive/0 1')).not.toBe(at('naive/1 1'));
    const [first, second] = end.runs;
    expect(first.parameters.some((x, i) => x !== second.parameters[i])).toBe(true);
    expect(first.parameters.some((x, i) => x !== end.base[i])).toBe(true);
  });

  it('tells each arm’s loss as it was compiled, and what it falls back to', () => {
    const [first, second] = session.runs.filter(({ seed }) => seed === 0).map((run) => run.parts);
    Object.assign(second?.loss ?? {}, { note: 'rows: one by one' });
    const [naive, kl] = session.losses();
    expect([naive?.wgsl, kl?.wgsl]).toEqual(
      [first, second].map((parts) => parts?.loss.launch.kernel.code),
    );
    expect(naive).not.toHaveProperty('note');
    expect(kl).toMatchObject({ arm: 'kl', note: 'rows: one by one' });
  });

  it('gives the same bits again after a reset', async () => {
    session.reset();
    await session.run();
    expect(parametersOf(await session.checkpoint())).toEqual(parametersOf(end));
  });

  it('gives the same bits stepped, paused, checkpointed and resumed elsewhere', async () => {
    const told = fresh();
    const begun = await open(told);
    await begun.stepAll();
    expect(begun.runs.map((run) => run.step)).toEqual([1, 1, 1, 1]);
    const running = begun.run();
    // Asked for while running: taken between two turns.
    const checkpoint = await begun.checkpoint();
    begun.pause();
    await running;
    const resumed = await open(told, checkpoint);
    await resumed.run();
    expect(parametersOf(await resumed.checkpoint())).toEqual(parametersOf(end));
    expect(withoutSpeed(told)).toEqual(withoutSpeed(whole));
  });

  it('takes a checkpoint that is asked for after a pause when the turn under way is over', async () => {
    // More updates than read-backs may be under way: a turn takes its time.
    const settings = { ...file.settings, 'trainer.epochs': 4 };
    const change = { settings, arms: [file.arms[0]], seeds: [0] };
    const whole = await open(fresh(), undefined, change);
    await whole.run();
    const begun = await open(fresh(), undefined, change);
    const running = begun.run();
    await vi.waitFor(() => expect(begun.runs[0].step).toBe(1), { interval: 1, timeout: 10_000 });
    begun.pause();
    const checkpoint = await begun.checkpoint();
    await running;
    expect(checkpoint.runs[0]).toMatchObject({ step: 1, updates: 8 });
    const resumed = await open(fresh(), checkpoint, change);
    await resumed.run();
    const [a, b] = [await resumed.checkpoint(), await whole.checkpoint()];
    expect(a.runs[0].parameters.findIndex((x, i) => x !== b.runs[0].parameters[i])).toBe(-1);
  });

  it('applies a changed value at the next step, to that arm only', async () => {
    const told = fresh();
    const changed = await open(told);
    changed.setValues({ 'entropy_bonus.alpha': 1 }, 'naive');
    await changed.run();
    const after = await changed.checkpoint();
    const same = (k: number) =>
      after.runs[k].parameters.every((x, i) => x === end.runs[k].parameters[i]);
    expect([same(0), same(1)]).toEqual([false, true]);
  });

  it('stops a run whose gradient overflows, names the tensor, keeps its weights, and lets the others go on', async () => {
    const told = fresh();
    const broken = await open(told);
    const [first] = broken.runs;
    const { parameters } = await broken.engine.readPolicy(first.parts.policy);
    // The same function, but the head's gradient is about 1e22 and its square beyond f32.
    const scale = (name: string, by: number) => {
      const spec = layout.tensors.find((t) => t.name === name)!;
      writeTensor(
        parameters,
        spec,
        readTensor(parameters, spec).map((x) => by * x),
      );
    };
    scale('model.norm.weight', 1e25);
    scale('lm_head.weight', 1e-25);
    broken.engine.writePolicy(first.parts.policy, { parameters });
    await broken.run();
    expect(told.failures).toHaveLength(1);
    expect(told.failures[0]).toMatch(
      /^naive\/0 .*gradient must be finite.*first in lm_head\.weight/,
    );
    expect((await broken.engine.readPolicy(first.parts.policy)).parameters).toEqual(parameters);
    expect(broken.runs.slice(1).every((run) => run.step === 4)).toBe(true);
  });

  it('stops a run whose model gives no finite probabilities', async () => {
    const told = fresh();
    const broken = await open(told);
    const [, second] = broken.runs;
    const { parameters } = await broken.engine.readPolicy(second.parts.policy);
    parameters[100] = Number.NaN;
    broken.engine.writePolicy(second.parts.policy, { parameters });
    await broken.run();
    expect(told.failures.join()).toMatch(
      /^kl\/0 0 rollout: log-probabilities must be finite, got NaN/,
    );
    expect(broken.isFinished).toBe(true);
  });
});
