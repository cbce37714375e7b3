// A coefficient that follows gradient norms: the share is what was asked for when it is measured, it stays in between, and
// a run goes on from a checkpoint as if nothing had happened.
import { afterAll, describe, expect, it } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import type { Checkpoint } from '../../src/core/report.ts';
import { METRIC_INDEX } from '../../src/metrics/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Session } from '../../src/train/session.ts';
import { device } from '../helpers/dawn.ts';

const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const opened = { device, vendor: '', architecture: '', description: '', software: true };
const own = (settings: object) => {
  const given = Object.entries({ every: 2, most: 10, ...settings });
  return Object.fromEntries(given.map(([name, value]) => [`balanced_entropy.${name}`, value]));
};
const { experiment } = parseExperiment(
  {
    settings: {
      ...{ 'trainer.steps': 4, 'trainer.prompts': 6, 'trainer.group_size': 4 },
      ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 1, 'trainer.learning_rate': 0.003 },
      ...{ 'chain_sum.max_operands': 3, 'chain_sum.max_response': 12 },
    },
    arms: [
      { id: 'ib', methods: ['balanced_entropy'], settings: own({ share: 0.25 }) },
      { id: 'naive', methods: ['balanced_entropy'], settings: own({ share: 0.5, weight: 'all' }) },
      { id: 'held', methods: ['balanced_entropy'], settings: own({ share: 2, most: 0.01 }) },
    ],
    seeds: [0],
  },
  CATALOG,
);

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

async function open(rows: Map<string, Float32Array>, resume?: Checkpoint): Promise<Session> {
  const session = await Session.open(
    opened,
    { experiment, loadBase: async () => base, resume },
    {
      ...{ progress() {}, byDifficulty() {}, responses() {} },
      row: ({ arm }, step, values) => rows.set(`${arm} ${step}`, values),
      runFailed(_, __, message) {
        throw new Error(message);
      },
    },
  );
  session.setAsked(['policy_grad_norm']);
  sessions.push(session);
  return session;
}

describe('a coefficient that follows gradient norms', async () => {
  const rows = new Map<string, Float32Array>();
  const session = await open(rows);
  await session.run(2);
  const taken = await session.checkpoint();
  await session.run();
  const at = (arm: string, step: number, id: keyof typeof METRIC_INDEX) =>
    rows.get(`${arm} ${step}`)?.[METRIC_INDEX[id]] as number;

  it('has the asked share wherever it is measured', () => {
    for (const step of [1, 3]) {
      for (const [arm, share] of [
        ['ib', 0.25],
        ['naive', 0.5],
      ] as const) {
        const [policy, added] = (['policy_grad_norm', 'regularizer_grad_norm'] as const).map((id) =>
          at(arm, step, id),
        );
        expect(policy).toBeGreaterThan(0);
        expect(added / policy, `${arm} ${step}`).toBeCloseTo(share, 4);
      }
    }
  });

  it('stays in between, moves when measured again, and never passes its largest value', () => {
    for (const arm of ['ib', 'naive']) {
      const [first, second, third, fourth] = [1, 2, 3, 4].map((step) =>
        at(arm, step, 'controlled'),
      );
      expect(first).toBeGreaterThan(0);
      expect(second).toBe(first);
      expect(third).not.toBe(first);
      expect(fourth).toBe(third);
    }
    for (const step of [1, 2, 3, 4]) expect(at('held', step, 'controlled')).toBeCloseTo(0.01, 7);
  });

  it('goes on from a checkpoint with the same bits', async () => {
    const again = new Map<string, Float32Array>();
    const resumed = await open(again, taken);
    await resumed.run();
    const [wanted, got] = await Promise.all([session.checkpoint(), resumed.checkpoint()]);
    expect(got.runs.map(({ parameters }) => [...parameters])).toEqual(
      wanted.runs.map(({ parameters }) => [...parameters]),
    );
    expect(again.get('ib 4')?.[METRIC_INDEX.controlled]).toBe(at('ib', 4, 'controlled'));
  });
});
