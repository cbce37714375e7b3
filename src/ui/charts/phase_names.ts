/**
 * Where the names of paths stand: beside their ends, off the paths and off one another. Ends that lie together, as all do in
 * the first steps, have their names in one block, with a line from each to its end. Pure.
 */

export interface PathEnd {
  name: string;
  x: number;
  y: number;
}

export interface PlacedName {
  name: string;
  /** Middle of the name's height, at the end of it that `anchor` says. */
  x: number;
  y: number;
  anchor: 'start' | 'end';
}

/** Pixels. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Of a character in units of the font's size, a little more than Latin letters take. */
const CHARACTER = 0.56;
const LINE = 1.15;
/** Ends nearer than this many font sizes share a block. */
const TOGETHER = 2.5;
/** Tried in this order: beside and above first, where paths that learn have not been. */
const DIRECTIONS = [
  [1, -1],
  [-1, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
] as const;
const DISTANCES = [0.7, 1.5, 2.5, 4, 6, 9];

/** Room that a name takes; at most what lies between the edges. */
export const nameWidth = (name: string, font: number): number => name.length * CHARACTER * font;

/**
 * @param ends  where paths end
 * @param taken points along all paths, dense enough that none slips between two
 * @param room  where names may stand
 * @returns     in the order of `ends`; no two overlap as long as the room is as high as all names together
 */
export function placeNames(
  ends: readonly PathEnd[],
  taken: readonly (readonly [number, number])[],
  room: Rect,
  font: number,
): PlacedName[] {
  const most = Math.floor((room.right - room.left) / (CHARACTER * font));
  const named = ends.map((end, index) => ({ ...end, index, name: shortened(end.name, most) }));
  const placed = new Array<PlacedName>(ends.length);
  const stood: Rect[] = [];
  // The largest first: they are the hardest to place.
  const blocks = together(named, TOGETHER * font).sort((a, b) => b.length - a.length);
  for (const block of blocks) {
    const found = best(block, taken, stood, room, font);
    if (!found) return asKey(named, room, font);
    stood.push(found.rect);
    write(block, found.rect, found.anchor, font, placed);
  }
  return placed;
}

interface Named extends PathEnd {
  index: number;
}

/** Ends in sets; each is near to another of its set. */
function together(ends: readonly Named[], near: number): Named[][] {
  let sets: Named[][] = [];
  for (const end of ends) {
    const isNear = (set: Named[]) => set.some((o) => Math.hypot(o.x - end.x, o.y - end.y) < near);
    sets = [...sets.filter((set) => !isNear(set)), [end, ...sets.filter(isNear).flat()]];
  }
  return sets;
}

/** The place around a block's ends with the fewest points of paths, near ones before far ones; none where all is taken. */
function best(
  block: readonly Named[],
  taken: readonly (readonly [number, number])[],
  stood: readonly Rect[],
  room: Rect,
  font: number,
): { rect: Rect; anchor: 'start' | 'end' } | undefined {
  const width = Math.max(...block.map(({ name }) => nameWidth(name, font)));
  const height = block.length * LINE * font;
  const [xs, ys] = [block.map(({ x }) => x), block.map(({ y }) => y)];
  const around = { left: Math.min(...xs), right: Math.max(...xs) };
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  let least = Number.POSITIVE_INFINITY;
  let found: { rect: Rect; anchor: 'start' | 'end' } | undefined;
  for (const distance of DISTANCES) {
    for (const [dx, dy] of DIRECTIONS) {
      const gap = distance * font;
      const beside = dx > 0 ? around.right + gap : around.left - gap - width;
      // Above or below, a block may be pushed in from the edge.
      const inside = Math.min(room.right - width, Math.max(room.left, beside));
      const left = dy === 0 ? beside : inside;
      const middle = (low + high - height) / 2;
      const top = dy === 0 ? middle : dy < 0 ? low - height - gap / 2 : high + gap / 2;
      const rect = { left, top, right: left + width, bottom: top + height };
      if (!isWithin(rect, room) || stood.some((other) => doOverlap(rect, other))) continue;
      const crossed = taken.filter(([x, y]) => isIn(x, y, rect, 3)).length;
      // As many points as a short crossing has are worth a step further away.
      const cost = crossed + 2 * distance;
      if (cost >= least) continue;
      least = cost;
      const isLeft = around.left + around.right < rect.left + rect.right;
      found = { rect, anchor: isLeft ? 'start' : 'end' };
    }
  }
  return found;
}

/** One below another in the order of their ends. */
function write(
  block: readonly Named[],
  rect: Rect,
  anchor: 'start' | 'end',
  font: number,
  placed: PlacedName[],
): void {
  const x = anchor === 'start' ? rect.left : rect.right;
  const inOrder = [...block].sort((a, b) => a.y - b.y || a.index - b.index);
  inOrder.forEach(({ name, index }, i) => {
    placed[index] = { name, x, y: rect.top + (i + 0.5) * LINE * font, anchor };
  });
}

/** All names in the upper right corner, where nothing else is left. */
function asKey(ends: readonly Named[], room: Rect, font: number): PlacedName[] {
  const placed = new Array<PlacedName>(ends.length);
  write(ends, room, 'end', font, placed);
  return placed;
}

const shortened = (name: string, most: number): string =>
  name.length <= most ? name : `${name.slice(0, Math.max(1, most - 1))}…`;

const isWithin = (a: Rect, b: Rect) =>
  a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
const doOverlap = (a: Rect, b: Rect) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const isIn = (x: number, y: number, rect: Rect, by: number) =>
  x > rect.left - by && x < rect.right + by && y > rect.top - by && y < rect.bottom + by;
