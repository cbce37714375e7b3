// Matched strength on the shipped base: the coefficient gives the asked share, the same every time, for every seed of an
// arm, whatever the sliders say; and what has no strength is refused.
import { afterAll, describe, expect, it } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { matchProblem } from '../../src/core/strength.ts';
import { METHODS } from '../../src/methods/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { BATCHES } from '../../src/train/match.ts';
import { Session } from '../../src/train/session.ts';
import { device } from '../helpers/dawn.ts';

const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const opened = { device, vendor: '', architecture: '', description: '', software: true };

const file = {
  settings: {
    ...{ 'trainer.steps': 2, 'trainer.prompts': 6, 'trainer.group_size': 4 },
    ...{ 'trainer.eval_prompts': 4, 'trainer.match_strength': true },
    ...{ 'trainer.match_fraction': 0.25, 'chain_sum.max_response': 20 },
  },
  arms: [
    { id: 'none' },
    { id: 'naive', methods: ['entropy_bonus'], settings: { 'entropy_bonus.alpha': 0.7 } },
    { id: 'both', methods: ['ib_entropy', 'gated_entropy'] },
  ],
  seeds: [3, 4],
};

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

async function open(change: object = {}): Promise<Session> {
  const { experiment } = parseExperiment({ ...file, ...change }, CATALOG);
  const session = await Session.open(
    opened,
    { experiment, loadBase: async () => base },
    { progress() {}, row() {}, byDifficulty() {}, responses() {}, runFailed() {} },
  );
  sessions.push(session);
  return session;
}

describe('matched strength', async () => {
  const session = await open();
  const { strengths } = session;

  it('finds a coefficient for each regularizer, from both norms', () => {
    expect(strengths.map(({ arm, key }) => `${arm} ${key}`)).toEqual([
      'naive entropy_bonus.alpha',
      'both ib_entropy.alpha',
      'both gated_entropy.alpha',
    ]);
    for (const { value, policy_norm, unit_norm, cosine, batches } of strengths) {
      expect(policy_norm).toBeGreaterThan(0);
      expect(unit_norm).toBeGreaterThan(0);
      expect((value * unit_norm) / policy_norm).toBeCloseTo(0.25, 12);
      expect(Math.abs(cosine)).toBeLessThan(1);
      expect(batches).toBe(BATCHES);
    }
    const [naive, ib, gated] = strengths;
    // The same batches for all: the same policy gradient.
    expect(ib.policy_norm).toBe(naive.policy_norm);
    // Advantages of both signs cancel; a gate only takes away.
    expect(ib.unit_norm).toBeLessThan(naive.unit_norm);
    expect(gated.unit_norm).toBeLessThan(naive.unit_norm);
  });

  it('applies it to every seed of the arm, and the slider changes nothing', () => {
    session.setValues({ 'entropy_bonus.alpha': 0.9 }, 'naive');
    const runs = session.runs.filter(({ arm }) => arm === 'naive');
    expect(runs).toHaveLength(2);
    for (const run of runs) expect(run.setting('entropy_bonus.alpha')).toBe(strengths[0].value);
  });

  it('gives the same bits again, for other seeds and another slider; twice the share, twice the coefficient', async () => {
    const again = await open({
      settings: { ...file.settings, 'trainer.match_fraction': 0.5 },
      arms: [
        { id: 'naive', methods: ['entropy_bonus'] },
        { id: 'ppo', methods: ['gae', 'ib_entropy'] },
      ],
      seeds: [9],
    });
    // With a value head, too.
    const ppo = again.strengths[1];
    expect(ppo.policy_norm).toBeGreaterThan(0);
    expect((ppo.value * ppo.unit_norm) / ppo.policy_norm).toBeCloseTo(0.5, 12);
    expect(again.strengths[0].value).toBe(2 * strengths[0].value);
    expect(again.strengths[0].unit_norm).toBe(strengths[0].unit_norm);
  });

  it('leaves the settings alone where it is off', async () => {
    const off = await open({ settings: { ...file.settings, 'trainer.match_strength': false } });
    expect(off.strengths).toEqual([]);
    expect(off.runs.find(({ arm }) => arm === 'naive')?.setting('entropy_bonus.alpha')).toBe(0.7);
  });

  it('refuses a gradient that is 0 on the base, with what to do', async () => {
    const told = await open({ arms: [{ id: 'kl', methods: ['kl_penalty'] }] }).catch((e) => e);
    // What a command tells in words, without where it was found.
    expect(told).toBeInstanceOf(RangeError);
    expect(told.message).toMatch(
      /arm\.kl\.methods: matched strength needs a gradient of kl_penalty .* not 0, got norm .*kl_penalty\.beta by hand/,
    );
  });

  it('refuses a regularizer without a strength, where its arm is to run', async () => {
    const arm = { id: 'adaptive', methods: ['adaptive_entropy'] };
    await expect(open({ arms: [arm] })).rejects.toThrow(
      /arm\.adaptive\.methods: .*adaptive_entropy has none/,
    );
    const { experiment } = parseExperiment(
      { ...file, arms: [{ id: 'none' }, { ...arm, enabled: false }] },
      CATALOG,
    );
    expect(matchProblem(experiment, METHODS)).toBeUndefined();
  });
});
