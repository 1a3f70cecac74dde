/**
 * The right to take items of a job, which travels through BullMQ: whoever holds a job's next ticket takes items from the top of
 * its list and queues the following ticket, whose priority is the number of items that the job has had. So the job that has
 * had least comes next, and a job in the queue is a few tickets, not its million items. The ticket itself stays with its
 * holder until the items are done; if the holder is gone, BullMQ gives it to another one.
 */
import { Queue, Worker } from 'bullmq';
import * as v from 'valibot';
import { AppError } from '../../errors.js';
import type { Connection } from './connection.js';

/** A ticket in hand. */
export interface Ticket {
  readonly job: string;
  readonly lane: number;
  readonly number: number;
  readonly lock: string;
  /** It is used up. */
  readonly finish: () => Promise<void>;
}

export interface Tickets {
  /** What the keys of queued tickets begin with. */
  readonly key: string;
  /**
   * Queues tickets as the scripts describe them, each once: `JOB LANE NUMBER PRIORITY`. What is not queued because Redis has
   * gone is found by the next sweep.
   */
  readonly add: (tickets: readonly string[]) => Promise<void>;
  /** @param lock a new name for the right to this ticket */
  readonly take: (lock: string) => Promise<Ticket | undefined>;
  /** Those whose locks were lost: others will be given them. */
  readonly renew: (tickets: readonly Ticket[]) => Promise<readonly Ticket[]>;
  /** Told of each ticket whose holder is gone, and which waits for another one. */
  readonly onStalled: (listener: () => void) => void;
  readonly close: () => Promise<void>;
}

const NAME = 'tickets';

/** The highest that BullMQ takes; jobs with more items than that are equals. */
const LAST_PRIORITY = 2_097_151;

const ticketSchema = v.object({ job: v.string(), lane: v.number(), number: v.number() });

/**
 * @param lockMs so long a ticket stays with a process that says nothing. BullMQ looks for such tickets twice in that time, and
 *   takes one that it saw twice: after a crash they are given to others within about twice this time.
 */
export function createTickets({ client, ask }: Connection, prefix: string, lockMs: number): Tickets {
  // inspection.ts looks at the version and the settings; BullMQ would write about them to stderr.
  const shared = { connection: client, prefix, skipVersionCheck: true };
  const queue = new Queue(NAME, { ...shared, streams: { events: { maxLen: 100 } } });
  const worker = new Worker(NAME, null, {
    ...{ ...shared, autorun: false, lockDuration: lockMs, stalledInterval: lockMs / 2 },
    // BullMQ gives up what has stalled twice. A ticket never fails: its items have their own count of crashes.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    removeOnComplete: { count: 0 },
  });
  // Redis is away: whoever asks for something is told.
  queue.on('error', () => undefined);
  worker.on('error', () => undefined);
  void worker.startStalledCheckTimer();

  async function add(tickets: readonly string[]): Promise<void> {
    if (tickets.length === 0) return;
    const jobs = tickets.map((ticket) => {
      const [job = '', lane, number, priority] = ticket.split(' ');
      return {
        name: NAME,
        data: { job, lane: Number(lane), number: Number(number) },
        opts: { jobId: `${job}-${number}`, priority: Math.min(Number(priority), LAST_PRIORITY) },
      };
    });
    await ask(() => queue.addBulk(jobs)).catch((error) => {
      if (!(error instanceof AppError)) throw error;
    });
  }

  async function take(lock: string): Promise<Ticket | undefined> {
    const taken = await ask(() => worker.getNextJob(lock, { block: false }));
    if (!taken) return undefined;
    const finish = async () => {
      // One whose lock was lost is another one's now.
      await ask(() => taken.moveToCompleted(null, lock, false)).catch(() => undefined);
    };
    return { ...v.parse(ticketSchema, taken.data), lock, finish };
  }

  const idOf = ({ job, number }: Ticket) => `${job}-${number}`;

  async function renew(tickets: readonly Ticket[]): Promise<readonly Ticket[]> {
    const locks = tickets.map(({ lock }) => lock);
    const lost = new Set(await ask(() => worker.extendJobLocks(tickets.map(idOf), locks, lockMs)));
    return tickets.filter((ticket) => lost.has(idOf(ticket)));
  }

  function onStalled(listener: () => void): void {
    worker.on('stalled', () => listener());
  }

  async function close(): Promise<void> {
    await Promise.all([worker.close(true), queue.close()]);
  }

  return { key: queue.toKey(''), add, take, renew, onStalled, close };
}
