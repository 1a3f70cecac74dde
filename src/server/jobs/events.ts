/** What happens in a job, as server-sent events: each outcome once, and how far the job is. */
import { AppError } from '../../errors.js';
import { type Item, isEnded, type Job } from '../../jobs/job.js';
import type { JobStore } from '../../jobs/store.js';
import { createNews, eventOf, HEARTBEAT, HEARTBEAT_MS, LOOK_MS } from '../event-stream.js';
import { viewItem, viewJob } from './views.js';

const PAGE = 100;
/** How far a job is says nothing new more often than that. */
const JOB_MS = 1_000;

export interface EventsOptions {
  readonly store: Pick<JobStore, 'get' | 'outcomes' | 'watch'>;
  readonly id: string;
  /** The sequence number of the last outcome that the client knows. */
  readonly after: number;
  /** The client has left, or the service ends. */
  readonly signal: AbortSignal;
}

/** Ends after the end of the job, and if it is deleted. */
export async function* jobEvents(options: EventsOptions): AsyncGenerator<string> {
  const { store, id, signal } = options;
  const news = createNews((hear) => store.watch(({ job }) => void (job === id && hear())), signal);
  const progress = createProgress();
  let sequence = options.after;
  try {
    while (!signal.aborted) {
      news.forget();
      // Looked at before its outcomes: once it has ended, there are no others.
      const job = await store.get(id);
      for await (const items of outcomesAfter(options, sequence)) {
        yield items.map((item) => eventOf('item', viewItem(item, job), String(item.sequence))).join('');
        sequence = items.at(-1)?.sequence ?? sequence;
        progress.spoke();
      }
      if (signal.aborted) return;
      if (isEnded(job)) return yield eventOf('job', viewJob(job), endId(job));
      const said = progress.of(job);
      if (said) yield said;
      await news.next(LOOK_MS);
    }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'JOB_NOT_FOUND')) throw error;
  } finally {
    news.close();
  }
}

async function* outcomesAfter({ store, id, signal }: EventsOptions, after: number): AsyncGenerator<Item[]> {
  for (let sequence = after; !signal.aborted; ) {
    const items = await store.outcomes(id, sequence, PAGE);
    const last = items.at(-1);
    if (!last) return;
    sequence = last.sequence;
    yield items;
  }
}

/** What is said of a job that goes on: how far it is when that is new, and something before a proxy thinks it dead. */
function createProgress() {
  let told: { readonly state?: string; readonly recorded: number; readonly at: number } = { recorded: 0, at: 0 };
  let spokeAt = performance.now();

  function of(job: Job): string | undefined {
    const { state, recorded } = job;
    const now = performance.now();
    const isNew = state !== told.state || (recorded !== told.recorded && now - told.at >= JOB_MS);
    if (!isNew && now - spokeAt < HEARTBEAT_MS) return undefined;
    spokeAt = now;
    if (!isNew) return HEARTBEAT;
    told = { state, recorded, at: now };
    return eventOf('job', viewJob(job));
  }

  return {
    of,
    /** Something else was said. */
    spoke: () => {
      spokeAt = performance.now();
    },
  };
}

const endId = ({ recorded }: Pick<Job, 'recorded'>): string => `${recorded}-end`;

/** Whether a client that comes back has heard all, the end of the job too; it is not to come again. */
export const hasHeardAll = (lastEventId: string | undefined, job: Job): boolean =>
  isEnded(job) && lastEventId === endId(job);

/** The sequence number in the id of an event; 0 for none. */
export const sequenceIn = (lastEventId: string): number => Number(/^\d{1,15}(?=-end$|$)/.exec(lastEventId)?.[0] ?? 0);
