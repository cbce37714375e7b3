/**
 * Kept runs in IndexedDB. Curves are appended in blocks, never rewritten; a record, its new curves and its details are
 * written in one transaction, so a crash in the middle leaves the state before it.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { check, type Details, DetailsShape } from '../../core/kept_details.ts';
import { messageOf } from '../declared.ts';
import {
  blockFromStored,
  CheckpointShape,
  type CurveBlock,
  fromStored,
  type KeptRun,
  type StoredCheckpoint,
  toStored,
  type UserPart,
} from './record.ts';

/** What lies there is checked when it is read, so it is `unknown` until then. */
interface Schema extends DBSchema {
  runs: { key: string; value: unknown };
  curves: { key: number; value: { run: string; block: unknown }; indexes: { run: string } };
  details: { key: string; value: { run: string; details: unknown } };
  checkpoints: {
    key: [string, number];
    value: { run: string; step: number; checkpoint: unknown };
  };
}

const VERSION = 1;
/** Checkpoints of one run beside the newest: for forks. */
const EARLIER = 3;

export interface BrokenRun {
  id: string;
  message: string;
}

export class Shelf {
  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  /** @throws the browser's error where it allows no database */
  static async open(name = 'entroscope'): Promise<Shelf> {
    const db = await openDB<Schema>(name, VERSION, {
      upgrade(fresh) {
        fresh.createObjectStore('runs', { keyPath: 'id' });
        fresh.createObjectStore('curves', { autoIncrement: true }).createIndex('run', 'run');
        fresh.createObjectStore('details', { keyPath: 'run' });
        fresh.createObjectStore('checkpoints', { keyPath: ['run', 'step'] });
      },
      // A newer page in another tab may bring the database up to date.
      blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
    });
    return new Shelf(db);
  }

  /** Newest first; records that cannot be read are told apart and do no harm to the others. */
  async list(): Promise<{ runs: KeptRun[]; broken: BrokenRun[] }> {
    const tx = this.db.transaction('runs');
    const [keys, values] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
    const runs: KeptRun[] = [];
    const broken: BrokenRun[] = [];
    keys.forEach((key, index) => {
      try {
        runs.push(fromStored(values[index]));
      } catch (error) {
        broken.push({ id: String(key), message: messageOf(error) });
      }
    });
    return { runs: runs.sort((a, b) => b.created - a.created), broken };
  }

  /** Writes the page's part of a record with what is new of its curves; the user's part stays as it is stored. */
  async write(run: KeptRun, blocks: readonly CurveBlock[], details: Details): Promise<void> {
    const tx = this.db.transaction(['runs', 'curves', 'details'], 'readwrite');
    const stored = (await tx.objectStore('runs').get(run.id)) as Partial<KeptRun> | undefined;
    const { name, isPinned, isSetAside, isRemoved } = { ...run, ...stored };
    const record = toStored({ ...run, name, isPinned, isSetAside, isRemoved });
    await Promise.all([
      tx.objectStore('runs').put(record),
      ...blocks.map((block) => tx.objectStore('curves').put({ run: run.id, block })),
      tx.objectStore('details').put({ run: run.id, details }),
      tx.done,
    ]);
  }

  async patch(id: string, part: UserPart): Promise<void> {
    const tx = this.db.transaction('runs', 'readwrite');
    const stored = await tx.store.get(id);
    const put = stored && tx.store.put({ ...(stored as KeptRun), ...part });
    await Promise.all([put, tx.done]);
  }

  /** Keeps the newest checkpoint and a few earlier ones, spread over the run. */
  async writeCheckpoint(id: string, step: number, checkpoint: StoredCheckpoint): Promise<void> {
    const tx = this.db.transaction('checkpoints', 'readwrite');
    const steps = (await tx.store.getAllKeys(ofRun(id))).map(([, s]) => s);
    const old = superfluous(steps.filter((s) => s < step));
    await Promise.all([
      tx.store.put({ run: id, step, checkpoint }),
      ...old.map((s) => tx.store.delete([id, s])),
      tx.done,
    ]);
  }

  /** A run that nobody will fork any more needs no earlier checkpoints. */
  async keepNewestCheckpoint(id: string): Promise<void> {
    const tx = this.db.transaction('checkpoints', 'readwrite');
    const keys = await tx.store.getAllKeys(ofRun(id));
    await Promise.all([...keys.slice(0, -1).map((key) => tx.store.delete(key)), tx.done]);
  }

  /** Steps with a checkpoint, ascending. */
  async checkpointSteps(id: string): Promise<number[]> {
    return (await this.db.getAllKeys('checkpoints', ofRun(id))).map(([, step]) => step);
  }

  /** @throws {RangeError} it is not there, or not as it must be */
  async checkpoint(id: string, step: number): Promise<StoredCheckpoint> {
    const stored = await this.db.get('checkpoints', [id, step]);
    return check('checkpoint', CheckpointShape, stored?.checkpoint);
  }

  /** @throws {RangeError} a part of them that is not as it must be */
  async read(id: string): Promise<{ blocks: CurveBlock[]; details: Details }> {
    const tx = this.db.transaction(['curves', 'details']);
    const [blocks, stored] = await Promise.all([
      tx.objectStore('curves').index('run').getAll(id),
      tx.objectStore('details').get(id),
    ]);
    const none: Details = { responses: [], difficulty: [] };
    return {
      blocks: blocks.map(({ block }) => blockFromStored(block)),
      details: stored ? check('details', DetailsShape, stored.details) : none,
    };
  }

  /** For good. */
  async remove(id: string): Promise<void> {
    const tx = this.db.transaction(['runs', 'curves', 'details', 'checkpoints'], 'readwrite');
    const keys = await tx.objectStore('curves').index('run').getAllKeys(id);
    await Promise.all([
      tx.objectStore('runs').delete(id),
      tx.objectStore('details').delete(id),
      tx.objectStore('checkpoints').delete(ofRun(id)),
      ...keys.map((key) => tx.objectStore('curves').delete(key)),
      tx.done,
    ]);
  }

  close(): void {
    this.db.close();
  }
}

const ofRun = (id: string) => IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]);

/** Of ascending steps, those to give up: where two are close, the later one goes. */
export function superfluous(steps: readonly number[]): number[] {
  const kept = [...steps];
  const gone: number[] = [];
  while (kept.length > EARLIER) {
    let closest = 1;
    for (let i = 2; i < kept.length; i++) {
      if (kept[i] - kept[i - 1] < kept[closest] - kept[closest - 1]) closest = i;
    }
    gone.push(...kept.splice(closest, 1));
  }
  return gone;
}
