/**
 * Whoever writes shared buffers takes turns, first come, first served: what is submitted in several pieces with pauses
 * between them is not mixed with what others submit meanwhile.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  /**
   * What `work` gives, which begins when everything that was asked before has ended. It must not wait for another turn.
   * @throws {Error} the turns have been closed before it began
   */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.last.then(() => {
      if (this.isClosed) {
        throw new Error('engine: must be open, got one that has been closed; ask the open one');
      }
      return work();
    });
    this.last = turn.catch(() => {});
    return turn;
  }

  /** No turn begins from now on. Fulfilled when the one under way has ended: then its buffers may go. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.last;
  }
}
