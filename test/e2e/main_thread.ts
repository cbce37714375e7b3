/** What the page's main thread spent, from a trace of Chromium: processor time, so that a busy machine does not decide. */
import type { Browser, Page } from 'playwright-core';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** µs */
  ts: number;
  dur?: number;
  /** µs of processor time */
  tdur?: number;
  args?: { data?: { type?: string } };
}

export interface MainThread {
  /** ms of processor time between one drawn frame and the next, for each frame: what an update of the page costs. */
  frames: number[];
  /**
   * ms of processor time for each input of these types (pointerdown, keydown …): from its first handler to the end of
   * the frame that shows the answer, and the longest other task of all, which it may have had to wait for.
   */
  inputs: number[];
}

const CATEGORIES = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'devtools.timeline.frame',
  'blink.user_timing',
];

/** Traces while `act` goes on. */
export async function traceMainThread(
  browser: Browser,
  page: Page,
  act: () => Promise<void>,
): Promise<MainThread> {
  await browser.startTracing(page, { categories: CATEGORIES });
  await page.evaluate(() => performance.mark('trace-begins'));
  await act();
  await page.evaluate(() => performance.mark('trace-ends'));
  const text = (await browser.stopTracing()).toString();
  return read(JSON.parse(text).traceEvents);
}

const INPUTS = new Set(['keydown', 'pointerdown']);

function read(events: TraceEvent[]): MainThread {
  const begin = events.find((event) => event.name === 'trace-begins');
  const end = events.find((event) => event.name === 'trace-ends');
  if (!begin || !end) throw new Error('trace: the page’s marks are not in it');
  const own = events
    .filter(({ pid, tid }) => pid === begin.pid && tid === begin.tid)
    .filter(({ ts, ph }) => ph === 'X' && ts >= begin.ts && ts <= end.ts)
    .sort((a, b) => a.ts - b.ts);
  const tasks = own.filter(({ name }) => name === 'RunTask');
  const commits = own.filter(({ name }) => name === 'Commit').map(({ ts }) => ts);
  if (tasks.length === 0 || commits.length === 0) throw new Error('trace: no task or no frame');
  const endOf = (event: TraceEvent) => event.ts + (event.dur ?? 0);
  const cost = (some: TraceEvent[]) => some.reduce((sum, { tdur = 0 }) => sum + tdur / 1000, 0);

  const frames: number[] = [];
  let from = 0;
  for (const commit of commits) {
    const to = tasks.findIndex((task, i) => i >= from && endOf(task) >= commit) + 1;
    if (to === 0) break;
    // Two commits within one task are one frame.
    if (to > from) frames.push(cost(tasks.slice(from, to)));
    from = Math.max(from, to);
  }

  const answers = own
    .filter(({ name, args }) => name === 'EventDispatch' && INPUTS.has(args?.data?.type ?? ''))
    .map((input) => {
      const commit = commits.find((ts) => ts >= endOf(input)) ?? Number.POSITIVE_INFINITY;
      return tasks.filter((task) => endOf(task) >= input.ts && task.ts <= commit);
    });
  const answering = new Set(answers.flat());
  const others = tasks.filter((task) => !answering.has(task));
  const wait = Math.max(0, ...others.map((task) => cost([task])));
  const inputs = answers.map((some) => cost(some) + wait);
  return { frames, inputs };
}

/** The value that this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

/** The least of three tries: what else a busy machine does can only make processor time longer. */
export async function leastOf(limit: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && !(least < limit); i++) least = Math.min(least, await measure());
  return least;
}
