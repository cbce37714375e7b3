// Methods that read rows between an update's forward pass and its loss: the pass is run once, its bits are those of an
// update without a pause, also where another run came between; and what a method observes is kept with the run.
import { afterAll, describe, expect, it, vi } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { currentStats } from '../../src/model/current.ts';
import type { Engine } from '../../src/model/engine.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import type { StepBatch } from '../../src/train/run_parts.ts';
import { Session, type SessionEvents } from '../../src/train/session.ts';
import { updateParts } from '../../src/train/update_parts.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const opened = { device, vendor: '', architecture: '', description: '', software: true };
const STEPS = 2;
const UPDATES = 4;

const file = {
  ...{ version: 1, name: 'test', task: 'chain_sum', model: 'nano', base: 'shipped' },
  methods: ['grpo', 'ppo_clip'],
  settings: {
    ...{ 'trainer.steps': STEPS, 'trainer.prompts': 4, 'trainer.group_size': 4 },
    ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': STEPS, 'trainer.learning_rate': 0.01 },
    ...{ 'trainer.minibatches': 2, 'trainer.epochs': 2 },
    ...{ 'chain_sum.max_response': 20, 'chain_sum.max_operands': 3 },
  },
  seeds: [0],
};
const NEUTRAL = {
  clip_v: { 'clip_v.mu': 100 },
  attention_weights: { 'attention_weights.begin': 0, 'attention_weights.end': 0 },
  siren: { 'siren.coefficient': 0 },
};
const neutralArm = {
  id: 'neutral',
  methods: Object.keys(NEUTRAL),
  settings: Object.assign({}, ...Object.values(NEUTRAL)),
};

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});
const failures: string[] = [];
const events: SessionEvents = {
  ...{ progress: () => {}, byDifficulty: () => {}, responses: () => {}, row: () => {} },
  runFailed: ({ arm }, step, message) => failures.push(`${arm} ${step} ${message}`),
};
async function open(arms: object[], change: object = {}, own: object = {}) {
  const settings = { ...file.settings, ...own };
  const { experiment } = parseExperiment({ ...file, settings, arms }, CATALOG);
  const options = { experiment, loadBase: async () => base, ...change };
  const session = await Session.open(opened, options, events);
  sessions.push(session);
  return session;
}
const parameters = async (session: Session) =>
  (await session.checkpoint()).runs.map((run) => [...run.parameters]);

const at = ({ tokens }: StepBatch, i: number): [number, number] => [
  tokens.starts[i],
  tokens.starts[i + 1],
];

/** How often a batch was uploaded for a pass over its rows. */
async function uploads(engine: Engine, work: () => Promise<void>): Promise<number> {
  const rows = engine.workspace.buffer('rows');
  const spy = vi.spyOn(device.queue, 'writeBuffer');
  await work();
  const count = spy.mock.calls.filter(([buffer]) => buffer === rows).length;
  spy.mockRestore();
  return count;
}

