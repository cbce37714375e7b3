// Entropies under hinted prompts: those of forward passes of their own, in a batch and through a run; nothing of the kind
// where no method asks.
import { afterAll, describe, expect, it } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import type { TokenPairs } from '../../src/core/report.ts';
import { METRIC_INDEX } from '../../src/metrics/index.ts';
import { packBatch } from '../../src/model/batch.ts';
import { currentStats } from '../../src/model/current.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Pairs } from '../../src/train/pairs.ts';
import { Session } from '../../src/train/session.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

// What a hint means to the base is not asked here.
const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const opened = { device, vendor: '', architecture: '', description: '', software: true };

const { experiment } = parseExperiment(
  {
    settings: {
      ...{ 'trainer.steps': 2, 'trainer.prompts': 3, 'trainer.group_size': 4 },
      ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 2, 'trainer.temperature': 0.8 },
      ...{ 'chain_sum.max_operands': 4, 'chain_sum.max_response': 16, 'chain_sum.hints': true },
    },
    arms: [
      { id: 'none' },
      { id: 'ibro', methods: ['ibro'], settings: { 'ibro.c': 0.5 } },
      { id: 'neutral', methods: ['ibro'], settings: { 'ibro.c': 0 } },
    ],
    seeds: [0],
  },
  CATALOG,
);
const rows = new Map<string, Float32Array>();
const asked: string[] = [];
const session = await Session.open(
  opened,
  {
    experiment,
    loadBase: async (name) => {
      asked.push(name);
      return base;
    },
  },
  {
    ...{ progress: () => {}, byDifficulty: () => {}, responses: () => {} },
    row: ({ arm }, step, values) => rows.set(`${arm} ${step}`, values),
    runFailed: (_, __, message) => {
      throw new Error(message);
    },
  },
);
afterAll(() => session.destroy());

describe('hinted prompts', () => {
  it('are the base’s that knows them, with room for the hint', () => {
    expect(asked).toEqual(['chain_sum-nano-hints']);
    expect(session.engine.workspace.sizes.positions).toBe(2 * 4 + 2 + 16);
  });

  it('cost one forward pass a step', async () => {
    const [none, ibro] = session.runs;
    const { engine } = ibro.parts;
    const passes = async (run: typeof ibro): Promise<number> => {
      const before = engine.generation;
      await run.sample();
      return engine.generation - before;
    };
    expect((await passes(ibro)) - (await passes(none))).toBe(1);
  });

  it('give the entropies of forward passes of their own', async () => {
    const [none, ibro] = session.runs;
    const batch = await ibro.sample();
    const { engine, policy, task } = ibro.parts;
    let n = 0;
    for (const { problem, tokens } of batch.responses) {
      const prompt = task.hint?.(problem) as number[];
      expect(prompt.slice(0, 2).map((t) => task.vocabulary[t])).toEqual(['#', task.solve(problem)]);
      const alone = packBatch([
        { prompt, response: tokens, weight: 1, advantage: 0, old_logp: tokens.map(() => 0) },
      ]);
      const { entropy } = await currentStats(engine, policy, [alone], 0.8);
      const own = batch.tokens.hint_entropy.subarray(n, n + tokens.length);
      // Equal sums in equal order, in another place of the batch.
      expectClose(own, entropy, { rtol: 0, atol: 1e-4, allowZero: true });
      n += tokens.length;
    }
    expect(n).toBe(batch.tokens.hint_entropy.length);
    // They are not those of sampling, and not zeros.
    const { old_entropy, hint_entropy } = batch.tokens;
    const difference = Math.max(...hint_entropy.map((x, i) => Math.abs(x - old_entropy[i])));
    expect(difference).toBeGreaterThan(0.01);
    expect((await none.sample()).tokens.hint_entropy.every((x) => x === 0)).toBe(true);
  });
});

