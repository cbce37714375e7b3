// A fork with its source's method computes its source's bits; and what a run's exported folder holds.
import { describe, expect, it } from 'vitest';
import { forkCheckpoint } from '../../src/core/fork.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import type { Checkpoint } from '../../src/core/report.ts';
import { METRIC_INDEX } from '../../src/metrics/index.ts';
import { loadParameters, parseSafetensors } from '../../src/model/safetensors.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import { layout, openSession, task } from '../helpers/session.ts';

const { experiment } = parseExperiment(
  {
    settings: {
      'trainer.steps': 5,
      'trainer.prompts': 4,
      'trainer.group_size': 2,
      'trainer.eval_prompts': 4,
      'trainer.eval_every': 2,
      'chain_sum.max_response': 12,
    },
    arms: [
      { id: 'naive', methods: ['entropy_bonus'] },
      { id: 'ib', methods: ['ib_entropy'] },
    ],
    seeds: [0, 1],
  },
  CATALOG,
);

const open = (resume?: Checkpoint) => openSession(resume?.experiment ?? experiment, resume);

describe('fork', async () => {
  const first = await open();
  await first.session.run(2);
  const early = await first.session.checkpoint();
  await first.session.run(3);
  const now = await first.session.checkpoint();
  const arm = { ...experiment.arms[0], id: 'again' };
  const other = { ...experiment.arms[1], id: 'switched' };
  const forked = forkCheckpoint(forkCheckpoint(now, 'naive', arm, early), 'naive', other);
  const { session, rows } = await open(forked);
  await session.run();
  const end = await session.checkpoint();
  const state = (id: string) =>
    end.runs.filter((run) => run.arm === id).map(({ arm: _, ...run }) => run);

  it('with the same method measures and ends with the same bits as its source, from an earlier step', () => {
    expect(state('again')).toEqual(state('naive'));
    expect(rows.has('again/0 2')).toBe(false);
    for (const seed of [0, 1]) {
      expect(rows.get(`again/${seed} 3`)).toEqual(first.rows.get(`naive/${seed} 3`));
      expect(rows.get(`again/${seed} 5`)).toEqual(rows.get(`naive/${seed} 5`));
    }
  });

  it('with another method parts from it after the first shared batch', () => {
    const entropy = (key: string) => rows.get(key)?.[METRIC_INDEX.entropy];
    expect(rows.has('switched/0 3')).toBe(false);
    expect(entropy('switched/0 4')).toBe(entropy('naive/0 4'));
    expect(entropy('switched/0 5')).not.toBe(entropy('naive/0 5'));
  });

  it('refuses a state of another size', async () => {
    const bad = { ...now.runs[0], m: new Float32Array(3) };
    await expect(open({ ...now, runs: [bad] })).rejects.toThrow(/naive\/0 must hold \d+ values/);
    await expect(open({ ...now, base: new Float32Array(3) })).rejects.toThrow('the base must hold');
  });

  it('exports a folder that LlamaForCausalLM reads', async () => {
    const { step, files } = await session.exportWeights({ arm: 'ib', seed: 1 });
    expect(step).toBe(5);
    const named = new Map(files.map((file) => [file.name, file.bytes]));
    const json = (name: string) => JSON.parse(new TextDecoder().decode(named.get(name)));
    expect(json('config.json')).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      ...{ vocab_size: task.vocabulary.length, hidden_size: 64, intermediate_size: 192 },
      ...{ num_hidden_layers: 2, num_attention_heads: 4, rope_theta: 10000, rms_norm_eps: 1e-5 },
      ...{ tie_word_embeddings: false, eos_token_id: task.eos },
    });
    const file = named.get('model.safetensors') as ArrayBuffer;
    const run = end.runs.find((r) => r.arm === 'ib' && r.seed === 1)!;
    expect(loadParameters(layout, file)).toEqual(run.parameters);
    expect(parseSafetensors(file).get('lm_head.weight')?.shape).toEqual([15, 64]);
    const tokenizer = json('tokenizer.json');
    expect(Object.keys(tokenizer.model.vocab)).toEqual([...task.vocabulary]);
    const pieces = '3+4=#7$'.match(new RegExp(tokenizer.pre_tokenizer.pattern.Regex, 'g'));
    expect(pieces).toEqual(['3', '+', '4', '=', '#', '7', '$']);
    expect(json('generation_config.json').eos_token_id).toBe(task.eos);
    expect(() => session.exportWeights({ arm: 'zz', seed: 0 })).toThrow('run must exist');
  });
});
