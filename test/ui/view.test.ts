import { describe, expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/index.ts';
import {
  canBeLog,
  DEFAULT_VIEW,
  parseView,
  place,
  placeOf,
  takeView,
  viewEntries,
  viewQuery,
} from '../../src/ui/view.ts';

describe('view', () => {
  test('a link carries only what differs from the default, and gives it back', () => {
    expect(viewQuery(DEFAULT_VIEW)).toBe('');
    const view = {
      ...DEFAULT_VIEW,
      ...place(DEFAULT_VIEW, 'p_eos', 'large'),
      by: 'tokens' as const,
      window: 5,
      log: ['entropy'],
      phases: [],
    };
    const query = viewQuery(view);
    expect(query).toContain('&view.by=tokens&view.window=5');
    const { rest, fields } = takeView(`?seeds=0${query}&projector`);
    expect(rest).toBe('?seeds=0');
    expect(fields.get('projector')).toBe('');
    expect(parseView(fields)).toEqual(view);
  });

  test('what a view cannot be is passed over', () => {
    const fields = new Map([
      ['by', 'moon'],
      ['window', '4'],
      ['large', 'entropy,nothing,entropy'],
      ['small', 'entropy,reward'],
      ['log', 'accuracy'],
    ]);
    const view = parseView(fields);
    expect(view).toEqual({ ...DEFAULT_VIEW, large: ['entropy'], small: ['reward'] });
    expect(viewEntries(view).map(([key]) => key)).toEqual(['large', 'small']);
  });

  test('metrics keep the order of their declaration wherever they stand', () => {
    const moved = { ...DEFAULT_VIEW, ...place(DEFAULT_VIEW, 'eval_accuracy', 'off') };
    expect(placeOf(moved, 'eval_accuracy')).toBe('off');
    const back = { ...moved, ...place(moved, 'eval_accuracy', 'large') };
    expect(back.large).toEqual(DEFAULT_VIEW.large);
  });

  test('shares and rewards have no logarithmic axis', () => {
    const ids = METRICS.filter(canBeLog).map((metric) => metric.id);
    expect(ids).toContain('entropy');
    expect(ids).not.toContain('accuracy');
    expect(ids).not.toContain('reward');
  });
});