it('λ and −A of single tokens are told while asked for, at most once a second, of one seed’s arms that have a λ', async () => {
  const [none, ibro] = session.runs;
  const batch = await ibro.sample();
  const told: [string, TokenPairs][] = [];
  const pairs = new Pairs(0, ({ arm }, own) => told.push([arm, own]));
  pairs.show(ibro, batch, 0);
  expect(told).toEqual([]);
  pairs.isAsked = true;
  pairs.show(none, await none.sample(), 0);
  for (const now of [0, 10, 999, 1000, 1500]) pairs.show(ibro, batch, now);
  expect(told.map(([arm]) => arm)).toEqual(['ibro', 'ibro']);
  new Pairs(7, () => expect.fail('another seed')).show(ibro, batch, 0);
  const [[, { lambda, minusA, tokens, r, step }]] = told;
  expect([step, tokens]).toEqual([0, batch.tokens.advantage.length]);
  const { hint_entropy, old_entropy, advantage } = batch.tokens;
  const own = hint_entropy.map((x, n) => 2 * Math.min(1, x / (old_entropy[n] + 1e-6)) - 1);
  expectClose(lambda, own, { rtol: 0, atol: 1e-6, allowZero: true });
  expect([...minusA]).toEqual([...advantage.map((a) => -a)]);
  expect(Number.isNaN(r) || Math.abs(r) <= 1).toBe(true);
  // A large step is thinned out, and says how many tokens it had.
  const many = Array.from({ length: 1300 }, (_, n) => n);
  const large = (of: Float32Array) => Float32Array.from(many, (n) => of[n % of.length]);
  const grown = { ...batch.tokens, hint_entropy: large(hint_entropy) };
  Object.assign(grown, { old_entropy: large(old_entropy), advantage: large(advantage) });
  pairs.show(ibro, { ...batch, tokens: grown }, 9000);
  expect(told[2][1].tokens).toBe(1300);
  expect([told[2][1].lambda.length, told[2][1].minusA.length]).toEqual([434, 434]);
});

describe('a run', () => {
  it('learns with λ and measures its correlation with −A', async () => {
    await session.run();
    for (const step of [1, 2]) {
      const of = (arm: string) => (id: keyof typeof METRIC_INDEX) =>
        rows.get(`${arm} ${step}`)?.[METRIC_INDEX[id]] as number;
      const r = of('ibro')('lambda_advantage_corr');
      expect(Math.abs(r)).toBeLessThanOrEqual(1);
      expect(of('none')('lambda_advantage_corr')).toBeNaN();
      expect(of('ibro')('grad_norm')).not.toBe(of('none')('grad_norm'));
      // At c = 0 the run is the plain one, to the bit.
      expect(of('neutral')('grad_norm')).toBe(of('none')('grad_norm'));
    }
    const { runs } = await session.checkpoint();
    const [none, ibro, neutral] = runs.map(({ parameters }) => [...parameters]);
    expect(neutral).toEqual(none);
    expect(ibro).not.toEqual(none);
  });
});

it('matched strength measures the gradient with λ', async () => {
  const values = { ...experiment.values, 'trainer.match_strength': 1 };
  const { experiment: naive } = parseExperiment(
    { arms: [{ id: 'naive', methods: ['entropy_bonus'] }] },
    CATALOG,
  );
  const arms = [...naive.arms, ...experiment.arms.filter(({ id }) => id === 'ibro')];
  const matched = await Session.open(
    opened,
    { experiment: { ...experiment, values, arms }, loadBase: async () => base },
    { progress() {}, row() {}, byDifficulty() {}, responses() {}, runFailed() {} },
  );
  const [bonus, ibro] = matched.strengths;
  expect([bonus.key, ibro.key]).toEqual(['entropy_bonus.alpha', 'ibro.c']);
  // Without hints λ would be −1 at every token, and the gradient that of the plain bonus.
  expect(Math.abs(ibro.unit_norm / bonus.unit_norm - 1)).toBeGreaterThan(0.05);
  matched.destroy();
});

it('a session without hints is refused before anything is allocated', async () => {
  const values = { ...experiment.values, 'chain_sum.hints': 0 };
  const opening = Session.open(
    opened,
    { experiment: { ...experiment, values }, loadBase: async () => base },
    {} as Parameters<typeof Session.open>[2],
  );
  await expect(opening).rejects.toThrow(/^arm\.ibro\.methods: ibro cannot run\. .*switch on/);
});
