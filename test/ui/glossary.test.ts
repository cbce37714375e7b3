import katex from 'katex';
import { describe, expect, test } from 'vitest';
import { METHODS } from '../../src/methods/index.ts';
import { METRICS } from '../../src/metrics/index.ts';
import { findEntry, mentions, SECTIONS, search } from '../../src/ui/glossary/entries.ts';

const all = SECTIONS.flatMap((section) => section.entries);

describe('glossary', () => {
  test('every metric and method has an entry, in its own words', () => {
    for (const metric of METRICS) {
      expect(findEntry(`metric.${metric.id}`)?.text).toBe(metric.help);
    }
    for (const method of METHODS.values()) {
      expect(findEntry(`method.${method.id}`)).toMatchObject({
        text: method.summary,
        formula: method.formula,
      });
    }
  });

  test('ids are unique', () => {
    expect(new Set(all.map((entry) => entry.id)).size).toBe(all.length);
  });

  test.each(all.map((entry) => [entry.id, entry] as const))(
    '%s is short and renders',
    (_, entry) => {
      const sentences = (text: string) => text.split(/[.:;] /).length;
      expect(entry.text.length).toBeGreaterThan(10);
      expect(sentences(entry.expect ?? '')).toBeLessThanOrEqual(3);
      if (entry.formula) katex.renderToString(entry.formula, { output: 'mathml', strict: 'error' });
    },
  );

  test('finds by term, by other words, and by text', () => {
    const found = (query: string) => search(query).flatMap(({ entries }) => entries);
    expect(found('rollout')[0].id).toBe('rollout');
    expect(found('P(EOS)')[0].id).toBe('eos');
    expect(found('pass@8').map((entry) => entry.id)).toContain('metric.eval_pass_at_8');
    expect(found('no such thing')).toEqual([]);
    expect(found('').length).toBe(all.length);
  });

  test('a text is cut at the first mention of each term, and nothing is lost', () => {
    const text = 'IB pays tokens; each token of a naive entropy bonus, and IB. Pass@8 too.';
    const parts = mentions(text);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.flatMap((part) => part.entry ?? [])).toEqual([
      'ib',
      'token',
      'naive_entropy',
      'metric.eval_pass_at_8',
    ]);
  });
});
