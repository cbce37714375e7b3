/**
 * Whoever writes shared buffers takes turns, first come, first served: what is submitted in several pieces with pauses
 * between them is not mixed with what others submit meanwhile.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** What `work` gives, which begins when everything that was asked before has ended. It must not wait for another turn. */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => {});
    return turn;
  }
}
