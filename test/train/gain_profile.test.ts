// What tokens of held-out responses tell about the answer: the same numbers that IAPO is paid by, at evaluations that are
// asked for them, and not a dispatch where nobody asks.
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import type { GainProfile } from '../../src/core/gain_profile.ts';
import { entropyGains, logpGains } from '../../src/core/gains.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import { defaultsOf } from '../../src/core/param.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { TRAINER_PARAMS } from '../../src/core/settings.ts';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { loadParameters } from '../../src/model/safetensors.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Task } from '../../src/tasks/task.ts';
import { answerOf, readAnswers, reasoningLength, withAnswers } from '../../src/train/answers.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { measureGains } from '../../src/train/gain_profile.ts';
import { heldOutProblems } from '../../src/train/problems.ts';
import { sampleResponses } from '../../src/train/sampling.ts';
import { Session } from '../../src/train/session.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const task = TASKS.get('chain_sum') as Task;
const values = {
  ...defaultsOf('trainer', TRAINER_PARAMS),
  ...defaultsOf('chain_sum', task.params),
};
const limits = task.limits(values);
const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const engine = await Engine.create(device, modelConfig('nano', task.vocabulary.length), task.eos, {
  ...{ rows: 512, sequences: 64, splits: 2, latent: 3 },
  ...{ response: limits.response, positions: limits.prompt + limits.response },
});
const policy = engine.createPolicy(loadParameters(engine.layout, base));
const sampling = { groupSize: 1, temperature: 0.9, seed: 1, stream: 6, step: 0 };
const problems = heldOutProblems(task, values, 16);
const responses = await sampleResponses(engine, policy, task, { problems, ...sampling });

afterEach(() => vi.restoreAllMocks());

describe('the means', () => {
  it('are of the numbers that IAPO is paid by', async () => {
    const profile = (await measureGains(engine, policy, task, responses, 0.9)) as GainProfile;
    const right = task.answer?.right as (problem: unknown) => number;
    const asked = responses.map((r) => ({ ...r, right: right(r.problem) }));
    const lengths = responses.map((r) => r.tokens.length);
    const batch = withAnswers(
      tokenBatch(lengths, {}),
      await readAnswers(engine, policy, task, asked, 0.9),
    );
    for (const [gain, of] of [
      ['entropy', entropyGains],
      ['logp', logpGains],
    ] as const) {
      const { kinds, parts } = profile.gains[gain];
      const total = kinds.reduce((sum, { mean, tokens }) => sum + mean * tokens, 0);
      expectClose([total], [of(batch).reduce((a, b) => a + b, 0)], { rtol: 1e-4, atol: 1e-4 });
      expect(kinds.map(({ kind }) => kind)).toEqual(['operand', 'sign', 'partial result']);
      expect(parts).toHaveLength(10);
      expect(parts.every((mean) => Number.isFinite(mean))).toBe(true);
    }
    expect(profile.responses).toBe(16);
  });

  it('know latent positions from tokens', async () => {
    const latent = { positions: 3, tau: 0.5, top_k: 0, top_p: 1, noise: true };
    const begun = await sampleResponses(engine, policy, task, { problems, ...sampling, latent });
    const profile = await measureGains(engine, policy, task, begun, 0.9);
    const [first] = profile?.gains.entropy.kinds ?? [];
    expect(first?.kind).toBe('latent position');
    // Where EOS was the likeliest of a mixture, the response ended there and nothing is read after it.
    const read = begun.map(({ tokens, mixtures = [] }) => {
      const { length } = mixtures;
      return Math.min(length, reasoningLength(tokens, answerOf(task), task.eos, length));
    });
    expect(first?.tokens).toBe(read.reduce((a, b) => a + b));
    expect(first?.tokens).toBeGreaterThan(30);
  });

  it('are not there where answers are longer than a token', async () => {
    const longer = { ...task, answer: undefined };
    expect(await measureGains(engine, policy, longer, responses, 1)).toBeUndefined();
  });
});

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

