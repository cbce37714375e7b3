import { expect, test } from 'vitest';
import { registry } from '../../src/core/registry.ts';

test('holds what was found, by id', () => {
  const [a, b] = [{ id: 'a' }, { id: 'b' }];
  expect([...registry('task', { './a.ts': a, './b.ts': b })]).toEqual([
    ['a', a],
    ['b', b],
  ]);
});

test('refuses an id twice, naming the file', () => {
  const found = { './a.ts': { id: 'a' }, './copy.ts': { id: 'a' } };
  expect(() => registry('task', found)).toThrow('./copy.ts: task id "a" is taken already');
});
