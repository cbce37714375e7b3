/**
 * Kept runs in IndexedDB. Curves are appended in blocks, never rewritten; a record, its new curves and its details are
 * written in one transaction, so a crash in the middle leaves the state before it.
 */
import type { IDBPDatabase } from 'idb';
import { runKey } from '../../core/experiment.ts';
import {
  check,
  type Details,
  DetailsShape,
  type KeptProbes,
  MAX_EVALUATIONS,
  ProbesShape,
} from '../../core/kept_details.ts';
import { superfluous, superfluousBeforeNewest } from '../../core/thin_out.ts';
import { messageOf } from '../declared.ts';
import { type Database, OutdatedPage, openDatabase, type Schema } from './database.ts';
import { armSteps, placeOf, placesOf } from './places.ts';
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

/** Checkpoints of one run beside the newest: for forks. */
const EARLIER = 3;

/** What is new of a run. */
export interface News {
  blocks: readonly CurveBlock[];
  details: Details;
  probes?: readonly KeptProbes[];
  checkpoint?: { step: number; state: StoredCheckpoint };
}

const PARTS = ['runs', 'curves', 'details', 'probes', 'checkpoints'] as const;

export interface BrokenRun {
  id: string;
  message: string;
}

export class Shelf {
  private constructor(private readonly database: Database) {}

  /** @throws {OutdatedPage} a newer version of the page has the database; or the browser's error where it allows none */
  static async open(name = 'entroscope'): Promise<Shelf> {
    return new Shelf(await openDatabase(name));
  }

  /** @throws {OutdatedPage} */
  private get db(): IDBPDatabase<Schema> {
    if (this.database.isTaken) throw new OutdatedPage();
    return this.database.db;
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

  /**
   * Writes the page's part of a record with what is new; the user's part stays as it is stored. Of checkpoints the newest
   * stays and a few earlier ones, of answers to the fixed prompts some more, spread over the run.
   */
  async write(run: KeptRun, { blocks, details, probes = [], checkpoint }: News): Promise<void> {
    const tx = this.db.transaction(PARTS, 'readwrite');
    const states = tx.objectStore('checkpoints');
    const stored = (await tx.objectStore('runs').get(run.id)) as Partial<KeptRun> | undefined;
    const { name, isPinned, isSetAside, isRemoved } = { ...run, ...stored };
    const steps = (await states.getAllKeys(ofRun(run.id))).map(([, step]) => step);
    const at = checkpoint && placeOf(checkpoint, steps);
    const gone = superfluous(at === undefined ? [] : steps.filter((s) => s < at), EARLIER);
    const known = stored?.stateArms ?? {};
    const stateArms = Object.fromEntries(
      steps.flatMap((s) => (known[s] && !gone.includes(s) ? [[s, known[s]]] : [])),
    );
    if (checkpoint && at !== undefined) stateArms[at] = armSteps(checkpoint.state);
    const stateStep = at ?? stored?.stateStep;
    const user = { name, isPinned, isSetAside, isRemoved };
    const record = toStored({ ...run, ...user, stateStep, stateArms });
    const answered =
      probes.length > 0 ? await tx.objectStore('probes').getAllKeys(ofProbes(run.id)) : [];
    await settled(tx, (requests) => {
      requests.push(tx.objectStore('runs').put(record));
      for (const block of blocks) {
        requests.push(tx.objectStore('curves').put({ run: run.id, block }));
      }
      requests.push(tx.objectStore('details').put({ run: run.id, details }));
      for (const event of probes) {
        requests.push(tx.objectStore('probes').put({ run: run.id, ...event }));
      }
      for (const key of crowded(answered, probes)) {
        requests.push(tx.objectStore('probes').delete(key));
      }
      if (!checkpoint || at === undefined) return;
      for (const old of gone) requests.push(states.delete([run.id, old]));
      requests.push(states.put({ run: run.id, step: at, checkpoint: checkpoint.state }));
    });
  }

  async patch(id: string, part: UserPart): Promise<void> {
    const tx = this.db.transaction('runs', 'readwrite');
    const stored = await tx.store.get(id);
    await settled(tx, () => (stored ? [tx.store.put({ ...(stored as KeptRun), ...part })] : []));
  }

  /** A run that nobody will fork any more needs no earlier checkpoints. @returns whether there were any */
  async keepNewestCheckpoint(id: string): Promise<boolean> {
    const tx = this.db.transaction(['runs', 'checkpoints'], 'readwrite');
    const stored = (await tx.objectStore('runs').get(id)) as Partial<KeptRun> | undefined;
    const keys = await tx.objectStore('checkpoints').getAllKeys(ofRun(id));
    const newest = stored?.stateStep ?? keys.at(-1)?.[1];
    const earlier = keys.filter(([, step]) => step !== newest);
    await settled(tx, () => earlier.map((key) => tx.objectStore('checkpoints').delete(key)));
    return earlier.length > 0;
  }

  /** Takes all checkpoints of a run away; its curves stay. @returns whether there were any */
  async removeCheckpoints(id: string): Promise<boolean> {
    const tx = this.db.transaction('checkpoints', 'readwrite');
    const count = await tx.store.count(ofRun(id));
    await settled(tx, (requests) => requests.push(tx.store.delete(ofRun(id))));
    return count > 0;
  }

  /** Steps with a checkpoint, ascending. */
  async checkpointSteps(id: string): Promise<number[]> {
    return (await this.db.getAllKeys('checkpoints', ofRun(id))).map(([, step]) => step);
  }

  /** Kept checkpoints that hold an arm: the step under which each is kept, and the arm's own in it. Ascending. */
  async checkpointsWith(id: string, arm: string): Promise<{ at: number; step: number }[]> {
    const [stored, steps] = await Promise.all([
      this.db.get('runs', id) as Promise<Partial<KeptRun> | undefined>,
      this.checkpointSteps(id),
    ]);
    return placesOf(arm, steps, stored?.stateArms);
  }

  /** Kept steps in the order in which one would go on from them: the one that was taken last comes first. */
  async statesOf({ id }: KeptRun): Promise<number[]> {
    const [stored, steps] = await Promise.all([
      this.db.get('runs', id) as Promise<Partial<KeptRun> | undefined>,
      this.checkpointSteps(id),
    ]);
    const last = stored?.stateStep;
    return steps.sort((a, b) => Number(b === last) - Number(a === last) || b - a);
  }

  /** @throws {RangeError} it is not there, or not as it must be */
  async checkpoint(id: string, step: number): Promise<StoredCheckpoint> {
    const stored = await this.db.get('checkpoints', [id, step]);
    return check('checkpoint', CheckpointShape, stored?.checkpoint);
  }

  /** Curves and details; what cannot be read is left out and named in `lost`. */
  async read(id: string): Promise<{ blocks: CurveBlock[]; details: Details; lost: string[] }> {
    const tx = this.db.transaction(['curves', 'details']);
    const [blocks, stored] = await Promise.all([
      tx.objectStore('curves').index('run').getAll(id),
      tx.objectStore('details').get(id),
    ]);
    const lost: string[] = [];
    const reading = <T>(read: () => T): T[] => {
      try {
        return [read()];
      } catch (error) {
        lost.push(messageOf(error));
        return [];
      }
    };
    const none: Details = { responses: [], difficulty: [] };
    const [details = none] = stored
      ? reading(() => check('details', DetailsShape, stored.details))
      : [];
    return {
      blocks: blocks.flatMap(({ block }) => reading(() => blockFromStored(block))),
      details,
      lost,
    };
  }

  /** Answers to the fixed prompts by run, in the order of their steps; what cannot be read is left out. */
  async probes(id: string): Promise<KeptProbes[]> {
    const stored = await this.db.getAll('probes', ofProbes(id));
    return stored.flatMap((event) => {
      try {
        return [check('probes', ProbesShape, event)];
      } catch {
        return [];
      }
    });
  }

  /** For good. */
  async remove(id: string): Promise<void> {
    const tx = this.db.transaction(PARTS, 'readwrite');
    const keys = await tx.objectStore('curves').index('run').getAllKeys(id);
    await settled(tx, (requests) => {
      requests.push(
        tx.objectStore('runs').delete(id),
        tx.objectStore('details').delete(id),
        tx.objectStore('checkpoints').delete(ofRun(id)),
        tx.objectStore('probes').delete(ofProbes(id)),
      );
      for (const key of keys) requests.push(tx.objectStore('curves').delete(key));
    });
  }

  close(): void {
    this.database.db.close();
  }
}

/** An array stands above every number and text. */
const ofProbes = (id: string) => IDBKeyRange.bound([id], [id, []]);
const ofRun = (id: string) => IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]);

