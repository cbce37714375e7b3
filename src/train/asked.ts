/** What is asked of runs while a turn of theirs is under way, kept until it is over. */
export class Asked {
  private waiting: (() => void)[] = [];

  /** What `work` gives, once it is served. */
  later<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => void work().then(resolve, reject));
    });
  }

  /** Begins all that was asked for by now. */
  serve(): void {
    for (const begin of this.waiting.splice(0)) begin();
  }
}
