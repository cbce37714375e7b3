/**
 * Firefox looks only every 100 ms whether GPU work is done, or when the same device gets a submission (Mozilla bug
 * 1870699, open in October 2026; jax-js PR 124 and Donner PR 1161 do the same as here). So whoever waits there submits
 * nothing, over and over, until the news is there. It goes by how late news is, not by the browser's name: where it comes
 * at once nothing is submitted, and with that bug this file can go.
 */

/** From this delay on news is late; Firefox's is 100 ms. */
const LATE_MS = 50;
const EVERY_MS = 4;

const delays = new WeakMap<object, number>();

/** How long after the end of its work this queue tells of it: measured while it had nothing to do. */
export function noteDelay(queue: object, ms: number): void {
  delays.set(queue, ms);
}

/** The news itself, which says that submitted work is done: without delay, where that is known to be long. */
export async function nudged<T>(queue: Pick<GPUQueue, 'submit'>, news: Promise<T>): Promise<T> {
  if (!((delays.get(queue) ?? 0) >= LATE_MS)) return news;
  const nudge = (): void => {
    queue.submit([]);
    timer = setTimeout(nudge, EVERY_MS);
  };
  let timer = setTimeout(nudge, EVERY_MS);
  try {
    return await news;
  } finally {
    clearTimeout(timer);
  }
}
