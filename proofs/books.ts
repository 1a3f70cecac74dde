/** A million pictures in the books of jobs: memory stays flat, and no operation gets slower as they fill. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { settingsWith } from '#kaiyan/config.js';
import { sha256Of } from '#kaiyan/hashes.js';
import { answerKey } from '#kaiyan/jobs/answer-key.js';
import { isEnded, type KeptAnswer } from '#kaiyan/jobs/job.js';
import { createJobs, type Jobs } from '#kaiyan/jobs/jobs.js';
import { booksFile } from '#kaiyan/jobs/open.js';
import type { Outcome, TakenItem } from '#kaiyan/jobs/store.js';
import { createServing, type Serving } from '#kaiyan/serving/serving.js';
import { withoutShared } from '../tests/support/requirements.js';
import { photographs } from './support/files.js';
import { prove, showProgress } from './support/proof.js';
import { median } from './support/statistics.js';

/** Of all that the process keeps, beside the pages of the file that SQLite and the system hold. */
const MOST_GROWTH_MB = 60;
const ADDED_AT_ONCE = 1000;
const TAKEN_AT_ONCE = 256;

await prove('books', withoutShared(), async ({ short }) => {
  const count = short ? 10_000 : 1_000_000;
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-books-'));
  const settings = settingsWith({ home, workers: 1, precision: 'int8' });
  const serving = await createServing({ settings, onNotice: () => undefined });
  const failures: string[] = [];
  const options = { serving, onFailure: ({ message }: Error) => void failures.push(message) };
  const writer = await createJobs({ ...options, settings: { ...settings, runJobs: false } });
  const book = createTimes();
  try {
    const answer = await oneAnswer(serving);
    const first = await submit(writer, count, book);
    const level = process.memoryUsage().rss / 1e6;
    await workOff(writer, first, { count, serving, answer, book });
    await readThrough(writer, first, count, book);
    await writer.close();

    const replayer = await createJobs({ ...options, settings });
    const begun = performance.now();
    const second = await submit(replayer, count, book);
    const replayed = await untilEnded(replayer, second, count);
    const seconds = (performance.now() - begun) / 1000;
    const grown = process.memoryUsage().rss / 1e6 - level;
    await book.measure('delete', () => replayer.remove(first));
    await replayer.close();
    const bytes = (await stat(booksFile(settings))).size;
    return {
      figures: [
        `${count} pictures worked off, and ${replayed} answered from what was found before, in ${seconds.toFixed(0)} s`,
        book.toString(),
        `memory ${level.toFixed(0)} MB once the first job was entered, ${grown.toFixed(0)} MB more at the end (bound ${MOST_GROWTH_MB})`,
        `${(bytes / count).toFixed(0)} bytes of the file for each picture of both jobs`,
      ].join('; '),
      violations: [
        ...failures,
        ...(replayed === count ? [] : [`${replayed} of ${count} answered`]),
        ...(short || grown <= MOST_GROWTH_MB ? [] : [`memory grew by ${grown.toFixed(0)} MB`]),
        ...(short ? [] : book.slower()),
      ],
    };
  } finally {
    await serving.close();
    await rm(home, { recursive: true, force: true });
  }
});

async function oneAnswer(serving: Serving): Promise<KeptAnswer> {
  const [file = ''] = photographs();
  const { timing, ...answer } = await serving.use({}, async (classifier) => classifier.classify(await readFile(file)));
  return answer;
}

function hashOf(i: number): string {
  return sha256Of(`picture ${i}`);
}

/** What was measured of each kind, in the order of time. */
function createTimes() {
  const times = new Map<string, number[]>();

  async function measure<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    const result = await work();
    times.set(what, [...(times.get(what) ?? []), performance.now() - begun]);
    return result;
  }

  const part = (all: readonly number[], from: number, to: number) =>
    median(all.slice(Math.floor(all.length * from), Math.max(1, Math.ceil(all.length * to))));
  const inWords = ([what, all]: [string, number[]]) =>
    all.length < 10
      ? `${what} ${(all[0] as number).toFixed(0)} ms`
      : `${what} ${part(all, 0, 0.1).toFixed(1)} ms at first, ${part(all, 0.9, 1).toFixed(1)} ms at last`;

  return {
    measure,
    toString: () => [...times].map(inWords).join(', '),
    /** What takes three times as long at the end as at the beginning, and long enough to matter. */
    slower: () =>
      [...times]
        .filter(([, all]) => all.length >= 10 && part(all, 0.9, 1) > Math.max(20, 3 * part(all, 0, 0.1)))
        .map((entry) => `slower and slower: ${inWords(entry)}`),
  };
}
type Times = ReturnType<typeof createTimes>;

async function submit({ store }: Jobs, count: number, book: Times): Promise<string> {
  const { id } = await store.create({ options: {}, expiresAt: Date.now() + 86_400_000 });
  for (let from = 0; from < count; from += ADDED_AT_ONCE) {
    const items = Array.from({ length: Math.min(ADDED_AT_ONCE, count - from) }, (_, i) => ({
      ...{ name: `album/${from + i}.jpg`, sha256: hashOf(from + i), bytes: 100_000 },
    }));
    await book.measure(`add ${ADDED_AT_ONCE}`, () => store.add(id, items));
    showProgress(from, count);
  }
  await book.measure('submit', () => store.submit(id));
  return id;
}

interface WorkOptions {
  readonly count: number;
  readonly serving: Serving;
  readonly answer: KeptAnswer;
  readonly book: Times;
}

async function workOff({ store, settings }: Jobs, job: string, { count, serving, answer, book }: WorkOptions) {
  const model = serving.active();
  const outcomeOf = ({ item, source, options }: TakenItem): Outcome => {
    const sha256 = 'sha256' in source ? source.sha256 : '';
    return { job, item, sha256, key: answerKey({ job, options, sha256, model }, settings), answer, thumbnailBytes: 0 };
  };
  let done = 0;
  async function lane(): Promise<void> {
    for (;;) {
      const items = await book.measure(`take ${TAKEN_AT_ONCE}`, () => store.take(TAKEN_AT_ONCE, 0));
      if (items.length === 0) return;
      await book.measure(`record ${TAKEN_AT_ONCE}`, () => store.record(items.map(outcomeOf)));
      done += items.length;
      showProgress(done, count);
    }
  }
  // Records wait for each other, to be written together.
  await Promise.all([lane(), lane(), lane(), lane()]);
}

async function readThrough({ store }: Jobs, job: string, count: number, book: Times): Promise<void> {
  for (let from = 0; from < count; from += count / 20) {
    await book.measure('read 100', () => store.items(job, { from, limit: 100 }));
    await book.measure('outcomes 100', () => store.outcomes(job, from, 100));
    await book.measure('load', () => store.load());
  }
}

async function untilEnded({ store }: Jobs, job: string, count: number): Promise<number> {
  for (;;) {
    const { counts, state } = await store.get(job);
    if (isEnded({ state })) return counts.answered;
    showProgress(counts.answered, count);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
