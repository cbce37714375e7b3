// The choice between families of kernels on the page: kept in the browser, forced by the address, told in words, and part of
// what a kept run remembers.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TileChoice } from '../../src/core/tile_choice.ts';
import { recallTiles, rememberTiles, takeTiles } from '../../src/ui/tile_memory.ts';
import { reasonOf } from '../../src/ui/trust/TileChoice.tsx';

const DAY = 86_400_000;
const choice = (key: string, rest: Partial<TileChoice> = {}): TileChoice => ({
  ...{ key, tile: 'quad', usual: 'alone', how: 'measured' },
  ...{ times: { alone: 3.9, quad: 1.8 }, measured: 1000 },
  ...rest,
});

describe('memory', () => {
  const kept = new Map<string, string>();
  beforeEach(() => {
    kept.clear();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  test('the newest of each adapter, a few of them, and only what was measured', () => {
    for (let i = 0; i < 9; i++) rememberTiles(choice(`adapter ${i}`));
    rememberTiles(choice('adapter 5', { measured: 2000 }));
    rememberTiles(choice('adapter 9', { how: 'forced' }));
    const keys = recallTiles().map(({ key }) => key);
    expect(keys).toEqual([5, 8, 7, 6, 4, 3].map((i) => `adapter ${i}`));
    expect(recallTiles()[0]).toEqual(choice('adapter 5', { measured: 2000 }));
  });

  test('what is spoiled is passed over', () => {
    kept.set('entroscope.tiles', 'spoiled');
    expect(recallTiles()).toEqual([]);
    const wrong = { ...choice('b'), tile: 'pairs' };
    kept.set('entroscope.tiles', JSON.stringify([choice('a'), wrong, 7, null]));
    expect(recallTiles()).toEqual([choice('a')]);
  });

  test('without storage nothing is kept and nothing breaks', () => {
    vi.stubGlobal('localStorage', undefined);
    rememberTiles(choice('a'));
    expect(recallTiles()).toEqual([]);
  });
});

test('an address forces a family, and a wrong one is told', () => {
  const errors: string[] = [];
  expect(takeTiles('preset=x&tiles=alone&seeds=1', errors)).toEqual({
    ...{ tiles: 'alone', query: 'preset=x&seeds=1' },
  });
  expect(takeTiles('preset=x', errors)).toEqual({ query: 'preset=x' });
  expect(errors).toEqual([]);
  expect(takeTiles('tiles=pairs', errors)).toEqual({ query: '' });
  expect(errors).toEqual(['tiles: must be alone, quad or staged, got "pairs"']);
});

test('says why', () => {
  const now = 1000 + 2.2 * DAY;
  expect(reasonOf(choice('a'), now)).toBe(
    'Chosen: 1.8 ms against 3.9 ms for the same work; measured 2 days ago.',
  );
  const close = choice('a', { tile: 'alone', times: { alone: 2, quad: 1.9 } });
  expect(reasonOf(close, 1000 + 90 * 60_000)).toBe(
    'Chosen: 2.0 ms against 1.9 ms for the same work; less than 10 % apart, so the usual one; measured 1 hour ago.',
  );
  const clear = choice('a', { tile: 'quad', usual: 'quad' });
  expect(reasonOf(clear, 1500)).not.toContain('apart');
  expect(reasonOf(clear, 1500)).toContain('measured just now');
  const alone = {
    tile: 'alone',
    times: { alone: 2 },
    note: 'here quad gave other results',
  } as const;
  expect(reasonOf(choice('a', alone), now)).toBe(
    'No other here does the same work; here quad gave other results; measured 2 days ago.',
  );
  expect(reasonOf(choice('a', { how: 'forced' }))).toBe('Forced by the address.');
  expect(reasonOf(choice('a', { how: 'only' }))).toBe('This adapter can do no other.');
  expect(reasonOf(choice('a', { how: 'usual', note: 'too slow' }))).toContain('too slow');
});
