// A step kept for a slow look: it leaves training's bits alone, and every number it tells is that of the step: against
// float64 passes with the parameters before and after, and against the methods' formulas.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import type { InspectedResponse } from '../../src/core/inspection.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import type { Checkpoint, ResponseSample } from '../../src/core/report.ts';
import type { SlowArm, SlowStep } from '../../src/core/slow_step.ts';
import { OBJECTIVE_WEIGHT } from '../../src/methods/compose.ts';
import { createLayout, readTensor } from '../../src/model/layout.ts';
import { policyLoss } from '../../src/reference/losses.ts';
import { forward, packSequences } from '../../src/reference/transformer.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Session, type SessionEvents } from '../../src/train/session.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const ALPHA = 0.2;
const task = TASKS.get('chain_sum')!;
const V = task.vocabulary.length;
const layout = createLayout(modelConfig('nano', V));
const shipped = readFileSync(
  new URL('../../public/bases/chain_sum-nano.safetensors', import.meta.url),
);
const base = shipped.buffer.slice(shipped.byteOffset, shipped.byteOffset + shipped.length);
const opened = { device, vendor: '', architecture: '', description: '', software: true };

const { experiment } = parseExperiment(
  {
    ...{ version: 1, name: 'test', task: 'chain_sum', model: 'nano', base: 'shipped' },
    methods: ['grpo', 'ppo_clip'],
    settings: {
      ...{ 'trainer.steps': 4, 'trainer.prompts': 4, 'trainer.group_size': 4 },
      'trainer.learning_rate': 0.003,
      ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 4, 'chain_sum.max_response': 24 },
    },
    arms: [
      { id: 'ib', name: 'IB', methods: ['ib_entropy'], settings: { 'ib_entropy.alpha': ALPHA } },
      {
        ...{ id: 'forks', name: 'naive on forks', methods: ['forking_tokens', 'entropy_bonus'] },
        settings: { 'entropy_bonus.alpha': ALPHA, 'forking_tokens.scope': 1 },
      },
      { id: 'cov', name: 'KL-Cov', methods: ['kl_cov', 'entropy_advantage'] },
    ],
    seeds: [0, 1],
  },
  CATALOG,
);

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

/** Two updates a step. */
const reused: Experiment = {
  ...experiment,
  values: { ...experiment.values, 'trainer.minibatches': 2 },
};

async function open(
  events: Partial<SessionEvents> = {},
  of: Experiment = experiment,
): Promise<Session> {
  const silent = { progress() {}, row() {}, byDifficulty() {}, responses() {}, runFailed() {} };
  const session = await Session.open(
    opened,
    { experiment: of, loadBase: async () => base as ArrayBuffer },
    { ...silent, ...events },
  );
  sessions.push(session);
  return session;
}

let first: SlowStep;
let start: Checkpoint;
let end: Checkpoint;

beforeAll(async () => {
  const session = await open();
  start = await session.checkpoint();
  const { step, seen } = await session.watchStep(1);
  expect(step).toBe(1);
  await session.run(step);
  first = await seen;
  end = await session.checkpoint();
});

const armOf = (step: SlowStep, id: string): SlowArm => step.arms.find(({ arm }) => arm === id)!;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** What an arm's parameters make of a response: log-probabilities and entropies in float64. */
function exact(checkpoint: Checkpoint, arm: string, prompt: number[], tokens: number[]) {
  const run = checkpoint.runs.find((r) => r.arm === arm && r.seed === 1)!;
  const params = new Map(
    layout.tensors.map((spec) => [spec.name, Float64Array.from(readTensor(run.parameters, spec))]),
  );
  const { n_embd: d_model, n_head: heads, n_layer: layers, d_ff, ...rest } = layout.config;
  const { rope_theta, rms_eps } = rest;
  const twin = { vocab: V, d_model, heads, layers, d_ff, rope_theta, rms_eps };
  const all = [...prompt, ...tokens];
  const { logits } = forward(twin, params, packSequences([all.slice(0, -1)]));
  const zeros = all.slice(1).map(() => 0);
  const loss = policyLoss(
    {
      ...{ V, logits, action: all.slice(1), sequence: zeros, mask: zeros.map(() => 1) },
      ...{ old_logp: zeros, advantage: zeros },
    },
    {
      ...{ eps_low: 0.2, eps_high: 0.2, dual_clip: 3, temperature: 1 },
      aggregate: 'token_sum',
    },
  );
  const from = prompt.length - 1;
  return { logp: loss.logp.subarray(from), entropy: loss.entropy.subarray(from) };
}

