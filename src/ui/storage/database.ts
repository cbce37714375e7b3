/** The database of kept runs: its stores, and what becomes of it when another version of the page wants it. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

/** What lies there is checked when it is read, so it is `unknown` until then. */
export interface Schema extends DBSchema {
  runs: { key: string; value: unknown };
  curves: { key: number; value: { run: string; block: unknown }; indexes: { run: string } };
  details: { key: string; value: { run: string; details: unknown } };
  probes: {
    key: [string, string, number, number];
    value: { run: string; arm: string; seed: number; step: number; samples: unknown };
  };
  checkpoints: {
    key: [string, number];
    value: { run: string; step: number; checkpoint: unknown };
  };
}

/** 2: answers to the fixed prompts. */
const VERSION = 2;

/** A newer version of the page has brought the database up to date: this one can no longer read or write it. */
export class OutdatedPage extends Error {
  override name = 'OutdatedPage';
  constructor() {
    super('the kept runs belong to a newer version of this page: reload it to reach them');
  }
}

export interface Database {
  db: IDBPDatabase<Schema>;
  /** Closed for a newer version in another tab. */
  isTaken: boolean;
}

/** @throws {OutdatedPage} it is a newer version's already; or the browser's error where it allows no database */
export async function openDatabase(name: string): Promise<Database> {
  const opened: Partial<Database> = { isTaken: false };
  opened.db = await openDB<Schema>(name, VERSION, {
    upgrade(fresh, before) {
      if (before < 1) {
        fresh.createObjectStore('runs', { keyPath: 'id' });
        fresh.createObjectStore('curves', { autoIncrement: true }).createIndex('run', 'run');
        fresh.createObjectStore('details', { keyPath: 'run' });
        fresh.createObjectStore('checkpoints', { keyPath: ['run', 'step'] });
      }
      if (before < 2) {
        fresh.createObjectStore('probes', { keyPath: ['run', 'arm', 'seed', 'step'] });
      }
    },
    // A newer page in another tab may bring the database up to date; what is being written is written first.
    blocking: (_from, _to, event) => {
      opened.isTaken = true;
      (event.target as IDBDatabase).close();
    },
  }).catch((error) => {
    throw error instanceof Error && error.name === 'VersionError' ? new OutdatedPage() : error;
  });
  return opened as Database;
}
