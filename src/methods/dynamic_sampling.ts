/**
 * DAPO's dynamic sampling (verl-recipe `dapo/` at 48ea0a79): prompts whose responses are all right or all wrong teach
 * nothing and are replaced by further ones. Rounds are bounded, and what was kept by then is trained on (ours).
 */
import { groups } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

export default defineMethod({
  id: 'dynamic_sampling',
  label: 'dynamic sampling',
  stage: 'sampling',
  summary:
    'Samples further prompts in place of those whose responses are all right or all wrong, until the batch is full. It learns more per update, not per response: watch the share of unused responses.',
  pitfalls:
    'Curves per step flatter it: compare per sampled response. When almost everything is solved, most of the sampling is thrown away.',
  formula: String.raw`\text{keep prompt } p \iff 0 < \sum_{i=1}^{G} \mathbf{1}[o_i \text{ right}] < G`,
  paper: {
    title: 'DAPO: An Open-Source LLM Reinforcement Learning System at Scale',
    authors: 'Yu et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2503.14476',
  },
  fidelity: 'released',
  group_of_one: 'With one response per prompt nothing can differ, so every prompt is kept.',
  params: {
    rounds: {
      kind: 'number',
      label: 'most rounds',
      default: 4,
      min: 1,
      max: 10,
      integer: true,
      help: 'A batch is sampled at most this often; then what was kept is trained on. DAPO takes 10 rounds of three batches. At 1 it only leaves prompts out.',
    },
  },

  /** 1 on prompts to keep; a group of one is kept. */
  keeps(batch) {
    const result = new Uint8Array(batch.correct.length);
    for (const { from, to } of groups(batch)) {
      const right = batch.correct.subarray(from, to).reduce((a, b) => a + b, 0);
      const differs = right > 0 && right < to - from;
      result.fill(differs || to - from === 1 ? 1 : 0, from, to);
    }
    return result;
  },
  rounds: (values) => values['dynamic_sampling.rounds'] as number,
});