it('keeps the same prompt of one seed for all arms, with a group whose rewards differ', () => {
  expect(first).toMatchObject({ seed: 1, step: 1 });
  expect(first.arms.map(({ arm }) => arm)).toEqual(['ib', 'forks', 'cov']);
  const prompts = new Set(first.arms.map(({ prompt }) => prompt.join()));
  expect(prompts.size).toBe(1);
  for (const { responses, learned, updates } of first.arms) {
    expect([responses.length, learned, updates]).toEqual([4, 16, 1]);
    expect(new Set(responses.map(({ reward }) => reward)).size).toBeGreaterThan(1);
    for (const { reward, task_reward, correct, reason } of responses) {
      expect(reward).toBe(task_reward);
      expect(reward > 0).toBe(correct);
      expect(reason).not.toBe('');
    }
  }
  // All arms have the base's weights at the first step, and the same random numbers.
  const written = first.arms.map((arm) =>
    arm.responses.map(({ tokens }) => tokens.join()).join(' '),
  );
  expect(new Set(written).size).toBe(1);
});

it('tells probabilities before and after as independent forward passes do', () => {
  for (const { arm, prompt, responses } of first.arms) {
    let moved = 0;
    for (const response of responses) {
      const [was, is] = [start, end].map((c) => exact(c, arm, prompt, response.tokens));
      // Whole-model log-probabilities of the engine are right to 1e-5.
      const tolerance = { rtol: 2e-5, atol: 2e-5 };
      expectClose(response.before.logp, was.logp, tolerance);
      expectClose(response.before.entropy, was.entropy, tolerance);
      expectClose(response.after.logp, is.logp, tolerance);
      expectClose(response.after.entropy, is.entropy, tolerance);
      // As sampled: the decoding kernels' own sums.
      expectClose(response.logp, was.logp, tolerance);
      expectClose(response.entropy, was.entropy, tolerance);
      moved = Math.max(moved, ...is.logp.map((x, t) => Math.abs(x - was.logp[t])));
    }
    expect(moved, arm).toBeGreaterThan(0.005);
  }
});

it('tells advantages by their formula, and as the shapes left them', () => {
  for (const { arm, responses, advantage, shapes } of first.arms) {
    const rewards = responses.map(({ reward }) => reward);
    const deviation = Math.sqrt(
      rewards.reduce((sum, r) => sum + (r - mean(rewards)) ** 2, 0) / (rewards.length - 1),
    );
    expect(advantage).toEqual({ method: 'grpo', values: { 'grpo.scale_by_std': 1 } });
    expect(shapes).toEqual(arm === 'cov' ? ['entropy_advantage'] : []);
    for (const { tokens, reward, estimate, advantage: A, entropy } of responses) {
      const want = (reward - mean(rewards)) / (deviation + 1e-6);
      expectClose(estimate, tokens.map(() => want)); // biome-ignore format: short
      const bonus = entropy.map((H) => Math.min(0.4 * H, Math.abs(want) / 2));
      expectClose(A, bonus.map((b) => want + (arm === 'cov' ? b : 0))); // biome-ignore format: short
    }
  }
});

it('tells the coefficients of every term, with what the whole minibatch decided', () => {
  const ib = armOf(first, 'ib');
  expect(ib.terms.map(({ method }) => method)).toEqual(['ppo_clip', 'ib_entropy']);
  const forks = armOf(first, 'forks');
  expect(forks.terms.map(({ method }) => method)).toEqual(['ppo_clip', 'entropy_bonus']);
  // At the only update the ratio is 1, up to the rounding of two kernels.
  const near = { rtol: 1e-3, atol: 1e-4 };
  for (const { advantage, terms, weight } of ib.responses) {
    expect(weight).toBeCloseTo(1, 6);
    const paid = advantage.map((a) => -ALPHA * a);
    expectClose(terms[0].d_logp, paid.map((x) => x / ALPHA), near); // biome-ignore format: short
    expectClose(terms[1].d_entropy, paid, near);
  }
  const factors: number[] = [];
  let [kept, tokens] = [0, 0];
  for (const { advantage, terms, entropy } of forks.responses) {
    expectClose(terms[1].d_entropy, new Array(entropy.length).fill(-ALPHA), near);
    const learns = terms[0].d_logp.map((d) => d !== 0);
    kept += learns.filter(Boolean).length;
    tokens += entropy.length;
    // Those of this response's tokens that were the most uncertain.
    const least = Math.min(...entropy.filter((_, t) => learns[t]));
    expect(least).toBeGreaterThanOrEqual(Math.max(...entropy.filter((_, t) => !learns[t])));
    factors.push(...terms[0].d_logp.flatMap((d, t) => (learns[t] ? -d / advantage[t] : [])));
  }
  // What is kept carries the weight of all tokens of the minibatch, not only of this group.
  expectClose(factors, new Array(factors.length).fill(factors[0]), near);
  expect(factors[0]).toBeGreaterThan(3.5);
  expect(factors[0]).toBeLessThan(5);
  expect(kept / tokens).toBeGreaterThan(0.18);
  expect(kept / tokens).toBeLessThan(0.28);
  // KL-Cov pays |log ratio|, of which nothing is there at the first update but its side of 0.
  for (const { advantage, terms } of armOf(first, 'cov').responses) {
    const off = terms[0].d_logp.map((d, t) => Math.abs(d + advantage[t]));
    for (const x of off) expect(Math.min(x, Math.abs(x - 1))).toBeLessThan(2e-3);
  }
});

