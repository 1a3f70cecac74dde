/** What goes in and out under `/api/v1/jobs`, in the same way as `contract.ts`. */
import * as v from 'valibot';
import { classification, classifyQuery, described, index, refusal } from './contract.js';

const JOB_STATES = ['pending', 'in_progress', 'completed', 'failed', 'canceled'] as const;
const ITEM_STATES = ['waiting', 'answered', 'failed', 'canceled'] as const;
/** Outcomes in one page. */
const MOST_ITEMS = 1000;
const MOST_JOBS = 100;

/** A whole number in a query, within bounds. */
export function numberFrom(least: number, most: number) {
  const words = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.string(words),
    v.regex(/^\d{1,9}$/, words),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(least, words),
    v.maxValue(most, words),
  );
}

const position = numberFrom(0, 999_999_999);
const jobId = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'the id of a job'));

export const jobQuery = v.strictObject({
  ...classifyQuery.entries,
  thumbnails: described(
    v.optional(
      v.pipe(
        v.picklist(['true', 'false'], 'true or false'),
        v.transform((given) => given === 'true'),
        v.boolean(),
      ),
    ),
    'Keeps a small picture of each as long as the results.',
  ),
  webhook: described(
    v.optional(v.pipe(v.string(), v.maxLength(2000, 'at most 2000 characters'), v.url('an http(s) address'))),
    'Address that is told, signed, when the job has ended.',
  ),
});

/** Folders stand for all pictures in them. */
export const pathsBody = v.strictObject({
  paths: described(
    v.pipe(
      v.array(v.pipe(v.string(), v.minLength(1, 'a path'), v.maxLength(4096, 'a path of at most 4096 characters'))),
      v.minLength(1, 'at least one path'),
    ),
    'Files, and folders with all pictures in them, on the machine of the service; each in one of the setting `jobFolders`.',
  ),
});

export const jobParams = v.object({ id: jobId });
export const thumbnailParams = v.object({ id: jobId, item: position });

export const jobsQuery = v.strictObject({
  state: described(v.optional(v.picklist(JOB_STATES, JOB_STATES.join(', '))), 'Only jobs in this state.'),
  after: described(v.optional(jobId), 'The last job of the page before.'),
  limit: described(v.optional(numberFrom(1, MOST_JOBS), '20'), 'Jobs in one page.'),
});

const itemState = v.optional(v.picklist(ITEM_STATES, ITEM_STATES.join(', ')));

export const resultsQuery = v.strictObject({
  from: described(v.optional(position, '0'), 'Position of the first picture wanted.'),
  limit: described(v.optional(numberFrom(1, MOST_ITEMS), '100'), 'Pictures in one page.'),
  state: described(itemState, 'Only pictures in this state.'),
});

export const downloadQuery = v.strictObject({ state: described(itemState, 'Only pictures in this state.') });

export const eventsQuery = v.strictObject({
  after: described(
    v.optional(position),
    'The sequence number of the last outcome known; the header `Last-Event-ID` goes before it.',
  ),
});

const time = v.pipe(v.string(), v.isoTimestamp());

export const job = v.object({
  id: v.string(),
  state: v.picklist(JOB_STATES),
  options: v.object({
    top: v.optional(index),
    lang: v.optional(v.string()),
    threshold: v.optional(v.number()),
    model: v.optional(v.string()),
    precision: v.optional(v.string()),
    thumbnails: v.optional(v.boolean()),
    webhook: v.optional(v.string()),
  }),
  counts: described(
    v.object({ total: index, waiting: index, answered: index, failed: index, canceled: index }),
    'Pictures, all and by their state.',
  ),
  recorded: described(index, 'The sequence number of the last outcome.'),
  created: time,
  started: described(v.nullable(time), 'When its first picture was taken; null for not yet.'),
  ended: v.nullable(time),
  expires: described(time, 'From then on it may be deleted with its results.'),
  secondsLeft: described(
    v.nullable(v.number()),
    'As its pace has been so far; null if that is not known, 0 if it has ended.',
  ),
  links: v.object({
    self: v.string(),
    results: v.string(),
    jsonl: v.string(),
    csv: v.string(),
    events: v.string(),
  }),
});

export const jobsAnswer = v.object({
  jobs: described(v.array(job), 'The newest first.'),
  next: described(v.nullable(v.string()), 'What to give as `after` for the next page; null if there is none.'),
});

const { timing, ...keptAnswer } = classification.entries;

/** One picture of a job. */
export const jobItem = v.object({
  item: described(index, 'Position in the job, from 0.'),
  name: described(v.string(), 'As it was sent.'),
  state: v.picklist(ITEM_STATES),
  sequence: described(index, 'Number of its outcome, in the order in which they came; 0 for none.'),
  result: described(v.optional(v.object(keptAnswer)), 'The answer, of a picture that has one.'),
  error: v.optional(refusal.entries.error),
  code: v.optional(refusal.entries.code),
  thumbnail: described(v.optional(v.string()), 'Address of the small picture, where the job keeps them.'),
});

export const resultsAnswer = v.object({
  items: v.array(jobItem),
  next: described(v.nullable(index), 'What to give as `from` for the next page; null if there is none.'),
});

/** An answer that is no JSON. */
export const text = v.string();
/** One of a stream, as those who read such streams see it. */
export const serverSentEvent = v.object({
  event: v.picklist(['item', 'job']),
  id: v.optional(v.string()),
  data: described(v.string(), 'JSON: a picture as in the results, or the job.'),
});
export const nothing = v.undefined();
