/** Formulas with numbers, the search, and what two arms have in common. */
import katex from 'katex';
import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../src/core/param.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { CATALOG } from '../../src/ui/declared.ts';
import { differenceOf, piecesOf, sideOf } from '../../src/ui/methods/difference.ts';
import { liveFormula, mainOf } from '../../src/ui/methods/live_formula.ts';
import { PIPELINE, searchMethods } from '../../src/ui/methods/pipeline.ts';

const find = (id: string) => METHODS.get(id) as Method;

describe('live formula', () => {
  test('numbers stand for their symbols', () => {
    const live = (id: string, values: Record<string, number>) => liveFormula(find(id), values);
    expect(live('ib_entropy', { 'ib_entropy.alpha': 0.25 })).toMatch(/^-\\mathbf\{0\.25\}\\, A_t/);
    const clip = live('ppo_clip', { 'ppo_clip.eps_low': 0.2, 'ppo_clip.eps_high': 0.28 });
    expect(clip).toContain('\\mathbf{0.2}');
    expect(clip).toContain('\\mathbf{0.28}');
    expect(live('kl_penalty', { 'kl_penalty.beta': 2e-4 })).toContain('2\\times 10^{-4}');
    // The index of a coefficient that changes, and letters in words, are no settings.
    const adaptive = live('adaptive_entropy', { 'adaptive_entropy.delta': 0.01 });
    expect(adaptive).toContain('\\alpha_k \\pm \\mathbf{0.01}');
  });

  test.each([...METHODS.values()].map((m) => [m.id, m] as const))('%s renders', (id, method) => {
    const live = liveFormula(method, defaultsOf(id, method.params));
    for (const tex of [live, mainOf(live), mainOf(method.formula)]) {
      expect(tex).not.toBe('');
      const html = katex.renderToString(tex, { throwOnError: true, strict: 'error' });
      expect(html).toContain('katex');
    }
  });
});

describe('search', () => {
  test('without words everything is there, in the order of a step', () => {
    const groups = searchMethods('');
    const order = PIPELINE.map(({ stage }) => stage);
    expect(groups.map(({ stage }) => stage)).toEqual(
      order.filter((stage) => groups.some((group) => group.stage === stage)),
    );
    expect(groups.flatMap(({ methods }) => methods)).toHaveLength(METHODS.size);
  });

  test('names first, then texts, authors and papers; nothing for nonsense', () => {
    const ids = (query: string) =>
      searchMethods(query).flatMap(({ methods }) => methods.map(({ id }) => id));
    expect(ids('cui entropy mechanism')).toEqual(expect.arrayContaining(['clip_cov', 'kl_cov']));
    expect(ids('2507.18391')).toContain('ib_entropy');
    const [first] = searchMethods('entropy bonus').filter((g) => g.stage === 'regularizer');
    expect(first?.methods[0]?.label).toContain('entropy bonus');
    expect(ids('qqqq')).toEqual([]);
  });
});

describe('difference of two arms', () => {
  const { experiment } = parseExperiment(
    {
      methods: ['grpo', 'ppo_clip'],
      arms: [
        { id: 'low', methods: ['entropy_bonus'], settings: { 'entropy_bonus.alpha': 0.1 } },
        { id: 'high', methods: ['entropy_bonus'], settings: { 'entropy_bonus.alpha': 0.4 } },
        { id: 'other', methods: ['ib_entropy', 'cispo'] },
        { id: 'twin', methods: ['entropy_bonus'], settings: { 'entropy_bonus.alpha': 0.1 } },
      ],
    },
    CATALOG,
  );
  const side = (id: string, matched = {}) =>
    sideOf(experiment, experiment.arms.find((arm) => arm.id === id)!, matched);
  const told = (a: ReturnType<typeof side>, b: ReturnType<typeof side>) =>
    differenceOf(a, b).flatMap(({ entries }) =>
      entries.map(({ where, method }) => `${where} ${method.id}`),
    );

  test('the same method with another number', () => {
    const [a, b] = [side('low'), side('high')];
    expect(told(a, b)).toEqual(['both grpo', 'both ppo_clip', 'both entropy_bonus']);
    const entries = differenceOf(a, b).flatMap((stage) => stage.entries);
    expect(entries.map((entry) => entry.where === 'both' && entry.settings)).toEqual([
      [],
      [],
      [{ label: 'α', a: '0.1', b: '0.4' }],
    ]);
    expect(piecesOf(a, b).map(({ where }) => where)).toEqual(['both', 'other settings']);
  });

  test('other methods, with the numbers of their arm', () => {
    const [a, b] = [side('low'), side('other', { 'ib_entropy.alpha': 0.597 })];
    expect(told(a, b)).toEqual([
      ...['both grpo', 'a ppo_clip', 'b cispo', 'a entropy_bonus', 'b ib_entropy'],
    ]);
    const pieces = piecesOf(a, b);
    expect(pieces.map(({ where }) => where)).toEqual(['a', 'b', 'a', 'b']);
    expect(pieces[2]?.tex).toContain('\\mathbf{0.1}');
    expect(pieces[3]?.tex).toContain('\\mathbf{0.597}');
  });

  test('nothing differs between twins', () => {
    const [a, b] = [side('low'), side('twin')];
    expect(piecesOf(a, b).every(({ where }) => where === 'both')).toBe(true);
  });
});
