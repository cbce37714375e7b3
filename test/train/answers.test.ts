// What a response tells about the answer, read from the shipped base: it must know more at the end of a chain that is
// right than at its beginning, and each reading must be what a forward pass of its own says.
import { describe, expect, it } from 'vitest';
import { arrayBuffer } from '../../src/cli/files.ts';
import { modelConfig } from '../../src/core/model_config.ts';
import { defaultsOf } from '../../src/core/param.ts';
import { tokenBatch } from '../../src/core/token_batch.ts';
import { packBatch } from '../../src/model/batch.ts';
import { currentStats } from '../../src/model/current.ts';
import { Engine } from '../../src/model/engine.ts';
import { loadParameters } from '../../src/model/safetensors.ts';
import { TASKS } from '../../src/tasks/index.ts';
import type { Task } from '../../src/tasks/task.ts';
import { answerOf, readAnswers, reasoningLength, withAnswers } from '../../src/train/answers.ts';
import { heldOutProblems } from '../../src/train/problems.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const task = TASKS.get('chain_sum') as Task;
const id = (text: string): number => task.vocabulary.indexOf(text);
const ids = (text: string): Uint32Array => Uint32Array.from(text, id);
const values = defaultsOf('chain_sum', task.params);
const limits = task.limits(values);
const base = arrayBuffer('public/bases/chain_sum-nano.safetensors');
const engine = await Engine.create(device, modelConfig('nano', task.vocabulary.length), task.eos, {
  ...{ rows: 128, sequences: 8, splits: 2 },
  ...{ response: limits.response, positions: limits.prompt + limits.response },
});
const policy = engine.createPolicy(loadParameters(engine.layout, base));

/** Problems with the whole chain written down: what the model is sure to read rightly. */
const asked = heldOutProblems(task, values, 6).map((problem) => {
  const { operands } = problem as { operands: number[] };
  let sum = operands[0] as number;
  const chain = [String(sum)];
  for (const d of operands.slice(1)) {
    sum = (sum + d) % 10;
    chain.push(`+${d}=${sum}`);
  }
  const tokens = ids(`${chain.join('')}#${sum}$`);
  return { prompt: task.prompt(problem), tokens, right: id(task.solve(problem)) };
});

describe('the length of the reasoning', () => {
  it.each([
    ['3+4=7#7$', 5],
    ['#7$', 0],
    ['3+4$', 3],
    ['3+4=', 4],
    ['$', 0],
  ])('%s', (text, length) => {
    expect(reasoningLength(ids(text), answerOf(task), task.eos)).toBe(length);
  });
});

describe('readings of the answer', () => {
  it('are what a forward pass after each prefix says', async () => {
    const readings = await readAnswers(engine, policy, task, asked, 0.8);
    const { prompt, tokens, right } = asked[1] as (typeof asked)[number];
    const alone: number[][] = [[], []];
    const length = tokens.length - 3;
    for (let t = 0; t <= length; t++) {
      const forced = [...prompt, ...tokens.slice(0, t), id('#')];
      const batch = packBatch([
        { prompt: forced, response: [right], weight: 1, advantage: 0, old_logp: [0] },
      ]);
      const { logp, entropy } = await currentStats(engine, policy, [batch], 0.8);
      alone[0]?.push(entropy[0] as number);
      alone[1]?.push(logp[0] as number);
    }
    // Equal sums in equal order.
    expectClose(readings[1]?.entropy as Float32Array, alone[0] as number[], { atol: 1e-5 });
    expectClose(readings[1]?.logp as Float32Array, alone[1] as number[], { atol: 1e-5 });
  });

  it('know the right answer better after the chain than before it', async () => {
    const readings = await readAnswers(engine, policy, task, asked, 1);
    for (const { entropy, logp } of readings) {
      expect(logp.at(-1)).toBeGreaterThan((logp[0] as number) + 1);
      expect(entropy.at(-1)).toBeLessThan(entropy[0] as number);
    }
  });

  it('stand before each token, and nowhere past the reasoning', async () => {
    const responses = ['3+4=7#7$', '#7$', '3+4$', '$'].map((text) => ({
      ...{ prompt: [...ids('3+4=')], tokens: ids(text), right: id('7') },
    }));
    const readings = await readAnswers(engine, policy, task, responses, 1);
    const batch = withAnswers(
      tokenBatch(
        responses.map((r) => r.tokens.length),
        {},
      ),
      readings,
    );
    const read = [...batch.answer_entropy].map((x) => (x >= 0 ? 1 : 0)).join('');
    expect(read).toBe('11111100' + '100' + '1111' + '1');
    // After EOS nothing is read: the last reading stands before it.
    expect([...batch.answer_logp].every((x, n) => x <= 0 === (read[n] === '1'))).toBe(true);
  });

  it('are refused where answers are longer than a token', async () => {
    const longer = { ...task, answer: undefined };
    await expect(readAnswers(engine, policy, longer, asked, 1)).rejects.toThrow(
      /answers of one token/,
    );
  });
});
