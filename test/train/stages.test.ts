// Methods that compute on the host, through a whole run: the constants reach the kernel, are those of the policy as it is
// before each update, and a run with them repeats and resumes bit for bit.
import { afterAll, describe, expect, it } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { conflictOf } from '../../src/core/catalog.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { METRIC_INDEX } from '../../src/metrics/index.ts';
import { packBatch } from '../../src/model/batch.ts';
import { currentStats } from '../../src/model/current.ts';
import { initialParameters } from '../../src/model/init.ts';
import { createLayout } from '../../src/model/layout.ts';
import { update } from '../../src/model/update.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Session, type SessionEvents } from '../../src/train/session.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const layout = createLayout(modelConfig('nano', TASKS.get('chain_sum')!.vocabulary.length));
// The shipped base: a random one would get no reward, and all advantages would be 0.
const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const opened = { device, vendor: '', architecture: '', description: '', software: true };

/** Arms of every method that can do nothing, at the settings at which it does; as few arms as go together. */
const NEUTRAL = [...METHODS.values()]
  .filter(({ neutral }) => neutral)
  .reduce<Method[][]>((arms, method) => {
    const fitting = arms.find((methods) => !conflictOf([...methods, method]));
    if (fitting) fitting.push(method);
    else arms.push([method]);
    return arms;
  }, [])
  .map((methods, i) => ({
    id: `neutral_${i}`,
    methods: methods.map(({ id }) => id),
    settings: Object.fromEntries(
      methods.flatMap(({ id, neutral }) =>
        Object.entries(neutral ?? {}).map(([name, value]) => [`${id}.${name}`, value]),
      ),
    ),
  }));

const file = {
  version: 1,
  name: 'test',
  task: 'chain_sum',
  model: 'nano',
  base: 'shipped',
  methods: ['rloo', 'ppo_clip'],
  settings: {
    'trainer.steps': 3,
    'trainer.prompts': 4,
    'trainer.group_size': 4,
    'trainer.eval_prompts': 4,
    'trainer.eval_every': 3,
    'trainer.minibatches': 2,
    'trainer.learning_rate': 0.01,
    'chain_sum.max_response': 20,
    'chain_sum.max_operands': 3,
    // For methods that compare with hinted prompts; what the base makes of hints does not matter.
    'chain_sum.hints': true,
  },
  arms: [
    { id: 'plain' },
    { id: 'sequence', methods: ['gspo', 'reinforce_plus_plus'] },
    { id: 'cov', methods: ['kl_cov'] },
    { id: 'forks', methods: ['forking_tokens'] },
    {
      id: 'dynamic',
      methods: ['dynamic_sampling'],
      settings: { 'dynamic_sampling.rounds': 3 },
    },
    {
      id: 'adaptive',
      methods: ['adaptive_entropy'],
      settings: { 'adaptive_entropy.target': 3, 'adaptive_entropy.delta': 0.1 },
    },
    ...NEUTRAL,
  ],
  seeds: [0],
};

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

const failures: string[] = [];
const rows = new Map<string, Float32Array>();
const events: SessionEvents = {
  ...{ progress: () => {}, byDifficulty: () => {}, responses: () => {} },
  row: ({ arm }, step, values) => rows.set(`${arm} ${step}`, values),
  runFailed: ({ arm }, step, message) => failures.push(`${arm} ${step} ${message}`),
};

async function open(change: Partial<Parameters<typeof Session.open>[1]> = {}, own: object = {}) {
  const { experiment } = parseExperiment({ ...file, ...own }, CATALOG);
  const session = await Session.open(
    opened,
    { experiment, loadBase: async () => base, ...change },
    events,
  );
  sessions.push(session);
  return session;
}

const parameters = async (session: Session) =>
  (await session.checkpoint()).runs.map((run) => [...run.parameters]);

