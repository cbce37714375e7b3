/**
 * TTRL's reward without labels: the answer that most responses to a prompt give counts as right. Of equally frequent
 * answers the one that was sampled first is taken (ours). Responses that give no answer do not vote.
 */
import { groups, type TokenBatch } from '../core/token_batch.ts';
import { defineMethod } from './method.ts';

const LOOKS = 'It looks at the right answer, which a reward without labels is there to do without.';

export default defineMethod({
  id: 'majority_vote',
  label: 'majority vote (TTRL)',
  stage: 'reward',
  summary:
    'Replaces the reward: a response earns 1 if it gives the answer that most of the responses to its prompt give, whether that is right or not. Nobody has to know the right answer.',
  seen: 'On 3 seeds, 32 steps of 8 × 8, against the same without it (95 % interval): training accuracy −0.62 ± 0.25. Expected: agreement rises, accuracy may fall; seen.',
  formula: String.raw`R_i = \mathbf{1}[a_i = \operatorname{mode}(a_1 \ldots a_G)]`,
  pitfalls:
    'Where the most frequent answer is wrong, the model learns to be wrong with confidence: reward rises while accuracy falls. It starts from a base that is right more often than it gives any one wrong answer, or it does not work. Other methods of the reward stage change what it pays.',
  paper: {
    title: 'TTRL: Test-Time Reinforcement Learning',
    authors: 'Zuo et al.',
    year: 2025,
    url: 'https://arxiv.org/abs/2504.16084',
  },
  fidelity: 'published',
  group_of_one:
    'With one response per prompt every answer is the majority: each answered response earns 1.',
  params: {},
  replaces: true,
  excludes: { dynamic_sampling: LOOKS, ares_windows: LOOKS },

  rewards(batch) {
    const result = new Float64Array(batch.answer.length);
    for (const { from, to } of groups(batch)) {
      const winner = mostFrequent(batch, from, to);
      for (let i = from; i < to; i++) result[i] = Number(winner >= 0 && batch.answer[i] === winner);
    }
    return result;
  },
});

/** −1 where nobody gave an answer. */
function mostFrequent({ answer, index }: TokenBatch, from: number, to: number): number {
  const votes = new Map<number, { count: number; first: number }>();
  for (let i = from; i < to; i++) {
    if ((answer[i] as number) < 0) continue;
    const { count, first } = votes.get(answer[i] as number) ?? { count: 0, first: Infinity };
    votes.set(answer[i] as number, {
      count: count + 1,
      first: Math.min(first, index[i] as number),
    });
  }
  const order = [...votes].sort(([, a], [, b]) => b.count - a.count || a.first - b.first);
  return order[0]?.[0] ?? -1;
}
