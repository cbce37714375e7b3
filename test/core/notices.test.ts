// What is said of settings before a run.
import { expect, test } from 'vitest';
import { noticeLine, noticesOf } from '../../src/core/notices.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METHODS } from '../../src/methods/index.ts';
import { CATALOG } from './catalog.ts';

const notices = (file: object) => noticesOf(parseExperiment(file, CATALOG).experiment, CATALOG);
const at = (file: object) => notices(file).map(({ arm, at, kind }) => [arm, at, kind]);
const reused = { 'trainer.minibatches': 4 };
const bonus = (alpha: number, settings = {}) => ({
  settings,
  arms: [{ id: 'a', methods: ['entropy_bonus'], settings: { 'entropy_bonus.alpha': alpha } }],
});

test('one update per batch leaves clip rules without effect, several do not', () => {
  expect(at({})).toEqual([[undefined, 'ppo_clip', 'no effect']]);
  expect(at({ settings: reused })).toEqual([]);
  expect(at({ settings: { 'trainer.epochs': 2 } })).toEqual([]);
  for (const objective of ['gspo', 'gmpo', 'cispo', 'kl_cov']) {
    expect(at({ methods: ['grpo', objective] })).toEqual([[undefined, objective, 'no effect']]);
  }
});

test('the plain policy gradient is at risk the other way round', () => {
  const file = { methods: ['reinforce', 'policy_gradient'] };
  expect(at(file)).toEqual([]);
  expect(at({ ...file, settings: reused })).toEqual([[undefined, 'policy_gradient', 'risk']]);
});

test('a minibatch that no prompt is left for does not count as an update', () => {
  const settings = { ...reused, 'trainer.prompts': 1 };
  expect(at({ settings })).toEqual([
    [undefined, 'trainer.minibatches', 'no effect'],
    [undefined, 'ppo_clip', 'no effect'],
  ]);
});

test('a strength that broke runs is a risk at its arm; how large that is depends on reuse', () => {
  const risky = (alpha: number, settings = reused as object) =>
    at(bonus(alpha, settings)).filter(([arm]) => arm === 'a');
  expect(risky(0.2)).toEqual([['a', 'entropy_bonus.alpha', 'risk']]);
  expect(risky(0.05)).toEqual([]);
  expect(risky(0.07)).toEqual([['a', 'entropy_bonus.alpha', 'risk']]);
  expect(risky(0.07, {})).toEqual([]);
  expect(risky(0)).toEqual([['a', 'entropy_bonus', 'no effect']]);
});

test('what broke on one task is no risk on another, where it is what helps', () => {
  const strengths = (task: string) =>
    at({ ...bonus(0.1), task }).filter(([, key]) => key === 'entropy_bonus.alpha');
  expect(strengths('chain_sum')).toEqual([['a', 'entropy_bonus.alpha', 'risk']]);
  expect(strengths('guess_or_think')).toEqual([]);
});

test('nothing is said of a strength that is not used, because strengths are matched', () => {
  const matched = { ...reused, 'trainer.match_strength': true };
  for (const alpha of [0, 0.2]) expect(at(bonus(alpha, matched))).toEqual([]);
});

test('neutral settings change nothing, for every method that has some', () => {
  for (const { id, neutral } of METHODS.values()) {
    if (!neutral) continue;
    const settings = Object.fromEntries(
      Object.entries(neutral).map(([name, x]) => [`${id}.${name}`, x]),
    );
    expect(at({ arms: [{ id: 'a', methods: [id], settings }] })).toContainEqual([
      ...['a', id, 'no effect'],
    ]);
    expect(at({ arms: [{ id: 'a', methods: [id] }] })).not.toContainEqual(['a', id, 'no effect']);
  }
});

test('a setting that another one switches off says which', () => {
  const arm = { id: 'a', methods: ['steer'], settings: { 'steer.most': 1.5 } };
  const [linear] = notices({ settings: reused, arms: [arm] });
  expect(linear).toMatchObject({ arm: 'a', at: 'steer.most', kind: 'no effect' });
  expect(linear.text).toBe(
    'It acts only where “map” is otherwise; now that is “exponential, the main runs”.',
  );
  const linearMap = { ...arm.settings, 'steer.map': 'linear' };
  expect(at({ settings: reused, arms: [{ ...arm, settings: linearMap }] })).toEqual([]);
  // At its default nobody expects anything of it.
  expect(at({ settings: reused, arms: [{ id: 'a', methods: ['steer'] }] })).toEqual([]);
});

test('k1 in the loss, one response per prompt, bounds of another world', () => {
  const k1 = { 'kl_penalty.estimator': 'k1' };
  expect(at({ arms: [{ id: 'a', methods: ['kl_penalty'], settings: k1 }] })).toContainEqual([
    ...['a', 'kl_penalty.estimator', 'no effect'],
  ]);
  expect(at({ settings: { 'trainer.group_size': 1 } })).toContainEqual([
    ...[undefined, 'grpo', 'no effect'],
  ]);
  const gspo = { methods: ['grpo', 'gspo'], settings: { ...reused, 'gspo.eps_low': 0.0003 } };
  expect(at(gspo)).toEqual([[undefined, 'gspo.eps_low', 'risk']]);
});

test('the value clip with one update per batch, and a head that learns nothing', () => {
  const file = (settings: object, own: object = {}) => ({
    settings,
    arms: [{ id: 'a', methods: ['gae'], settings: own }],
  });
  expect(at(file({}))).toContainEqual(['a', 'gae.clip', 'no effect']);
  expect(at(file(reused))).toEqual([]);
  expect(at(file(reused, { 'gae.coefficient': 0 }))).toEqual([
    ['a', 'gae.coefficient', 'no effect'],
  ]);
});

test('arms that do not run and methods that every arm replaces say nothing', () => {
  const off = bonus(0.2);
  expect(at({ arms: [{ id: 'b' }, { ...off.arms[0], enabled: false }] })).toHaveLength(1);
  expect(at({ arms: [{ id: 'b', algorithm: 'reinforce' }] })).toEqual([]);
});

test('methods that cannot run together say so at the arm’s own, with the other’s name and why', () => {
  const { experiment } = parseExperiment({ settings: reused, arms: [{ id: 'a' }] }, CATALOG);
  const told = (methods: string[], shared = experiment.methods) => {
    const arms = [{ ...experiment.arms[0], methods }];
    const all = noticesOf({ ...experiment, methods: shared, arms }, CATALOG);
    return all.filter(({ kind }) => kind === 'conflict').map(({ at, text }) => [at, text]);
  };
  expect(told(['steer'])).toEqual([]);
  const [[at, text]] = told(['steer'], ['grpo', 'gspo']);
  expect(at).toBe('steer');
  expect(text).toMatch(/^It does not go together with “GSPO”\. The objective has one ratio/);
  expect(told(['cispo', 'gspo']).map(([id]) => id)).toEqual(['gspo']);
  expect(told(['majority_vote', 'dynamic_sampling'])).toEqual([
    ['dynamic_sampling', expect.stringMatching(/“majority vote \(TTRL\)”\. It looks at the right/)],
  ]);
});

test('a line for the terminal', () => {
  const [line] = notices(bonus(0.2, reused)).map(noticeLine);
  expect(line).toMatch(
    /^arm\.a\.entropy_bonus\.alpha: risk\. In the chain sum, on its shipped base/,
  );
});