describe('a run with constants', async () => {
  const session = await open();
  await session.run();
  const end = await parameters(session);

  it('goes through, and differs from the plain one', () => {
    expect(failures).toEqual([]);
    expect(end[1]).not.toEqual(end[0]);
    expect(end[2]).not.toEqual(end[0]);
    for (const arm of file.arms.map(({ id }) => id)) {
      const norms = [1, 2, 3].map((step) => rows.get(`${arm} ${step}`)?.[METRIC_INDEX.grad_norm]);
      expect(Math.max(...norms.map(Number)), arm).toBeGreaterThan(0);
    }
  });

  it('has the bits of the plain one where every method is at its neutral settings', () => {
    const arms = file.arms.map(({ id }) => id);
    expect(NEUTRAL.flatMap(({ methods }) => methods).length).toBeGreaterThan(10);
    for (const { id, methods } of NEUTRAL) {
      const at = end[arms.indexOf(id)].findIndex((x, i) => x !== end[0][i]);
      expect(at, methods.join(', ')).toBe(-1);
    }
  });

  it('measures how many tokens learn and what a method steers', () => {
    const at = (arm: string, id: keyof typeof METRIC_INDEX) =>
      [1, 2, 3].map((step) => rows.get(`${arm} ${step}`)?.[METRIC_INDEX[id]] as number);
    // The first step's batch is the same; two minibatches round up a fifth of it.
    const [[all], [forks]] = [at('plain', 'learning_tokens'), at('forks', 'learning_tokens')];
    expect(all).toBeGreaterThan(0);
    expect(forks).toBeGreaterThan(0);
    expect(forks).toBeLessThan(0.22);
    const expected = [0, 0.1, 0.2].map(Math.fround);
    at('adaptive', 'controlled').forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i], 6);
    });
    expect(at('plain', 'controlled')).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('samples further prompts where some are not worth learning from, and measures all of the first', () => {
    const at = (arm: string, id: keyof typeof METRIC_INDEX) =>
      rows.get(`${arm} 1`)?.[METRIC_INDEX[id]] as number;
    for (const id of ['accuracy', 'entropy', 'reward', 'response_length'] as const) {
      expect(at('dynamic', id), id).toBe(at('plain', id));
    }
    // Every kept prompt has right and wrong answers, so every token an advantage.
    expect(at('dynamic', 'learning_tokens')).toBe(1);
    expect(at('plain', 'learning_tokens')).toBeLessThan(1);
    expect(at('dynamic', 'unused_responses')).toBeGreaterThan(0);
    expect(at('dynamic', 'unused_responses')).toBeLessThan(1);
    expect(at('plain', 'unused_responses')).toBe(0);
  });

  it('gives the same bits stepped and resumed', async () => {
    const begun = await open();
    await begun.stepAll();
    const resumed = await open({ resume: await begun.checkpoint() });
    await resumed.run();
    expect(await parameters(resumed)).toEqual(end);
  });
});

describe('KL in the reward', () => {
  it('is that of the sampled tokens to the base, and takes part in the reward', async () => {
    const settings = { ...file.settings, 'kl_reward.beta': 0.5 };
    const methods = [...file.methods, 'kl_reward'];
    const session = await open({}, { methods, settings, arms: [{ id: 'one' }] });
    const [run] = session.runs;
    const [before] = [await run.sample()];
    // The policy is the base; a response is sampled token by token and read in one pass.
    expectClose(before.tokens.ref_logp, before.tokens.old_logp, { rtol: 0, atol: 2e-5 });
    await session.run();
    run.rewind(1);
    const { tokens, responses, rewards } = await run.sample();
    const moved = tokens.old_logp.map((x, n) => x - tokens.ref_logp[n]);
    expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(0.1);
    expect(tokens.ref_logp.every((x) => x < 0)).toBe(true);
    expectClose(
      tokens.token_reward,
      moved.map((x) => -0.5 * x),
      { rtol: 1e-6, allowZero: true },
    );
    responses.forEach(({ verdict }, i) => {
      const own = tokens.token_reward.subarray(tokens.starts[i], tokens.starts[i + 1]);
      const paid = own.reduce((a, b) => a + b, 0);
      expect(tokens.reward[i]).toBeCloseTo(verdict.reward + paid, 5);
      expect(rewards[i]).toBe(tokens.reward[i]);
    });
  });
});

describe('what a policy gives before an update', () => {
  it('is what the loss then sees', async () => {
    const session = await open();
    const { engine } = session;
    const policy = engine.createPolicy(initialParameters(layout, 2));
    const sequence = { weight: 0.5, advantage: 1, old_logp: [-1, -1, -1] };
    const parts = [
      packBatch([
        { ...sequence, prompt: [1, 2], response: [3, 4, 5] },
        { ...sequence, prompt: [2], response: [1] },
      ]),
      packBatch([{ ...sequence, prompt: [5], response: [6, 7] }]),
    ];
    const stats = await currentStats(engine, policy, parts, 0.7);
    expect(stats.logp).toHaveLength(6);
    const loss = await engine.createLoss(composeMethods([SUPERVISED]));
    const seen = await update(engine, policy, loss, {
      ...{ parts, temperature: 0.7, updateNumber: 1, gradientOnly: true },
      adam: {
        ...{ learning_rate: 0, beta1: 0, beta2: 0, eps: 1, weight_decay: 0, max_grad_norm: 1 },
      },
    });
    const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
    expect(sum(stats.logp)).toBeCloseTo(seen.logp, 4);
    expect(sum(stats.entropy)).toBeCloseTo(seen.entropy, 4);
    engine.destroyPolicy(policy);
  });

  it('must come with as many constants as the loss reads', async () => {
    const { engine, runs } = sessions[0] as Session;
    const { policy, loss } = runs[1].parts;
    const batch = packBatch([
      { prompt: [1], response: [2], weight: 1, advantage: 1, old_logp: [-1] },
    ]);
    await expect(
      update(engine, policy, loss, {
        ...{ parts: [batch], temperature: 1, updateNumber: 1 },
        adam: {
          ...{ learning_rate: 0, beta1: 0, beta2: 0, eps: 1, weight_decay: 0, max_grad_norm: 1 },
        },
      }),
    ).rejects.toThrow('batch: needs 2 constants of methods, got 0');
  });
});
