/** The processes that have something in hand, and those that ended without a word. */
import os from 'node:os';
import type { Database } from './database.js';

/** A process that says nothing for so long is gone: it is seen every few seconds. */
const SILENCE_MS = 15_000;

export interface Runner {
  readonly number: number;
  /** Another one for each process, whose numbers the system uses again. */
  readonly process: string;
}

/** One more, from now on. */
export function enrol(database: Database, process: string, now: number): Runner {
  database.run('INSERT INTO runners (host, pid, process, seen_at) VALUES (?, ?, ?, ?)', ...rowOf(process, now));
  return { number: Number(database.get('SELECT last_insert_rowid() AS number')?.number), process };
}

const rowOf = (id: string, now: number) => [os.hostname(), process.pid, id, now] as const;

/** It is still here; one that was taken for gone, because it was stopped for a while, is back. */
export function beSeen(database: Database, runner: Runner, now: number): void {
  database.run(
    `INSERT INTO runners (number, host, pid, process, seen_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (number) DO UPDATE SET seen_at = excluded.seen_at`,
    ...[runner.number, ...rowOf(runner.process, now)],
  );
}

/** Those that are gone: on this machine their process is looked for, elsewhere they have been silent for too long. */
export function findGone(database: Database, own: Runner, now: number): number[] {
  const others = database.all('SELECT number, host, pid, process, seen_at FROM runners WHERE number <> ?', own.number);
  return others
    .filter((other) => {
      const isSilent = now - Number(other.seen_at) > SILENCE_MS;
      if (isSilent || other.host !== os.hostname()) return isSilent;
      // After a restart of its container a process has the number of the one before it.
      return other.pid === process.pid ? other.process !== own.process : !isRunning(Number(other.pid));
    })
    .map(({ number }) => Number(number));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
