// Where hints can be had, and what is said where they cannot.
import { describe, expect, test } from 'vitest';
import { baseName, hintProblem } from '../../src/core/hints.ts';
import { noticesOf } from '../../src/core/notices.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { problemOf } from '../../src/ui/declared.ts';
import { CATALOG } from './catalog.ts';

const arms = [{ id: 'a', methods: ['ibro'] }];
const read = (file: object) => parseExperiment({ arms, ...file }, CATALOG).experiment;
const hinted = { 'chain_sum.hints': true };
const said = (file: object) =>
  noticesOf(read(file), CATALOG).filter(({ kind, at }) => kind === 'conflict' && at === 'ibro');

test('the base is chosen by task, model and hints', () => {
  expect(baseName('chain_sum', 'nano', false)).toBe('chain_sum-nano');
  expect(baseName('chain_sum', 'nano', true)).toBe('chain_sum-nano-hints');
});

describe('a method that compares with hinted prompts', () => {
  test('runs on a base that knows them', () => {
    expect(hintProblem(read({ settings: hinted }), CATALOG)).toBeUndefined();
    expect(problemOf(read({ settings: hinted }))).toBeUndefined();
    expect(said({ settings: hinted })).toEqual([]);
  });

  test('is refused on one that does not, with the setting to change', () => {
    const [notice] = said({});
    expect(notice).toMatchObject({ arm: 'a', at: 'ibro', kind: 'conflict' });
    expect(notice.text).toMatch(/never seen one; switch on “base that knows hints” .*“chain sum”/);
    expect(problemOf(read({}))).toBe(`arm.a.methods: ibro cannot run. ${notice.text}`);
  });

  test('is refused where the task writes none, with the task to choose', () => {
    const [notice] = said({ task: 'guess_or_think' });
    expect(notice.text).toMatch(/“guess or think” has no way .* choose the task “chain sum”\.$/);
    expect(hintProblem(read({ task: 'guess_or_think' }), CATALOG)).toMatch(
      /^arm\.a\.methods: ibro/,
    );
  });

  test('is no matter where its arm is off, or nobody has it', () => {
    const off = [{ id: 'b' }, { ...arms[0], enabled: false }];
    expect(hintProblem(read({ arms: off }), CATALOG)).toBeUndefined();
    expect(hintProblem(read({ arms: [{ id: 'b' }] }), CATALOG)).toBeUndefined();
    // Shared by all arms it is refused as well.
    const methods = ['grpo', 'ppo_clip', 'ibro'];
    expect(hintProblem(read({ arms: [{ id: 'b' }], methods }), CATALOG)).toMatch(
      /^arm\.b\.methods/,
    );
  });
});

test('β below 2 is a risk, with the reason', () => {
  const notice = (beta: number) => {
    const own = [{ ...arms[0], settings: { 'ibro.beta': beta } }];
    const all = noticesOf(read({ settings: hinted, arms: own }), CATALOG);
    return all.find(({ at }) => at === 'ibro.beta');
  };
  expect(notice(2)).toBeUndefined();
  expect(notice(1.5)).toMatchObject({ arm: 'a', kind: 'risk' });
  expect(notice(1.5)?.text).toMatch(/β of at least 2/);
});
