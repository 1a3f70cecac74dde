/** Two workers on one Redis are nearly twice as fast as one, and one that joins in the middle does nothing again. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFolderPictures } from '#kaiyan/jobs/pictures/folder.js';
import type { PictureStore } from '#kaiyan/jobs/pictures/store.js';
import { openRedisStore } from '#kaiyan/jobs/redis/store.js';
import type { JobStore } from '#kaiyan/jobs/store.js';
import { command } from '../tests/support/paths.js';
import { startRedisIn } from '../tests/support/redis.js';
import { withoutCommand } from '../tests/support/requirements.js';
import { jobPictures } from './support/job-client.js';
import { prove } from './support/proof.js';
import { type ServiceProcess, startService } from './support/service-process.js';

const LEAST_TIMES = 1.8;

const missing = withoutCommand('redis-server') || withoutCommand('taskset');
await prove('jobs-workers', os.availableParallelism() < 2 ? 'needs two cores' : missing, async ({ short }) => {
  const count = short ? 100 : 1500;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-workers-'));
  const redis = await startRedisIn(folder);
  const place: Place = { url: redis.url, folder: path.join(folder, 'pictures') };
  const store = await openRedisStore({ url: redis.url });
  const books: Books = { store, pictures: createFolderPictures({ folder: place.folder }) };
  const violations: string[] = [];
  const workers: ServiceProcess[] = [];
  try {
    workers.push(await startWorker(place, 0));
    const alone = await rateOf(books, count);
    const joined = await submit(books, count);
    await untilAnswered(store, joined, count / 3);
    workers.push(await startWorker(place, 1));
    await untilAnswered(store, joined, count);
    const together = await rateOf(books, count * 2);
    const done = await Promise.all(workers.map(answeredBy));
    const all = done.reduce((sum, answered) => sum + answered, 0);
    const times = together / alone;
    if (all !== count * 4) violations.push(`${all} pictures were worked on, of ${count * 4}`);
    if (!short && times < LEAST_TIMES) violations.push(`only ${times.toFixed(2)} times as fast`);
    return {
      figures: `one worker ${alone.toFixed(0)} pictures a second, two ${together.toFixed(0)}, each on a core of its own: ${times.toFixed(2)} times (bound ${LEAST_TIMES}); ${count * 4} pictures, of which the second worker, that joined in the middle, did ${done[1]}: none was worked on twice`,
      violations,
    };
  } finally {
    for (const worker of workers) violations.push(...(await worker.end()));
    await store.close();
    await redis.kill();
    await rm(folder, { recursive: true, force: true });
  }
});

interface Place {
  readonly url: string;
  readonly folder: string;
}

interface Books {
  readonly store: JobStore;
  readonly pictures: PictureStore;
}

function startWorker({ url, folder }: Place, core: number): Promise<ServiceProcess> {
  return startService(
    ['--queue', url, '--job-pictures', folder, '--workers', '1', '--threads', '1', '--no-reuse-answers'],
    ['taskset', '-c', String(core), command, 'worker'],
  );
}

async function submit({ store, pictures }: Books, count: number): Promise<string> {
  const { id } = await store.create({ options: {}, expiresAt: Date.now() + 3_600_000 });
  for (const { name, bytes } of jobPictures(count)) {
    const draft = pictures.receive(id);
    await draft.write(bytes);
    await store.add(id, [{ name, ...(await draft.finish()) }]);
  }
  await store.submit(id);
  return id;
}

/** Pictures a second, from the first tenth of a job on until little is left. */
async function rateOf(books: Books, count: number): Promise<number> {
  const id = await submit(books, count);
  const first = await untilAnswered(books.store, id, count * 0.1);
  const last = await untilAnswered(books.store, id, count * 0.9);
  await untilAnswered(books.store, id, count);
  return (last.answered - first.answered) / ((last.at - first.at) / 1000);
}

async function untilAnswered(store: JobStore, id: string, least: number) {
  for (;;) {
    const { counts } = await store.get(id);
    if (counts.failed > 0) throw new Error(`${counts.failed} pictures failed`);
    if (counts.answered >= least) return { answered: counts.answered, at: performance.now() };
    await sleep(20);
  }
}

/** Counted by the worker itself for each picture that it is done with, also one that another has recorded. */
async function answeredBy({ address }: ServiceProcess): Promise<number> {
  const numbers = await (await fetch(`${address}/metrics`)).text();
  return Number(/^kaiyan_job_outcomes_total\{code="ok"\} (\d+)$/m.exec(numbers)?.[1] ?? 0);
}