it('lets the microscope see what the whole batch decided, for responses of that batch', async () => {
  const shown: [string, InspectedResponse[]][] = [];
  const session = await open({
    responses: ({ arm, seed }, _, prompt, __, samples) => {
      const advantage = ({ advantages, advantage: own }: ResponseSample) => advantages ?? own;
      if (seed === 1)
        shown.push([arm, samples.map((s) => ({ ...s, prompt, advantage: advantage(s) }))]);
    },
  });
  const { seen } = await session.watchStep(1);
  await session.run(1);
  const { arms } = await seen;
  expect(shown.map(([arm]) => arm)).toEqual(['ib', 'forks', 'cov']);
  for (const [arm, responses] of shown) {
    const inspection = await session.inspect({ arm, seed: 1 }, responses);
    const missing = Object.fromEntries(inspection.arms.map((a) => [a.arm, a.missing]));
    expect(missing).toEqual({
      ib: [],
      forks: arm === 'forks' ? [] : ['forking_tokens'],
      cov: arm === 'cov' ? [] : ['kl_cov', 'entropy_advantage'],
    });
    const own = inspection.arms.find((a) => a.arm === arm)!.terms;
    const [policy] = own.map((i) => inspection.responses[0].terms[i]);
    expect(policy.weights).toEqual(arm === 'forks' ? ['forking_tokens'] : []);
    if (arm !== 'forks') continue;
    // Those that the batch let learn, unless the model, which has moved on, is held by a clip by now.
    responses.forEach(({ constants = {}, advantage }, i) => {
      const { d_logp, bound } = inspection.responses[i].terms[own[0]];
      const weights = Array.from(constants[OBJECTIVE_WEIGHT]);
      const [A] = advantage as number[];
      expect(weights.some((w) => w === 0) && weights.some((w) => w > 3)).toBe(true);
      weights.forEach((weight, t) => {
        const push = weight * A * (bound[t] > 0 ? 0 : inspection.responses[i].ratio[t]);
        expect(Math.abs(d_logp[t] + push)).toBeLessThan(1e-3 * (1 + Math.abs(push)));
      });
    });
  }
  expect(arms).toHaveLength(3);
});

it('leaves every bit of training as it is, paused and while runs go on', async () => {
  const plain = await open({}, reused);
  await plain.run(3);
  const want = await plain.checkpoint();

  let second: Promise<SlowStep> | undefined;
  const row: SessionEvents['row'] = ({ arm, seed }, step) => {
    if (arm === 'forks' && seed === 0 && step === 2) {
      second = watched.watchStep(0).then(({ seen }) => seen);
    }
  };
  const watched = await open({ row }, reused);
  const asked = await watched.watchStep(1);
  await watched.run(3);
  expect((await asked.seen).step).toBe(1);
  // Asked in the middle of step 2: the next that no arm of the seed has begun.
  expect(await second).toMatchObject({ seed: 0, step: 3 });
  expect((await second)?.arms.map(({ arm, updates }) => `${arm} ${updates}`)).toEqual([
    ...['ib 2', 'forks 2', 'cov 2'],
  ]);

  const got = await watched.checkpoint();
  got.runs.forEach((run, k) => {
    for (const part of ['parameters', 'm', 'v'] as const) {
      expectClose(run[part], want.runs[k][part], { rtol: 0, atol: 0, label: `${run.arm} ${part}` });
    }
  });
});

it('is taken by another seed although the runs under way would have stopped before it', async () => {
  const session = await open();
  const [a, b] = experiment.seeds as [number, number];
  const one = await session.watchStep(a);
  const running = session.run(one.step);
  // Its arms have taken it; the other seed's are still under way.
  await one.seen;
  expect(session.isBusy).toBe(true);
  const other = await session.watchStep(b);
  await running;
  expect(await other.seen).toMatchObject({ seed: b, step: other.step });
});

it('says why there is none', async () => {
  const session = await open();
  await expect(session.watchStep(7)).rejects.toThrow('seed 7 must have steps to go, got none');
  const { seen } = await session.watchStep(0);
  session.pause();
  const newer = await session.watchStep(0);
  await expect(seen).rejects.toThrow('slow motion: the runs were stopped before');
  await session.run(4);
  expect((await newer.seen).step).toBe(1);
  await expect(session.watchStep(0)).rejects.toThrow('seed 0 must have steps to go, got none');
});
