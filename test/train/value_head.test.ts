// Runs with a value head beside runs without one: measured, reproducible, resumed, forked both ways and exported; and a
// run without a head pays nothing and computes the same bits.
import { describe, expect, it } from 'vitest';
import { forkCheckpoint } from '../../src/core/fork.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import type { Checkpoint } from '../../src/core/report.ts';
import { selectResponses, tokenBatch } from '../../src/core/token_batch.ts';
import { METRIC_INDEX, METRICS, type Metric } from '../../src/metrics/index.ts';
import { createLayout } from '../../src/model/layout.ts';
import { loadParameters, parseSafetensors } from '../../src/model/safetensors.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { trainingSequences } from '../../src/train/minibatch.ts';
import type { Judged } from '../../src/train/sampling.ts';
import { layout, openSession, task } from '../helpers/session.ts';

const withHead = createLayout(modelConfig('nano', task.vocabulary.length), true);
const file = {
  settings: {
    ...{ 'trainer.steps': 4, 'trainer.prompts': 4, 'trainer.group_size': 2 },
    ...{ 'trainer.eval_prompts': 4, 'trainer.eval_every': 2, 'trainer.minibatches': 2 },
    'chain_sum.max_response': 12,
  },
  arms: [
    { id: 'grpo', methods: ['ib_entropy'] },
    // A base of random weights is never right; the length of its responses pays.
    {
      ...{ id: 'ppo', methods: ['gae', 'soft_overlong'] },
      settings: { 'gae.lambda': 0.9, 'gae.clip': 0.01, 'soft_overlong.buffer': 1 },
    },
  ],
  seeds: [0],
};
const OF_VALUE = METRICS.filter((metric: Metric) => metric.needs === 'value').map(({ id }) => id);

function open(change: object = {}, resume?: Checkpoint) {
  const experiment =
    resume?.experiment ?? parseExperiment({ ...file, ...change }, CATALOG).experiment;
  return openSession(experiment, resume);
}

const stateOf = (checkpoint: Checkpoint, arm: string) =>
  checkpoint.runs.filter((run) => run.arm === arm).map(({ arm: _, ...run }) => run);

it('a minibatch brings each response its own values and targets', () => {
  const judged = [[5, 6], [7], [8, 9, 10]].map((tokens) => ({
    ...{ prompt: [1], tokens: Uint32Array.from(tokens) },
  })) as unknown as Judged[];
  const batch = tokenBatch([2, 1, 3], {
    value: Float32Array.of(1, 2, 3, 4, 5, 6),
    target: Float32Array.of(10, 20, 30, 40, 50, 60),
  });
  const picked = [2, 0];
  const part = selectResponses(batch, picked);
  const own = picked.map((i) => judged[i]);
  const [weights, none] = [Float32Array.of(1, 1), new Float32Array()];
  const sequences = trainingSequences(own, part, weights, none, true);
  expect(sequences.map((s) => [...(s.targets as Float32Array)])).toEqual([
    [4, 40, 5, 50, 6, 60],
    [1, 10, 2, 20],
  ]);
  expect(trainingSequences(own, part, weights, none)[0].targets).toBeUndefined();
});

