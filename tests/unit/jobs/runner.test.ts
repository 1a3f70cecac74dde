import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { AppError, type ErrorCode } from '#kaiyan/errors.js';
import { sha256Of } from '#kaiyan/hashes.js';
import type { Answering } from '#kaiyan/jobs/answering.js';
import { isEnded } from '#kaiyan/jobs/job.js';
import { createFolderPictures } from '#kaiyan/jobs/pictures/folder.js';
import { startRunner } from '#kaiyan/jobs/runner.js';
import { openSqliteStore } from '#kaiyan/jobs/sqlite/store.js';
import type { JobStore } from '#kaiyan/jobs/store.js';
import { temporaryFolder } from '../../support/folders.js';
import { until } from '../../support/timing.js';

/** Books with one job, and a runner whose ways to them fail as the test says. */
async function runnerFor(
  t: TestContext,
  {
    answering,
    failing = () => ({}),
  }: { answering: Partial<Answering>; failing?: (store: JobStore) => Partial<JobStore> },
) {
  const folder = await temporaryFolder(t);
  const store = await openSqliteStore(path.join(folder, 'jobs.db'));
  const { id } = await store.create({ options: {}, expiresAt: Date.now() + 3_600_000 });
  await store.add(id, [{ name: 'a.jpg', sha256: sha256Of('a'), bytes: 1 }]);
  await store.submit(id);
  const failures: ErrorCode[] = [];
  const runner = startRunner({
    store: { ...store, ...failing(store) },
    pictures: createFolderPictures({ folder: path.join(folder, 'pictures') }),
    answering: {
      recall: async () => new Map(),
      answer: async ({ job, item }) => ({ job, item, error: { code: 'IMAGE_CORRUPT', error: 'why' } }),
      ...answering,
    },
    ...{ pacing: { most: () => 1 }, concurrency: 1, keepForMs: 0 },
    ...{ onOutcome: () => undefined, onFailure: ({ code }) => void failures.push(code) },
  });
  t.after(async () => {
    await runner.close();
    await store.close();
  });
  return { ended: () => until('the end of the job', async () => isEnded(await store.get(id)), 60_000), failures };
}

const away = () => Promise.reject(new AppError('QUEUE_UNAVAILABLE', { queue: 'books', reason: 'away' }));

test('pictures that were taken are worked on where known answers cannot be looked up', async (t) => {
  const { ended } = await runnerFor(t, { answering: { recall: away } });
  await ended();
});

test('a picture that could not be answered is given back once the books can be reached again', async (t) => {
  let [answers, returns] = [0, 0];
  const { ended, failures } = await runnerFor(t, {
    answering: {
      answer: async ({ job, item }) => {
        answers += 1;
        return answers <= 3 ? away() : { job, item, error: { code: 'IMAGE_CORRUPT', error: 'why' } };
      },
    },
    failing: (store) => ({
      giveBack: (items) => {
        returns += 1;
        return returns === 1 ? away() : store.giveBack(items);
      },
    }),
  });
  await ended();
  assert.deepEqual([returns, failures], [2, ['QUEUE_UNAVAILABLE']]);
});
