// Advantage estimators against verl's own results (test/goldens).

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../helpers/close.ts';
import * as advantages from './advantages.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../goldens/${name}.json`, import.meta.url), 'utf8'));

describe('goldens', () => {
  const golden = read('advantages');
  const rollouts: advantages.Rollouts = golden;
  const gae = advantages.gae(rollouts, golden.values, 0.97, 0.9);
  const estimators: Record<string, number[][]> = {
    grpo: advantages.grpo(rollouts),
    dr_grpo: advantages.dr_grpo(rollouts),
    rloo: advantages.rloo(rollouts),
    opo: advantages.opo(rollouts),
    grpo_passk: advantages.grpo_passk(rollouts),
    reinforce_plus_plus: advantages.reinforce_plus_plus(rollouts, 0.97),
    reinforce_plus_plus_baseline: advantages.reinforce_plus_plus_baseline(rollouts),
    gae: gae.advantages,
  };

  it('covers every estimator of the file', () => {
    expect(Object.keys(estimators).sort()).toEqual(Object.keys(golden.advantages).sort());
  });

  // verl adds 1e-8 to the number of tokens it divides by when it whitens.
  it.each(Object.keys(estimators))('%s', (name) => {
    const expected: number[][] = golden.advantages[name];
    const allowZero = name === 'grpo_passk' && expected.flat().every((value) => value === 0);
    expectClose(estimators[name].flat(), expected.flat(), { rtol: 1e-8, atol: 1e-9, allowZero });
  });

  it('gae returns', () => {
    expectClose(gae.returns.flat(), golden.gae_returns.flat(), { rtol: 1e-12, atol: 1e-14 });
  });
});

describe('grpo_passk', () => {
  it('pays the single winner only', () => {
    const rollouts = { score: [1, 0, 0, 0.5], group: [7, 7, 7, 7], mask: [[1], [1], [1], [1]] };
    const deviation = Math.sqrt((0.625 ** 2 + 2 * 0.375 ** 2 + 0.125 ** 2) / 3);
    const expected = [0.5 / (deviation + 1e-6), 0, 0, 0];
    expectClose(advantages.grpo_passk(rollouts).flat(), expected, { rtol: 1e-12 });
  });
});

describe('a group of one', () => {
  it('keeps its raw score', () => {
    const rollouts = { score: [2], group: [0], mask: [[1, 1, 0]] };
    expect(advantages.dr_grpo(rollouts)).toEqual([[2, 2, 0]]);
    expectClose(advantages.grpo(rollouts).flat(), [2, 2, 0], { rtol: 2e-6 });
  });
});