describe('value head', async () => {
  const { session, rows } = await open();
  await session.run(2);
  const middle = await session.checkpoint();
  await session.run();
  const end = await session.checkpoint();
  const head = (values: Float32Array) => values.subarray(layout.size);

  it('is measured where it is, and only there', () => {
    expect(OF_VALUE).toHaveLength(3);
    const at = (key: string, id: (typeof OF_VALUE)[number]) =>
      (rows.get(key) as number[])[METRIC_INDEX[id]];
    for (const id of OF_VALUE) {
      expect(Number.isNaN(at('grpo/0 4', id))).toBe(true);
      expect(Number.isNaN(at('ppo/0 0', id))).toBe(true);
    }
    for (let step = 1; step <= 4; step++) {
      expect(at(`ppo/0 ${step}`, 'value_loss')).toBeGreaterThan(0);
      expect(at(`ppo/0 ${step}`, 'explained_variance')).toBeLessThan(1);
    }
    // At first the head is 0 and explains nothing.
    expect(at('ppo/0 1', 'explained_variance')).toBe(0);
    expect(at('ppo/0 4', 'explained_variance')).not.toBe(0);
    // The second minibatch of a step finds values that the first has moved.
    expect(at('ppo/0 4', 'value_clip_fraction')).toBeGreaterThan(0);
  });

  it('begins at 0, learns, and has moments of its own', () => {
    const [ppo] = stateOf(end, 'ppo');
    expect(ppo.parameters).toHaveLength(withHead.size);
    for (const key of ['parameters', 'm', 'v'] as const) {
      expect(head(ppo[key]).some((x) => x !== 0)).toBe(true);
    }
  });

  it('goes on bit for bit where a checkpoint is resumed, and after a reset', async () => {
    const resumed = await open({}, middle);
    await resumed.session.run();
    expect(stateOf(await resumed.session.checkpoint(), 'ppo')).toEqual(stateOf(end, 'ppo'));
    expect(resumed.rows.get('ppo/0 4')).toEqual(rows.get('ppo/0 4'));
    resumed.session.reset();
    await resumed.session.run();
    expect(stateOf(await resumed.session.checkpoint(), 'ppo')).toEqual(stateOf(end, 'ppo'));
  });

  it('costs an experiment without one nothing, and changes no bit of an arm beside it', async () => {
    const plain = await open({ arms: [file.arms[0]] });
    const { engine } = plain.session;
    expect(engine.valueLayout).toBeUndefined();
    expect([...engine.kernels.keys()].filter((name) => /value/.test(name))).toEqual([]);
    expect(() => engine.workspace.buffer('values')).toThrow('must be one of its table');
    expect(engine.uniforms.critic).toBeUndefined();
    await plain.session.run();
    expect(stateOf(await plain.session.checkpoint(), 'grpo')).toEqual(stateOf(end, 'grpo'));
    for (let step = 1; step <= 4; step++) {
      expect(plain.rows.get(`grpo/0 ${step}`)).toEqual(rows.get(`grpo/0 ${step}`));
    }
    expect(stateOf(end, 'grpo')[0].parameters).toHaveLength(layout.size);
  });

  it('begins at 0 in a fork of a run without one, and stays behind in a fork of a run with one', async () => {
    const { experiment } = parseExperiment(file, CATALOG);
    const [grpo, ppo] = experiment.arms;
    const forked = forkCheckpoint(forkCheckpoint(middle, 'grpo', { ...ppo, id: 'with' }), 'ppo', {
      ...grpo,
      id: 'bare',
    });
    const fork = await open({}, forked);
    const begun = await fork.session.checkpoint();
    const [before, after] = [stateOf(middle, 'grpo')[0], stateOf(begun, 'with')[0]];
    for (const key of ['parameters', 'm', 'v'] as const) {
      expect(after[key].subarray(0, layout.size)).toEqual(before[key]);
      expect(after[key]).toHaveLength(withHead.size);
      expect(head(after[key]).every((x) => x === 0)).toBe(true);
      const bare = stateOf(begun, 'bare')[0][key];
      expect(bare).toEqual(stateOf(middle, 'ppo')[0][key].slice(0, layout.size));
    }
    await fork.session.run();
    const end = await fork.session.checkpoint();
    expect(head(stateOf(end, 'with')[0].parameters).some((x) => x !== 0)).toBe(true);
    expect(stateOf(end, 'bare')[0].step).toBe(4);
  });

  it('is a file of its own beside the folder that LlamaForCausalLM reads', async () => {
    const { files } = await session.exportWeights({ arm: 'ppo', seed: 0 });
    const named = new Map(files.map(({ name, bytes }) => [name, bytes]));
    const [{ parameters }] = stateOf(end, 'ppo');
    const model = named.get('model.safetensors') as ArrayBuffer;
    expect(loadParameters(layout, model)).toEqual(parameters.slice(0, layout.size));
    const score = parseSafetensors(named.get('value_head.safetensors') as ArrayBuffer);
    expect([...score].map(([name, { shape }]) => [name, shape])).toEqual([
      ['score.weight', [1, 64]],
      ['score.bias', [1]],
    ]);
    expect(score.get('score.bias')?.values[0]).toBe(parameters[layout.size + 64]);
    const other = await session.exportWeights({ arm: 'grpo', seed: 0 });
    expect(other.files.map(({ name }) => name)).not.toContain('value_head.safetensors');
  });
});
