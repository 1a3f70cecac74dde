/** Jobs and their pictures as clients see them. */
import { type Item, isEnded, type Job } from '../../jobs/job.js';
import type { AnswerOf } from '../contract.js';
import type { jobItem, job as jobSchema } from '../job-contract.js';

export const jobAddress = (id: string): string => `/api/v1/jobs/${id}`;

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
const timeOrNull = (milliseconds: number | undefined) => (milliseconds === undefined ? null : timeOf(milliseconds));

export function viewJob(job: Job): AnswerOf<typeof jobSchema> {
  const { id, state, options, counts, recorded } = job;
  const self = jobAddress(id);
  return {
    id,
    state,
    options,
    counts: { ...counts, waiting: waiting(job) },
    recorded,
    created: timeOf(job.createdAt),
    started: timeOrNull(job.startedAt),
    ended: timeOrNull(job.endedAt),
    expires: timeOf(job.expiresAt),
    secondsLeft: secondsLeft(job, Date.now()),
    links: {
      self,
      results: `${self}/results`,
      jsonl: `${self}/results.jsonl`,
      csv: `${self}/results.csv`,
      events: `${self}/events`,
    },
  };
}

const waiting = ({ counts: { total, answered, failed, canceled } }: Job): number =>
  total - answered - failed - canceled;

function secondsLeft(job: Job, now: number): number | null {
  if (isEnded(job)) return 0;
  const done = job.counts.answered + job.counts.failed;
  if (job.startedAt === undefined || done === 0) return null;
  return Math.round((waiting(job) * (now - job.startedAt)) / done / 100) / 10;
}

/** A failed picture has its error as a refused request has it. */
export function viewItem(
  { item, name, state, sequence, sha256, answer, error }: Item,
  { id, options }: Pick<Job, 'id' | 'options'>,
): AnswerOf<typeof jobItem> {
  const hasThumbnail = options.thumbnails === true && state === 'answered' && sha256 !== undefined;
  return {
    item,
    name,
    state,
    sequence,
    ...(answer && { result: answer }),
    ...error,
    ...(hasThumbnail && { thumbnail: `${jobAddress(id)}/thumbnails/${item}` }),
  };
}
