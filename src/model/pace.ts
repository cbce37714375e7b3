/**
 * How many tokens of a rollout go to the GPU at once. What has been submitted cannot be interrupted, and the page's own
 * drawing waits behind it: so a piece is short, and only few are under way. How long a token takes is measured while
 * pieces go by; nothing that is computed depends on it.
 */
import { noteDelay } from '../gpu/nudge.ts';

/** Of one piece. */
const WANTED_MS = 40;
/** Pieces that are submitted before the first of them is done: while one runs, the next one waits for it. */
export const UNDER_WAY = 2;
/** Of the first piece of all, which may be long: kernels run for the first time, and nothing is known. */
const FIRST_TOKENS = 1;

type Queue = Pick<GPUQueue, 'onSubmittedWorkDone'>;

export class Pace {
  /** Tokens that take as long as wanted while no sequence has ended, and of how many sequences that is known. */
  private start = { tokens: FIRST_TOKENS, sequences: Number.POSITIVE_INFINITY };
  /** Milliseconds from the end of a piece to the news of it: some browsers look only every 100 ms. */
  private delay: number | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Calls `submit` for one piece of a rollout after the other, and waits before each until few are under way.
   * @param submit submits tokens `from` to `to` − 1
   */
  async run(
    queue: Queue,
    { tokens, sequences }: { tokens: number; sequences: number },
    submit: (from: number, to: number) => void,
  ): Promise<void> {
    this.delay ??= await this.measureDelay(queue);
    // More sequences may take longer in proportion; fewer need not be faster.
    let wanted = this.start.tokens * Math.min(1, this.start.sequences / sequences);
    let end = 0;
    // When all that was submitted before has been done. A lost device is told by whoever reads the result.
    queue.onSubmittedWorkDone().then(
      () => (end = this.now()),
      () => {},
    );
    const done: Promise<void>[] = [];
    for (let from = 0; from < tokens; ) {
      if (done.length >= UNDER_WAY) await done[done.length - UNDER_WAY];
      const to = Math.min(tokens, from + Math.max(1, Math.floor(wanted)));
      submit(from, to);
      const [isFirst, count] = [from === 0, to - from];
      const news = queue.onSubmittedWorkDone().then(() => {
        const now = this.now();
        wanted = this.adapted(wanted, count, now - end);
        end = now;
        if (isFirst) this.start = { tokens: wanted, sequences };
      });
      done.push(news.catch(() => {}));
      from = to;
    }
  }

  /** After `count` tokens have taken `ms`: by no more than a factor at once, since a machine does other things, too. */
  private adapted(wanted: number, count: number, ms: number): number {
    const own = Math.max(ms - (this.delay ?? 0), 1e-3);
    return Math.max(1, wanted / 4, Math.min(2 * wanted, (count * WANTED_MS) / own));
  }

  /** The least of a few, kept from then on: a machine that stood still meanwhile would make every piece longer. */
  private async measureDelay(queue: Queue): Promise<number> {
    await queue.onSubmittedWorkDone();
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) {
      const from = this.now();
      await queue.onSubmittedWorkDone();
      least = Math.min(least, this.now() - from);
    }
    noteDelay(queue, least);
    return least;
  }
}
