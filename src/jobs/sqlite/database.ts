/** The file of the books: opened, brought up to date, checked, copied. The only module that loads libsql. */

import { statSync } from 'node:fs';
import Libsql from 'libsql';
import { AppError } from '../../errors.js';
import { outputUnwritable } from '../../folders.js';
import { migrations } from './schema.js';

type Value = string | number | Uint8Array | null;
type Row = Readonly<Record<string, Value>>;

export interface Database {
  readonly all: (sql: string, ...values: Value[]) => Row[];
  readonly get: (sql: string, ...values: Value[]) => Row | undefined;
  /** The number of rows that changed. */
  readonly run: (sql: string, ...values: Value[]) => number;
  /** All of it or nothing; within another one, only this part is undone. */
  readonly atomically: <Result>(work: () => Result) => Result;
  readonly close: () => void;
}

/** Another process may write: a transaction of ours is short, and its may be long on a slow disk. */
const BUSY_MS = 10_000;

/**
 * @throws AppError QUEUE_UNAVAILABLE for a file that cannot be opened, is no database, or was written by a newer version
 */
export function openDatabase(file: string): Database {
  try {
    const database = connect(file);
    migrate(database, file);
    return database;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unavailable(file, (error as Error).message);
  }
}

function connect(file: string): Database {
  const connection = new Libsql(file, { timeout: BUSY_MS });
  // Read from the log that is written ahead; a commit is on the disk when it returns; freed pages can be given back.
  for (const pragma of ['auto_vacuum = INCREMENTAL', 'journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON'])
    connection.exec(`PRAGMA ${pragma}`);
  const prepared = new Map<string, Libsql.Statement>();
  const prepare = (sql: string): Libsql.Statement => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = connection.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  let depth = 0;

  function atomically<Result>(work: () => Result): Result {
    const name = `part${depth}`;
    connection.exec(depth === 0 ? 'BEGIN IMMEDIATE' : `SAVEPOINT ${name}`);
    depth += 1;
    try {
      const result = work();
      connection.exec(depth === 1 ? 'COMMIT' : `RELEASE ${name}`);
      return result;
    } catch (error) {
      // A full disk has ended the transaction already.
      if (connection.inTransaction) connection.exec(depth === 1 ? 'ROLLBACK' : `ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      depth -= 1;
    }
  }

  return {
    all: (sql, ...values) => prepare(sql).all(...values) as Row[],
    get: (sql, ...values) => prepare(sql).get(...values) as Row | undefined,
    run: (sql, ...values) => prepare(sql).run(...values).changes,
    atomically,
    close: () => connection.close(),
  };
}

function migrate(database: Database, file: string): void {
  const versionNow = () => Number(database.get('PRAGMA user_version')?.user_version ?? 0);
  if (versionNow() > migrations.length) {
    throw unavailable(file, 'they were written by a newer version of Kaiyan, which this one cannot read');
  }
  if (versionNow() === migrations.length) return;
  database.atomically(() => {
    // Another process may have been as quick.
    for (const statements of migrations.slice(versionNow())) {
      for (const statement of statements) database.run(statement);
    }
    database.run(`PRAGMA user_version = ${migrations.length}`);
  });
}

const unavailable = (queue: string, reason: string) => new AppError('QUEUE_UNAVAILABLE', { queue, reason });

/** What is wrong with the file; empty if nothing is. @throws AppError QUEUE_UNAVAILABLE */
export function checkDatabase(file: string): string[] {
  const database = openDatabase(file);
  try {
    const found = database.all('PRAGMA integrity_check').map((row) => String(Object.values(row)[0]));
    return found.filter((line) => line !== 'ok');
  } catch (error) {
    return [(error as Error).message];
  } finally {
    database.close();
  }
}

/**
 * A copy of the books as they are at one moment, also while others write to them.
 * @throws AppError QUEUE_UNAVAILABLE, OUTPUT_UNWRITABLE for a target that exists or cannot be written
 */
export function copyDatabase(file: string, target: string): void {
  const database = openDatabase(file);
  const there = statSync(target, { throwIfNoEntry: false });
  try {
    database.run('VACUUM INTO ?', target);
  } catch (error) {
    // SQLite has no code of its own for what is there already.
    const isFull = (error as NodeJS.ErrnoException).code === 'SQLITE_FULL';
    const code = there?.isDirectory() ? 'EISDIR' : 'EEXIST';
    throw outputUnwritable(there && !isFull ? Object.assign(error as Error, { code }) : (error as Error), target);
  } finally {
    database.close();
  }
}
