/**
 * Writes one thing after the other, behind training and never in its way. When the disk is full it makes room, and when
 * there is none left it says so once and tries again later; what was not written stays with whoever wanted it.
 */
import { messageOf } from '../declared.ts';
import { notify, type Store } from '../store.ts';
import { OutdatedPage } from './database.ts';
import type { Shelf } from './shelf.ts';

/** After a write that failed, the next tries wait this long. */
export const RETRY_MS = 5000;
/** The browser counts freed space a little later than it is freed. */
const SETTLE_MS = 250;

/** Frees a part of the disk; undefined when nothing is left to free, else what to tell of it. */
export type MakeRoom = (shelf: Shelf) => Promise<{ freed: string } | undefined>;

export class Writer {
  private writing: Promise<unknown> = Promise.resolve();
  private failedAt: number | undefined;

  constructor(
    private readonly store: Store,
    private readonly shelf: Promise<Shelf>,
    private readonly makeRoom: MakeRoom,
  ) {
    shelf.catch((error) => this.fail(error));
  }

  /** Everything that was asked for so far is written, or could not be. */
  get settled(): Promise<unknown> {
    return this.writing;
  }

  /** In its turn. @returns whether it was written */
  write(action: (shelf: Shelf) => Promise<void>): Promise<boolean> {
    const written = this.writing.then(() => this.attempt(action));
    this.writing = written;
    return written;
  }

  private async attempt(action: (shelf: Shelf) => Promise<void>): Promise<boolean> {
    if (this.failedAt !== undefined && performance.now() - this.failedAt < RETRY_MS) return false;
    try {
      const shelf = await this.shelf;
      await this.withRoom(shelf, () => action(shelf));
    } catch (error) {
      this.fail(error);
      return false;
    }
    if (this.failedAt !== undefined) {
      this.failedAt = undefined;
      notify(this.store, 'info', 'This browser keeps the run again', 'Nothing of it is missing.');
    }
    return true;
  }

  /** Frees as little as lets the write through. */
  private async withRoom(shelf: Shelf, action: () => Promise<void>): Promise<void> {
    const freed: string[] = [];
    for (;;) {
      try {
        await action();
        break;
      } catch (error) {
        const room = isFull(error) ? await this.makeRoom(shelf) : undefined;
        if (!room) throw error;
        freed.push(room.freed);
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      }
    }
    if (freed.length === 0) return;
    const text = `To go on keeping this run, old states were deleted: ${freed.join('; ')}. All curves stay.`;
    notify(this.store, 'info', 'The storage of this browser was full', text);
  }

  private fail(error: unknown): void {
    const isKnown = this.failedAt !== undefined;
    this.failedAt = performance.now();
    if (isKnown) return;
    if (error instanceof OutdatedPage) {
      const text =
        'Reload the page to go on with it: what was kept is in place. Until then training goes on in memory, and nothing more of it is kept.';
      notify(this.store, 'info', 'A newer version of this page has the kept runs', text);
      return;
    }
    const title = isFull(error)
      ? 'The storage of this browser is full'
      : 'This browser cannot keep the run';
    const text = `Training goes on in memory; save what you need with File before you close the tab. (${messageOf(error)})`;
    notify(this.store, 'info', title, text);
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