describe('rows that are read before each update', async () => {
  const plain = await open([{ id: 'plain' }]);
  const without = await uploads(plain.engine, () => plain.run());
  const [expected] = await parameters(plain);

  it('cost no pass more, and change no bit at neutral settings', async () => {
    const alone = await open([neutralArm]);
    expect(await uploads(alone.engine, () => alone.run())).toBe(without);
    const [actual] = await parameters(alone);
    expect(actual.findIndex((x, i) => x !== expected[i])).toBe(-1);
    expect(without).toBeGreaterThanOrEqual(STEPS * UPDATES);
  });

  it('nor where other runs take turns in between', async () => {
    const others = ['a', 'b'].map((id) => ({ ...neutralArm, id }));
    const session = await open([...others, { id: 'siren', methods: ['siren'] }]);
    await session.run();
    const [a, b, siren] = await parameters(session);
    for (const actual of [a, b]) expect(actual.findIndex((x, i) => x !== expected[i])).toBe(-1);
    expect(siren).not.toEqual(expected);
  });

  it('are read again where something came between', async () => {
    const session = await open([neutralArm]);
    const { engine } = session;
    // As if another run had used the buffers after every read-back.
    const read = engine.currents.read.bind(engine.currents);
    vi.spyOn(engine.currents, 'read').mockImplementation(async (...args) => {
      const result = await read(...args);
      const nan = new Float32Array(engine.workspace.buffer('logits').size / 4).fill(Number.NaN);
      device.queue.writeBuffer(engine.workspace.buffer('logits'), 0, nan);
      engine.generation++;
      return result;
    });
    expect(await uploads(engine, () => session.run())).toBe(without + STEPS * UPDATES);
    const [actual] = await parameters(session);
    expect(actual.findIndex((x, i) => x !== expected[i])).toBe(-1);
  });

  it('fix what a method holds to at the first step, also after resuming', async () => {
    const arm = { id: 'siren', methods: ['siren', 'clip_v', 'attention_weights'] };
    const whole = await open([arm]);
    await whole.stepAll();
    const { 'siren.anchor': anchor, 'siren.selected': selected } = whole.runs[0].state;
    expect(anchor).toBeGreaterThan(0);
    expect(selected).toBe(anchor);
    const resumed = await open([arm], { resume: await whole.checkpoint() });
    await whole.run();
    await resumed.run();
    expect(whole.runs[0].state['siren.anchor']).toBe(anchor);
    expect(whole.runs[0].state['siren.selected']).not.toBe(anchor);
    expect(await parameters(resumed)).toEqual(await parameters(whole));
  });

  it('further responses take the place of others, with a ratio that begins at 1', async () => {
    const settings = { 'aepo.share': 0.5, 'aepo.target': 4, 'aepo.high': 1.5 };
    const arm = { id: 'aepo', methods: ['aepo'], settings };
    // Enough of them that some prompt has right and wrong answers.
    const many = { 'trainer.prompts': 8, 'trainer.group_size': 8 };
    const session = await open([arm, { id: 'plain' }], {}, many);
    const [run, other] = session.runs;
    const [batch, before] = [await run.sample(), await other.sample()];
    const kept = batch.responses.filter((r) => batch.measured.includes(r));
    const taken = batch.responses.filter((r) => !batch.measured.includes(r));
    expect(taken.length).toBeGreaterThan(0);
    expect(kept.length + taken.length).toBe(64);
    expect(batch.sampled).toBe(80);
    expect(batch.measured.map((r) => [...r.tokens])).toEqual(
      before.responses.map((r) => [...r.tokens]),
    );
    batch.responses.forEach((r, i) => {
      const [from, to] = [batch.tokens.starts[i], batch.tokens.starts[i + 1]];
      expect(to - from).toBe(r.tokens.length);
      const advantages = [...batch.tokens.advantage.subarray(from, to)];
      if (taken.includes(r)) expect(advantages).toEqual(advantages.map(() => 1));
      else expect(advantages).toEqual([...before.tokens.advantage.subarray(...at(before, i))]);
      // No shape acts: what the estimator said, of the whole group, also where a response has left it.
      expect([...batch.tokens.estimate.subarray(from, to)]).toEqual(advantages);
    });
    // The policy has not moved: under the trainer's temperature every ratio is 1.
    const { parts } = updateParts(session.engine, {
      ...{ judged: batch.responses, tokens: batch.tokens, methods: [], values: run.settings },
    });
    const now = await currentStats(session.engine, run.parts.policy, parts, 1);
    expectClose(batch.tokens.old_logp, now.logp, { rtol: 1e-5, atol: 2e-5 });
    const whole = await open([arm], {}, many);
    await whole.stepAll();
    const resumed = await open([arm], { resume: await whole.checkpoint() }, many);
    await whole.run();
    await resumed.run();
    expect(await parameters(resumed)).toEqual(await parameters(whole));
    expect(whole.runs[0].state['aepo.surprise']).toBeGreaterThan(0);
  });

  it('and nothing failed', () => {
    expect(failures).toEqual([]);
  });
});
