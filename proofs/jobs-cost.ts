/** What a picture of a job costs beside its classification: CPU time of the server, of a worker and of Redis; memory and disk. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import type { KeptAnswer } from '#kaiyan/jobs/job.js';
import { createFolderPictures } from '#kaiyan/jobs/pictures/folder.js';
import { command } from '../tests/support/paths.js';
import { startRedisIn } from '../tests/support/redis.js';
import { withoutCommand } from '../tests/support/requirements.js';
import {
  type BooksCost,
  costOfRedis,
  costWithWorkers,
  fileOfResults,
  paceOf,
  redisNumbers,
  syncTime,
} from './support/books-cost.js';
import { type JobPicture, jobPictures, submitJob, untilJobEnds } from './support/job-client.js';
import { prove } from './support/proof.js';
import { type ServiceProcess, startService, withoutProc } from './support/service-process.js';

/** Of a worker's CPU time, what is left for the pictures themselves. */
const LEAST_SHARE = 0.7;
const WARM = 40;
/** Processes on one Redis. */
const FEW = 8;
const MANY = 64;

await prove('jobs-cost', withoutProc() || withoutCommand('redis-server'), async ({ short }) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-cost-'));
  const pictures = jobPictures(short ? 100 : 1000);
  const results = short ? 1000 : 10_000;
  try {
    const { answer, ms: before } = await classification(pictures);
    const way = await wayOfPictures(folder, pictures);
    // Before and after, since what else the machine does changes how much a core gets done.
    const { ms: after } = await classification(pictures);
    const ms = (before + after) / 2;
    const overhead = await overheadOf(path.join(folder, 'kept'), pictures);
    const books = await costOfRedis(path.join(folder, 'redis'), answer, results);
    const sqlite = await fileOfResults(path.join(folder, 'books.db'), answer, results);
    const everysec = await paceOf(path.join(folder, 'everysec'), 'everysec', answer, results / 5);
    const always = await paceOf(path.join(folder, 'always'), 'always', answer, results / 5);
    const most = short ? FEW * 2 : MANY;
    const few = await costWithWorkers(path.join(folder, 'few'), answer, results / 5, FEW);
    const many = await costWithWorkers(path.join(folder, 'many'), answer, results / 5, most);
    const sync = await syncTime(path.join(folder, 'synced'));
    const share = ms / way.worker;
    return {
      figures: [
        `${pictures.length} pictures of ${(sizeOf(pictures) / pictures.length / 1000).toFixed(0)} kB, CPU time of each: classify alone ${ms.toFixed(2)} ms`,
        `a worker ${way.worker.toFixed(2)} ms, so a share of ${share.toFixed(2)} (bound ${LEAST_SHARE})`,
        `the server that receives it ${way.server.toFixed(2)} ms, Redis ${way.redis.toFixed(2)} ms, with ${way.network.toFixed(0)} bytes to it and back`,
        `a worker's start ${way.start.toFixed(1)} s`,
        `on disk ${overhead.toFixed(0)} bytes beside its own, thumbnail ${way.thumbnail.toFixed(0)} bytes`,
        `books of ${results} pictures, answers of ${JSON.stringify(answer).length} bytes: ${inWords(books)}; SQLite ${sqlite.toFixed(0)} bytes a result`,
        `Redis's CPU time to hand out and record a picture with ${FEW} workers ${few.toFixed(2)} ms, with ${most} ${many.toFixed(2)} ms`,
        `take and record, 8 at once: everysec ${everysec.toFixed(0)} pictures a second, always ${always.toFixed(0)}, on a disk that syncs in ${sync.toFixed(2)} ms`,
      ].join('; '),
      violations: short || share >= LEAST_SHARE ? [] : [`only ${share.toFixed(2)} of a worker's time is for pictures`],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function inWords({ waiting, kept, written, rewritten, loading }: BooksCost): string {
  return [
    `Redis's memory ${waiting.toFixed(0)} bytes for one that waits and ${kept.toFixed(0)} for a result`,
    `its file ${written.toFixed(0)} bytes for each, read in ${loading.toFixed(3)} ms of CPU time, and ${rewritten.toFixed(0)} once it is rewritten`,
  ].join(', ');
}

function sizeOf(pictures: readonly JobPicture[]): number {
  return pictures.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** CPU time of a picture in ms, in this process and without jobs. */
async function classification(pictures: readonly JobPicture[]): Promise<{ answer: KeptAnswer; ms: number }> {
  const classifier = await createClassifier({ workers: 1, threads: 1, precision: 'int8' });
  try {
    const [first] = pictures as [JobPicture];
    const { timing, ...answer } = await classifier.classify(first.bytes);
    for (const { bytes } of pictures.slice(0, WARM)) await classifier.classify(bytes);
    const before = process.cpuUsage();
    for (const { bytes } of pictures) await classifier.classify(bytes);
    const { user, system } = process.cpuUsage(before);
    return { answer, ms: (user + system) / 1000 / pictures.length };
  } finally {
    await classifier.close();
  }
}

/** From a server through the folder and Redis to a worker: for each picture ms of CPU time, and bytes. */
async function wayOfPictures(folder: string, pictures: readonly JobPicture[]) {
  const redis = await startRedisIn(folder);
  const place = path.join(folder, 'pictures');
  const shared = [
    '--queue',
    redis.url,
    '--job-pictures',
    place,
    '--no-reuse-answers',
    '--workers',
    '1',
    '--threads',
    '1',
  ];
  const services: ServiceProcess[] = [];
  const each = (after: number, before: number) => (after - before) / pictures.length;
  try {
    const server = await startService([...shared, '--no-run-jobs']);
    services.push(server);
    const worker = await startService(shared, [command, 'worker']);
    services.push(worker);
    const start = worker.cpuSeconds();
    const { id } = await submitJob(server.address, jobPictures(WARM), '?thumbnails=true');
    await untilJobEnds(server.address, id);
    const thumbnail = await meanSize(path.join(place, id, 'thumbnails'));

    const [numbers, received, worked] = [await redisNumbers(redis), server.cpuSeconds(), worker.cpuSeconds()];
    const job = await submitJob(server.address, pictures);
    const receivedThen = server.cpuSeconds();
    const { counts } = await untilJobEnds(server.address, job.id);
    const numbersThen = await redisNumbers(redis);
    if (counts.answered !== pictures.length) throw new Error(`${counts.answered} of ${pictures.length} were answered`);
    return {
      server: each(receivedThen, received) * 1000,
      worker: each(worker.cpuSeconds(), worked) * 1000,
      redis: each(numbersThen.cpuSeconds, numbers.cpuSeconds) * 1000,
      network: each(numbersThen.network, numbers.network),
      ...{ start, thumbnail },
    };
  } finally {
    for (const service of services) await service.end();
    await redis.kill();
  }
}

async function meanSize(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / names.length;
}

/** What the file system takes for each picture beyond its own bytes. */
async function overheadOf(folder: string, pictures: readonly JobPicture[]): Promise<number> {
  const store = createFolderPictures({ folder });
  const job = randomUUID();
  for (const { bytes } of pictures) {
    const draft = store.receive(job);
    await draft.write(bytes);
    await draft.finish();
  }
  const kept = path.join(folder, job);
  const files = [kept, ...(await readdir(kept)).map((name) => path.join(kept, name))];
  const blocks = await Promise.all(files.map(async (file) => (await stat(file)).blocks));
  const taken = blocks.reduce((sum, count) => sum + count * 512, 0);
  return (taken - sizeOf(pictures)) / pictures.length;
}