/** Everything or nothing; the reason is the transaction's own, not that a request was called off with it. */
async function settled(
  tx: { done: Promise<void>; error: DOMException | null; abort(): void },
  ask: (requests: Promise<unknown>[]) => void,
): Promise<void> {
  const requests: Promise<unknown>[] = [];
  let refusal: unknown;
  try {
    ask(requests);
  } catch (error) {
    // What was asked for before it must not be written without the rest.
    refusal = error;
    tx.abort();
  }
  const [done, ...results] = await Promise.allSettled([tx.done, ...requests]);
  if (done.status === 'fulfilled') return;
  const first = results.find((result) => result.status === 'rejected');
  throw refusal ?? tx.error ?? first?.reason ?? done.reason;
}

/** Keys of evaluations that must go when these come: of each run only so many stay. */
function crowded(
  known: readonly [string, string, number, number][],
  fresh: readonly KeptProbes[],
): [string, string, number, number][] {
  return [...new Map(fresh.map((event) => [runKey(event), event])).values()].flatMap((newest) => {
    const { arm, seed } = newest;
    const own = known.filter((key) => key[1] === arm && key[2] === seed);
    const coming = fresh.filter((event) => runKey(event) === runKey(newest));
    const steps = new Set([...own.map((key) => key[3]), ...coming.map((event) => event.step)]);
    const gone = new Set(
      superfluousBeforeNewest(
        [...steps].sort((a, b) => a - b),
        MAX_EVALUATIONS,
      ),
    );
    return own.filter((key) => gone.has(key[3]));
  });
}
