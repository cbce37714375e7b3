/** Names beside the ends of paths: never one over another, inside the plot, off the paths where there is room. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameWidth, type PlacedName, placeNames } from '../../src/ui/charts/phase_names.ts';

const FONT = 12;
const ROOM = { left: 44, top: 22, right: 258, bottom: 261 };

function rectOf({ name, x, y, anchor }: PlacedName) {
  const width = nameWidth(name, FONT);
  const left = anchor === 'start' ? x : x - width;
  return { left, right: left + width, top: y - FONT / 2, bottom: y + FONT / 2 };
}

function expectApart(placed: readonly PlacedName[]): void {
  const rects = placed.map(rectOf);
  rects.forEach((a, i) => {
    expect(a.left).toBeGreaterThanOrEqual(ROOM.left - 1e-6);
    expect(a.right).toBeLessThanOrEqual(ROOM.right + 1e-6);
    expect(a.top).toBeGreaterThanOrEqual(ROOM.top - 1e-6);
    expect(a.bottom).toBeLessThanOrEqual(ROOM.bottom + 1e-6);
    for (const b of rects.slice(i + 1)) {
      const doOverlap =
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      expect(doOverlap).toBe(false);
    }
  });
}

const end = fc.record({
  name: fc.string({ minLength: 1, maxLength: 60 }),
  x: fc.double({ min: 40, max: 260, noNaN: true }),
  y: fc.double({ min: 22, max: 262, noNaN: true }),
});

test('no two overlap and all are inside, wherever paths end and however long names are', () => {
  fc.assert(
    fc.property(fc.array(end, { minLength: 1, maxLength: 12 }), (ends) => {
      const taken = ends.map(({ x, y }): [number, number] => [x, y]);
      expectApart(placeNames(ends, taken, ROOM, FONT));
    }),
  );
});

test('ends on one spot: one block in their order, off the spot', () => {
  const ends = ['no regularizer', 'naive entropy', 'IB'].map((name) => ({ name, x: 150, y: 250 }));
  const placed = placeNames(ends, [[150, 250]], ROOM, FONT);
  expectApart(placed);
  expect(placed.map(({ y }) => y)).toEqual(placed.map(({ y }) => y).toSorted((a, b) => a - b));
  expect(new Set(placed.map(({ x, anchor }) => `${x} ${anchor}`)).size).toBe(1);
  expect(Math.max(...placed.map(rectOf).map(({ bottom }) => bottom))).toBeLessThan(250);
});

test('a name keeps off a path that runs where it would stand', () => {
  const ends = [{ name: 'naive entropy', x: 100, y: 140 }];
  const free = rectOf(placeNames(ends, [], ROOM, FONT)[0]);
  const through = Array.from({ length: 60 }, (_, i): [number, number] => [
    100 + 2.5 * i,
    (free.top + free.bottom) / 2,
  ]);
  const moved = rectOf(placeNames(ends, through, ROOM, FONT)[0]);
  const isCrossed = ({ left, right, top, bottom }: typeof moved) =>
    through.some(([x, y]) => x > left && x < right && y > top && y < bottom);
  expect(isCrossed(free)).toBe(true);
  expect(isCrossed(moved)).toBe(false);
});
