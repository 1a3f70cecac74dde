/** `kaiyan jobs`: the jobs in the books, whether a service runs beside it or not. */
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { isFile } from '../../folders.js';
import type { Item, Job, JobState } from '../../jobs/job.js';
import { booksFile, openPictures, openStore } from '../../jobs/open.js';
import type { JobStore } from '../../jobs/store.js';
import { csvLines, type DownloadOptions, jsonLines } from '../../server/jobs/results.js';
import { viewJob } from '../../server/jobs/views.js';
import { catchInterrupt } from '../interrupt.js';
import { reportError, table, visible, writeText } from '../output.js';

const PAGE = 100;

/** Books that are not there yet have nothing in them, and are not made for that. */
async function withBooks({ settings }: Configuration, work: (store: JobStore) => Promise<void>): Promise<void> {
  if (settings.queue === '' && !(await isFile(booksFile(settings)))) {
    process.stderr.write(`There are no jobs in ${settings.home}.\n`);
    return;
  }
  const store = await openStore(settings, (notice) => process.stderr.write(`kaiyan: ${visible(notice)}\n`));
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

export interface ListFlags {
  readonly state: JobState | undefined;
  readonly json: boolean;
}

export const listJobs = (configuration: Configuration, { state, json }: ListFlags): Promise<void> =>
  withBooks(configuration, async (store) => {
    const jobs: Job[] = [];
    for (let page = await store.list({ state, limit: PAGE }); page.length > 0; ) {
      jobs.push(...page);
      page = await store.list({ state, after: page.at(-1)?.id, limit: PAGE });
    }
    if (json) return void process.stdout.write(`${JSON.stringify(jobs.map(viewJob), null, 2)}\n`);
    if (jobs.length === 0) return void process.stderr.write('There are no such jobs.\n');
    const rows = jobs.map(({ id, state, counts, createdAt }) => [
      ...[id, state, `${counts.answered}`, `${counts.failed}`, `${counts.total}`],
      new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
    ]);
    const head = ['JOB', 'STATE', 'ANSWERED', 'FAILED', 'PICTURES', 'CREATED (UTC)'];
    process.stdout.write(`${table([head, ...rows])}\n`);
  });

/** @throws AppError JOB_NOT_FOUND */
export const showJob = (configuration: Configuration, id: string, json: boolean): Promise<void> =>
  withBooks(configuration, async (store) => {
    const job = await store.get(id);
    const view = viewJob(job);
    if (json) return void process.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
    const { state, counts, created, started, ended, expires, secondsLeft } = view;
    const rows = [
      ...[
        ['job', id],
        ['state', state],
      ],
      ['pictures', inWords(counts)],
      ...[
        ['created', created],
        ['started', started ?? 'not yet'],
        ['ended', ended ?? 'not yet'],
        ['expires', expires],
      ],
      ...(secondsLeft ? [['left', `about ${secondsLeft} s, at the pace so far`]] : []),
      ...Object.entries(job.options).map(([name, value]) => [name, String(value)]),
    ];
    process.stdout.write(`${table(rows)}\n`);
    const failed = await store.items(id, { states: ['failed'], from: 0, limit: MOST_FAILED });
    for (const { name, error } of failed)
      process.stdout.write(visible(`${name}: ${error?.error} [${error?.code}]`).concat('\n'));
    const more = counts.failed - failed.length;
    if (more > 0)
      process.stdout.write(`and ${more} more that failed: "kaiyan jobs results ${id} --state failed" has all\n`);
  });

/** `3: 2 answered, 1 failed` */
function inWords({ total, answered, failed, waiting, canceled }: ReturnType<typeof viewJob>['counts']): string {
  const parts = [`${answered} answered`, `${failed} failed`];
  if (waiting > 0) parts.push(`${waiting} to go`);
  if (canceled > 0) parts.push(`${canceled} canceled`);
  return `${total}: ${parts.join(', ')}`;
}

const MOST_FAILED = 10;

/** Each of the jobs; one that cannot be found is reported, and the others go on. */
function forEach(
  configuration: Configuration,
  ids: readonly string[],
  work: (store: JobStore, id: string) => Promise<string>,
): Promise<void> {
  return withBooks(configuration, async (store) => {
    for (const id of ids) {
      try {
        process.stdout.write(`${id}: ${await work(store, id)}\n`);
      } catch (error) {
        reportError(error);
      }
    }
  });
}

export const cancelJobs = (configuration: Configuration, ids: readonly string[]): Promise<void> =>
  forEach(configuration, ids, async (store, id) => (await store.cancel(id)).state);

export const retryJobs = (configuration: Configuration, ids: readonly string[]): Promise<void> =>
  forEach(configuration, ids, async (store, id) => (await store.retry(id)).state);

export const deleteJobs = (configuration: Configuration, ids: readonly string[]): Promise<void> =>
  forEach(configuration, ids, async (store, id) => {
    await store.delete(id);
    await (await openPictures(configuration.settings)).removeJob(id);
    return 'deleted';
  });

export interface ResultsFlags {
  readonly state: Item['state'] | undefined;
  readonly csv: boolean;
}

/** On stdout, in the form of the service's downloads. @throws AppError JOB_NOT_FOUND */
export const printResults = (configuration: Configuration, id: string, { state, csv }: ResultsFlags): Promise<void> =>
  withBooks(configuration, async (store) => {
    const signal = catchInterrupt();
    const job = await store.get(id);
    const options: DownloadOptions = {
      top: job.options.top ?? configuration.settings.top,
      ...(state && { states: [state] }),
    };
    for await (const lines of (csv ? csvLines : jsonLines)(store, job, options)) {
      if (signal.aborted) return;
      await writeText(process.stdout, lines);
    }
  });

/** Whether the file of the books is whole. */
export async function checkBooks({ settings }: Configuration): Promise<void> {
  const file = requireFile(settings.queue, booksFile(settings));
  if (!(await isFile(file))) return void process.stdout.write(`There are no jobs in ${settings.home}.\n`);
  const { checkDatabase } = await import('../../jobs/sqlite/database.js');
  const found = checkDatabase(file);
  if (found.length === 0) return void process.stdout.write(`${visible(file)} is whole.\n`);
  for (const line of found) process.stderr.write(`${visible(line)}\n`);
  throw new AppError('QUEUE_UNAVAILABLE', {
    queue: file,
    reason:
      'the file is damaged; move it away to begin anew, or put a copy in its place ("kaiyan jobs backup" makes them)',
  });
}

/** A copy of the books, also while a service uses them. @throws AppError OUTPUT_UNWRITABLE, QUEUE_UNAVAILABLE */
export async function backUpBooks({ settings }: Configuration, target: string): Promise<void> {
  const file = requireFile(settings.queue, booksFile(settings));
  if (!(await isFile(file))) return void process.stderr.write(`There are no jobs in ${settings.home}.\n`);
  const { copyDatabase } = await import('../../jobs/sqlite/database.js');
  copyDatabase(file, target);
  process.stdout.write(`${visible(target)}\n`);
}

function requireFile(queue: string, file: string): string {
  if (queue === '') return file;
  const problem =
    'Expected books in a file, but the setting queue names a Redis. Use its own tools: redis-cli BGSAVE, and redis-check-aof.';
  throw new AppError('USAGE', { problem });
}
