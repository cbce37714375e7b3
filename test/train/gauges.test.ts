// Measurements with passes of their own: they agree with what the update itself reports, with a small step's real change,
// and a run is the same bit for bit with and without them.
import { afterAll, describe, expect, it } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METRIC_INDEX, METRICS, type Metric, type MetricId } from '../../src/metrics/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { Session } from '../../src/train/session.ts';
import { device } from '../helpers/dawn.ts';

const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const opened = { device, vendor: '', architecture: '', description: '', software: true };

const file = {
  settings: {
    ...{ 'trainer.steps': 2, 'trainer.prompts': 8, 'trainer.group_size': 4 },
    ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 2, 'trainer.learning_rate': 1e-5 },
    'chain_sum.max_response': 20,
  },
  arms: [
    { id: 'none' },
    { id: 'naive', methods: ['entropy_bonus'], settings: { 'entropy_bonus.alpha': 0.2 } },
    { id: 'ppo', methods: ['gae', 'entropy_bonus'] },
    { id: 'siren', methods: ['siren'], settings: { 'siren.coefficient': 10 } },
    { id: 'ib', methods: ['ib_entropy'], settings: { 'ib_entropy.alpha': 0.5 } },
  ],
  seeds: [0],
};

const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

async function rowsWith(asked: readonly MetricId[]) {
  const { experiment } = parseExperiment(file, CATALOG);
  const rows = new Map<string, Float32Array>();
  const session = await Session.open(
    opened,
    { experiment, loadBase: async () => base },
    {
      ...{ progress() {}, byDifficulty() {}, responses() {} },
      row: (run, step, values) => rows.set(`${run.arm} ${step}`, values),
      runFailed: (_, __, message) => expect.fail(message),
    },
  );
  sessions.push(session);
  session.setAsked(asked);
  await session.run();
  const parameters = (await session.checkpoint()).runs.map((run) => run.parameters);
  const value = (arm: string, step: number, id: MetricId) =>
    rows.get(`${arm} ${step}`)?.[METRIC_INDEX[id]] ?? Number.NaN;
  return { rows, parameters, value };
}

// nano has two layers.
const COSTLY = METRICS.filter((m: Metric) => m.gauge && (m.layer ?? 0) <= 2).map(({ id }) => id);
const isFree = (id: MetricId) => !COSTLY.some((costly) => costly === id);

describe('gauges', async () => {
  const { rows, parameters, value } = await rowsWith([
    'grad_cosine',
    'acceptance',
    'attention_entropy_1',
  ]);
  const plain = await rowsWith(['entropy', 'grad_norm']);

  it('change no bit of the run, and are empty where nobody asks', () => {
    expect(parameters).toEqual(plain.parameters);
    for (const [key, row] of plain.rows) {
      METRICS.forEach(({ id }, i) => {
        if (id === 'tokens_per_second') return;
        if (isFree(id)) expect(rows.get(key)?.[i], `${key} ${id}`).toEqual(row[i]);
        else expect(row[i], `${key} ${id}`).toBeNaN();
      });
    }
  });

  it('are taken at evaluations alone', () => {
    for (const id of COSTLY) {
      expect(value('naive', 1, id), id).toBeNaN();
      expect(Number.isFinite(value('naive', 2, id)), id).toBe(true);
    }
  });

  it('attention entropy is there for the layers that the model has', () => {
    const [first, second, third] = ([1, 2, 3] as const).map((layer) =>
      value('none', 2, `attention_entropy_${layer}`),
    );
    for (const e of [first, second]) expect(e > 0 && e < 1, String(e)).toBe(true);
    expect(Math.abs(first - second)).toBeGreaterThan(1e-3);
    expect(third).toBeNaN();
  });

  it('policy and regularizer gradient together are the gradient of the update', () => {
    const of = (arm: string, id: MetricId) => value(arm, 2, id);
    expect(of('none', 'policy_grad_norm') / of('none', 'grad_norm')).toBeCloseTo(1, 5);
    expect(of('none', 'regularizer_grad_norm')).toBe(0);
    expect(of('none', 'grad_cosine')).toBeNaN();
    for (const arm of ['naive', 'ib', 'siren']) {
      const [p, r] = [of(arm, 'policy_grad_norm'), of(arm, 'regularizer_grad_norm')];
      expect(r, arm).toBeGreaterThan(0.01);
      const together = Math.sqrt(p ** 2 + r ** 2 + 2 * p * r * of(arm, 'grad_cosine'));
      expect(together / of(arm, 'grad_norm'), arm).toBeCloseTo(1, 4);
    }
  });

  it('a small step changes entropy as its slope says', () => {
    for (const arm of ['none', 'naive', 'ib', 'ppo']) {
      const measured = value(arm, 2, 'entropy_change');
      const predicted = value(arm, 2, 'entropy_change_predicted');
      expect(Math.abs(measured), arm).toBeGreaterThan(1e-6);
      // What is left is of second order in a step of 1e-5, and f32 in logits of size 10 over 500 tokens.
      expect(Math.abs(predicted / measured - 1), arm).toBeLessThan(0.05);
      expect(value(arm, 2, 'acceptance')).toBeGreaterThan(0.99);
      expect(value(arm, 2, 'acceptance')).toBeLessThan(1);
    }
    expect(value('naive', 2, 'entropy_change')).toBeGreaterThan(value('none', 2, 'entropy_change'));
  });

  it('counts tokens that the loss pushes, and how advantage and entropy go together', () => {
    for (const arm of ['none', 'ib']) {
      expect(value(arm, 1, 'scored_tokens')).toBe(value(arm, 1, 'learning_tokens'));
      expect(value(arm, 1, 'scored_tokens')).toBeGreaterThan(0);
      expect(Math.abs(value(arm, 1, 'advantage_entropy_cov'))).toBeGreaterThan(0);
    }
  });
});
