/** Which tab writes a run: held by the Web Locks API, so that a tab that dies lets go by itself. */

const PREFIX = 'entroscope-run-';

/** The part of `navigator.locks` that is used. */
export type Locks = Pick<LockManager, 'request' | 'query'>;

/** Holds locks of this tab; without the API every run counts as free. */
export class RunLocks {
  private readonly held = new Map<string, () => void>();

  constructor(
    private readonly locks: Locks | undefined = typeof navigator === 'undefined'
      ? undefined
      : navigator.locks,
  ) {}

  /** True when this tab has the run now. */
  async take(id: string): Promise<boolean> {
    if (!this.locks || this.held.has(id)) return true;
    const { locks } = this;
    return new Promise((resolve, reject) => {
      locks
        .request(PREFIX + id, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          if (!lock) return undefined;
          return new Promise<void>((release) => this.held.set(id, release));
        })
        .catch(reject);
    });
  }

  release(id: string): void {
    this.held.get(id)?.();
    this.held.delete(id);
  }

  /** Runs that this tab has beside the one. */
  others(id: string): string[] {
    return [...this.held.keys()].filter((held) => held !== id);
  }

  /** Runs that some other tab has. */
  async elsewhere(): Promise<ReadonlySet<string>> {
    const { held = [] } = (await this.locks?.query()) ?? {};
    const names = held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name] : []));
    return new Set(
      names.map((name) => name.slice(PREFIX.length)).filter((id) => !this.held.has(id)),
    );
  }
}
