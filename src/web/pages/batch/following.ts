/** Follows a job: its pictures page by page, then what is told of it until it has ended. */
import { call } from '../../api/call.ts';
import { followEvents } from '../../api/events.ts';
import type { Job, JobItem, Results } from '../../api/types.ts';
import { MOST_ROWS } from './rows.ts';

/** Outcomes in one page. */
const PAGE = 500;

export interface FollowingJob {
  readonly signal: AbortSignal;
  readonly onJob: (job: Job) => void;
  readonly onItems: (items: readonly JobItem[]) => void;
  /** All that is there by now was given. */
  readonly onCaughtUp: () => void;
  readonly onLine: (isOpen: boolean) => void;
}

export const addressOfJob = (id: string): string => `api/v1/jobs/${encodeURIComponent(id)}`;
export const addressOfThumbnail = (id: string, item: number): string => `${addressOfJob(id)}/thumbnails/${item}`;
export const hasEnded = ({ state }: Pick<Job, 'state'>): boolean => state !== 'pending' && state !== 'in_progress';

/** Until the job has ended. @throws CallError; AbortError if `signal` was aborted */
export async function followJob(
  id: string,
  { signal, onJob, onItems, onCaughtUp, onLine }: FollowingJob,
): Promise<void> {
  const address = addressOfJob(id);
  // Looked at before its pictures: what is recorded later is told by the events.
  const job = await call<Job>(address, { signal });
  onJob(job);
  for (let from: number | null = 0; from !== null && from < MOST_ROWS; ) {
    const page: Results = await call<Results>(`${address}/results`, { query: { from, limit: PAGE }, signal });
    onItems(page.items);
    from = page.next;
  }
  onCaughtUp();
  if (hasEnded(job)) return;
  await followEvents(`${address}/events`, {
    lastEventId: String(job.recorded),
    signal,
    onLine,
    isLast: ({ id: event }) => event.endsWith('-end'),
    onEvent: ({ type, data }) => {
      if (type === 'item') onItems([JSON.parse(data) as JobItem]);
      if (type === 'job') onJob(JSON.parse(data) as Job);
    },
  });
}
