// The information plane from the shipped base: scores are the sampler's own, the estimate keeps within its bounds, and
// nothing is measured where nobody asks.
import { describe, expect, it } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import { defaultsOf } from '../../src/core/param.ts';
import { TRAINER_PARAMS } from '../../src/core/settings.ts';
import { packBatch } from '../../src/model/batch.ts';
import { currentStats } from '../../src/model/current.ts';
import { Engine } from '../../src/model/engine.ts';
import { loadParameters } from '../../src/model/safetensors.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Task } from '../../src/tasks/task.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { measureInformation, scoreUnder } from '../../src/train/information.ts';
import { heldOutProblems } from '../../src/train/problems.ts';
import { sampleResponses } from '../../src/train/sampling.ts';
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
  ...{ rows: 512, sequences: 64, splits: 2 },
  ...{ response: limits.response, positions: limits.prompt + limits.response },
});
const policy = engine.createPolicy(loadParameters(engine.layout, base));
const T = 0.9;
const K = 12;
const responses = await sampleResponses(engine, policy, task, {
  problems: heldOutProblems(task, values, K),
  ...{ groupSize: 1, temperature: T, seed: 1, stream: 6, step: 0 },
});

describe('scores under several prompts', () => {
  it('begin with what the sampler gave the response', async () => {
    const scores = await scoreUnder(engine, policy, responses, 3, T);
    const sampled = responses.map((r) => r.logp.reduce((a, b) => a + b, 0));
    // Sampling and training kernels sum in different orders; a response has up to 40 tokens.
    expectClose(
      scores.map((s) => s[0] as number),
      sampled,
      { rtol: 1e-4, atol: 1e-3 },
    );
    // The prompts of the next two problems: seldom as likely.
    const better = scores.filter((s) => (s[0] as number) > Math.max(...s.slice(1)));
    expect(better.length).toBeGreaterThan(K * 0.6);
  });

  it('then what each alone would have under the prompts that follow', async () => {
    const scores = await scoreUnder(engine, policy, responses, 3, T);
    for (const [i, j] of [
      [0, 2],
      [5, 1],
      [K - 1, 1],
      [K - 2, 2],
    ] as const) {
      const { prompt } = responses[(i + j) % K];
      const sequence = { prompt, response: responses[i].tokens, weight: 1, advantage: 0 };
      const part = packBatch([{ ...sequence, old_logp: [] }]);
      const { logp } = await currentStats(engine, policy, [part], T);
      expectClose([scores[i][j]], [logp.reduce((a, b) => a + b, 0)], { rtol: 1e-5, atol: 1e-4 });
    }
  });
});

describe('the information plane', () => {
  it('keeps within its bounds', async () => {
    const plane = await measureInformation(engine, policy, task, responses, {
      ...{ prompts: 8, temperature: T },
    });
    expect(plane.info_prompt).toBeGreaterThan(0.3);
    expect(plane.info_prompt).toBeLessThanOrEqual(Math.log(8));
    expect(plane.info_answer).toBeGreaterThan(0.3);
    expect(plane.info_answer).toBeLessThanOrEqual(Math.log(10));
    const given = responses.reduce((s, r) => s - r.logp.reduce((a, b) => a + b, 0) / K, 0);
    expect(plane.response_entropy).toBeCloseTo(given + (plane.info_prompt as number), 2);
  });

  it('is measured at evaluations that are asked for it, and changes nothing else', async () => {
    const options = { problems: 8, samples: 2, temperature: 1, seed: 0, step: 0 };
    const plain = await evaluate(engine, policy, task, values, options);
    const asked = { ...values, 'trainer.information': 1, 'trainer.information_prompts': 4 };
    const looked = await evaluate(engine, policy, task, asked, options);
    expect(plain.measures).toEqual({});
    expect(Object.keys(looked.measures).sort()).toEqual([
      ...['info_answer', 'info_prompt', 'response_entropy'],
    ]);
    expect({ ...looked, measures: {} }).toEqual(plain);
  });

  it('leaves out what would be scored under more prompts than there are', async () => {
    const settings = { prompts: K + 1, temperature: T };
    const plane = await measureInformation(engine, policy, task, responses, settings);
    expect(Object.keys(plane)).toEqual(['info_answer']);
  });

  it('does without answers where they are longer than a token', async () => {
    const longer = { ...task, answer: undefined };
    const settings = { prompts: 4, temperature: T };
    const plane = await measureInformation(engine, policy, longer, responses, settings);
    expect(Object.keys(plane).sort()).toEqual(['info_prompt', 'response_entropy']);
  });
});
