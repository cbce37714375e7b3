/** Labels at the ends of lines, moved apart so that none covers another. Pure. */

/**
 * @param wanted where each label would stand
 * @param gap    least distance between two
 * @returns      where each stands, in the order of `wanted`, inside [top, bottom] as long as there is room
 */
export function spreadLabels(
  wanted: readonly number[],
  gap: number,
  top: number,
  bottom: number,
): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = order.map((i) => wanted[i]);
  for (let i = 0; i < placed.length; i++) {
    placed[i] = Math.max(placed[i], i === 0 ? top : placed[i - 1] + gap);
  }
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(placed[i], i === placed.length - 1 ? bottom : placed[i + 1] - gap);
  }
  const result = new Array<number>(wanted.length);
  order.forEach((index, i) => {
    result[index] = placed[i];
  });
  return result;
}
