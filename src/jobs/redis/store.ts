/** The books of the jobs in Redis or Valkey, for several machines: kept by scripts, with turns that travel through BullMQ. */
import type { JobStore, Notice } from '../store.js';
import { createBooks } from './books.js';
import { connect, within } from './connection.js';
import { inspect, requireLayout } from './inspection.js';
import { createTickets } from './tickets.js';
import { createWork } from './work.js';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`, with user, password and the number of the database as far as they are needed. */
  readonly url: string;
  /** Keeps what is of other installations on the same Redis apart. */
  readonly prefix?: string | undefined;
  /** So long an operation waits for a Redis that is away, in ms. */
  readonly patienceMs?: number | undefined;
  /**
   * So long what is in hand stays with a process that says nothing, in ms; it says so four times in that time. After a crash
   * its items are given to others within about twice this time. One that was only slow or paused for so long loses nothing: what
   * two have worked on is recorded once.
   */
  readonly lockMs?: number | undefined;
  /** Told what about this Redis loses jobs, in a sentence each. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

const TOUCH_MS = 15_000;
const SWEEP_MS = 5_000;
const LEAVE_MS = 3_000;

/** @throws AppError QUEUE_UNAVAILABLE */
export async function openRedisStore(options: RedisStoreOptions): Promise<JobStore> {
  const { url, prefix = 'kaiyan', patienceMs = 5_000, lockMs = 10_000, onNotice } = options;
  const tag = `{${prefix}}`;
  const connection = await connect(url, tag, patienceMs);
  const listeners = new Set<(notice: Notice) => void>();
  try {
    await inspect(connection, onNotice);
    await requireLayout(connection, tag);
    await connection.listen((job) => {
      for (const listener of listeners) listener({ job });
    });
  } catch (error) {
    connection.close();
    throw error;
  }

  const tickets = createTickets(connection, tag, lockMs);
  const { touch, leave: endReceived, ...books } = createBooks(connection, tickets);
  const { renew, takeOver, sweep, leave: giveAllBack, ...work } = createWork(connection, tickets);
  tickets.onStalled(() => void takeOver().catch(() => undefined));

  // What fails here fails for the next operation too, which says so.
  const every = (ms: number, task: () => Promise<void>) => setInterval(() => void task().catch(() => undefined), ms);
  const timers = [every(lockMs / 4, renew), every(TOUCH_MS, touch), every(SWEEP_MS, sweep)];

  async function close(): Promise<void> {
    for (const timer of timers) clearInterval(timer);
    listeners.clear();
    await within(Promise.all([giveAllBack(), endReceived()]), LEAVE_MS).catch(() => undefined);
    await within(tickets.close(), LEAVE_MS).catch(() => undefined);
    connection.close();
  }

  function watch(listener: (notice: Notice) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  return { ...books, ...work, watch, close };
}