/** Dispatches of every compute pass from now on. */
function countDispatches() {
  const pass = device.createCommandEncoder().beginComputePass();
  const spy = vi.spyOn(Object.getPrototypeOf(pass), 'dispatchWorkgroups');
  return () => spy.mock.calls.length;
}

async function openSession(settings: object, heardBy: 'probes' | 'gains' | 'nobody' = 'probes') {
  const { experiment } = parseExperiment(
    {
      ...{ version: 1, name: 'test', task: 'chain_sum', model: 'nano', base: 'shipped' },
      methods: ['grpo', 'ppo_clip'],
      settings: {
        ...{ 'trainer.steps': 9, 'trainer.prompts': 2, 'trainer.group_size': 2 },
        ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 1, 'trainer.learning_rate': 1e-6 },
        ...settings,
      },
      ...{ arms: [{ id: 'a' }], seeds: [0] },
    },
    CATALOG,
  );
  const gains: (GainProfile | undefined)[] = [];
  const session = await Session.open(
    { device, vendor: '', architecture: '', description: '', software: true },
    { experiment, loadBase: async () => base },
    {
      ...{ progress: () => {}, row: () => {}, byDifficulty: () => {}, responses: () => {} },
      runFailed: (_, __, message) => {
        throw new Error(message);
      },
      ...(heardBy === 'probes' && { probes: (_, __, ___, told) => gains.push(told) }),
      ...(heardBy === 'gains' && { gains: (_, __, told) => gains.push(told) }),
    },
  );
  sessions.push(session);
  return { session, gains };
}

describe('an evaluation', () => {
  it('reads them while somebody asks, and dispatches nothing more while nobody does', async () => {
    const { session, gains } = await openSession({});
    const count = countDispatches();
    const perStep: number[] = [];
    // The base, then steps: two not asked for, two asked for, two not.
    for (const [step, isAsked] of [0, 0, 1, 1, 0, 0].entries()) {
      session.setGainsAsked(isAsked === 1);
      const before = count();
      await session.run(step + 1);
      perStep.push(count() - before);
    }
    expect(gains.map((told) => told !== undefined)).toEqual([
      ...[false, false, false],
      ...[true, true, false, false],
    ]);
    const [, plain, first, second, ...after] = perStep;
    expect(plain).toBeGreaterThan(0);
    expect(first).toBeGreaterThan(plain as number);
    expect(second).toBe(first);
    expect(after).toEqual([plain, plain]);
  });

  it('reads them where information is measured, and only if somebody listens', async () => {
    const settings = { 'trainer.information': true, 'trainer.information_prompts': 2 };
    const heard = await openSession(settings);
    await heard.session.run(1);
    expect(heard.gains.every((told) => told?.responses === 4)).toBe(true);
    expect(heard.gains).toHaveLength(2);
    const deaf = await openSession({}, 'nobody');
    const count = countDispatches();
    await deaf.session.run(1);
    const begun = count();
    await deaf.session.run(2);
    const plain = count() - begun;
    deaf.session.setGainsAsked(true);
    await deaf.session.run(3);
    expect(count() - begun).toBe(2 * plain);
  });

  it('tells them to whoever wants no probes, as on the command line, and samples none', async () => {
    const { session, gains } = await openSession({}, 'gains');
    session.setGainsAsked(true);
    const count = countDispatches();
    await session.run(1);
    const own = count();
    expect(gains.map((told) => told?.responses)).toEqual([4, 4]);
    session.setGainsAsked(false);
    await session.run(2);
    expect(gains).toHaveLength(2);
    const probed = await openSession({});
    probed.session.setGainsAsked(true);
    const before = count();
    await probed.session.run(1);
    expect(count() - before).toBeGreaterThan(own);
    expect(probed.gains).toEqual(gains);
  });
});
