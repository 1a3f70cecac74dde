/** What results cost in the books of jobs: memory, disk, and the time of Redis. */
import { mkdir, open, stat } from 'node:fs/promises';
import { sha256Of } from '#kaiyan/hashes.js';
import type { KeptAnswer } from '#kaiyan/jobs/job.js';
import { openRedisStore } from '#kaiyan/jobs/redis/store.js';
import { openSqliteStore } from '#kaiyan/jobs/sqlite/store.js';
import type { JobStore, Outcome, TakenItem } from '#kaiyan/jobs/store.js';
import { type RedisServer, startRedisIn } from '../../tests/support/redis.js';
import { until } from '../../tests/support/timing.js';
import { median } from './statistics.js';

/** Of one picture; bytes, and ms of CPU time. */
export interface BooksCost {
  /** Memory of one that waits. */
  readonly waiting: number;
  /** Memory of one that has its result. */
  readonly kept: number;
  /** The append-only file, all that was written to it. */
  readonly written: number;
  /** The append-only file, after it was rewritten. */
  readonly rewritten: number;
  /** Reading all that was written, when Redis starts. */
  readonly loading: number;
}

const ADDED_AT_ONCE = 500;
const TAKEN_AT_ONCE = 64;
const LANES = 8;
const WARM = 500;
const SYNCS = 100;

export async function costOfRedis(folder: string, answer: KeptAnswer, count: number): Promise<BooksCost> {
  // It is not to rewrite its file before it is asked to.
  const redis = await startIn(folder, { 'auto-aof-rewrite-percentage': '0' });
  const store = await openRedisStore({ url: redis.url });
  try {
    // What is there once, whatever it holds: scripts, and memory for what is said.
    await submit(store, WARM);
    await workOff(store, answer, TAKEN_AT_ONCE);
    const empty = await redisNumbers(redis);
    await submit(store, count);
    const full = await redisNumbers(redis);
    await workOff(store, answer, TAKEN_AT_ONCE);
    const done = await redisNumbers(redis);
    await store.close();
    await redis.run('SHUTDOWN').catch(() => undefined);
    await redis.kill();
    await redis.start();
    const { cpuSeconds } = await redisNumbers(redis);
    await redis.run('BGREWRITEAOF');
    await until('the file is rewritten', async () => (await redisNumbers(redis)).rewriting === 0, 60_000);
    const { file } = await redisNumbers(redis);
    return {
      waiting: (full.memory - empty.memory) / count,
      kept: (done.memory - empty.memory) / count,
      written: (done.file - empty.file) / count,
      rewritten: file / (count + WARM),
      loading: (cpuSeconds * 1000) / (count + WARM),
    };
  } finally {
    await redis.kill();
  }
}

/** Bytes of the file of the books for each result. */
export async function fileOfResults(file: string, answer: KeptAnswer, count: number): Promise<number> {
  const store = await openSqliteStore(file);
  await submit(store, count);
  await workOff(store, answer, TAKEN_AT_ONCE);
  await store.close();
  return (await stat(file)).size / count;
}

/** Pictures a second that are taken and recorded one by one, by some at the same time. */
export async function paceOf(folder: string, appendfsync: string, answer: KeptAnswer, count: number): Promise<number> {
  const redis = await startIn(folder, { appendfsync });
  const store = await openRedisStore({ url: redis.url });
  try {
    await submit(store, count / 4);
    await workOff(store, answer, TAKEN_AT_ONCE);
    await submit(store, count);
    const begun = performance.now();
    await Promise.all(Array.from({ length: LANES }, () => workOff(store, answer, 1)));
    return count / ((performance.now() - begun) / 1000);
  } finally {
    await store.close();
    await redis.kill();
  }
}

/** How long the disk takes to sync what was appended to a file, in ms. */
export async function syncTime(file: string): Promise<number> {
  const handle = await open(file, 'w');
  const times: number[] = [];
  for (let i = 0; i < SYNCS; i += 1) {
    await handle.write(Buffer.alloc(4096, i));
    const begun = performance.now();
    await handle.datasync();
    times.push(performance.now() - begun);
  }
  await handle.close();
  return median(times);
}

/** Redis's CPU time to hand out a picture and record its result, in ms, with so many who work. */
export async function costWithWorkers(
  folder: string,
  answer: KeptAnswer,
  count: number,
  workers: number,
): Promise<number> {
  const redis = await startIn(folder, {});
  const stores = await Promise.all(Array.from({ length: workers }, () => openRedisStore({ url: redis.url })));
  const [store] = stores as [JobStore];
  try {
    await submit(store, count);
    const before = await redisNumbers(redis);
    await Promise.all(stores.map((one) => workOff(one, answer, 1)));
    return (((await redisNumbers(redis)).cpuSeconds - before.cpuSeconds) * 1000) / count;
  } finally {
    await Promise.all(stores.map((one) => one.close()));
    await redis.kill();
  }
}

export async function redisNumbers(redis: RedisServer) {
  const info = String(await redis.run('INFO', 'everything'));
  const number = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return {
    cpuSeconds: number('used_cpu_user') + number('used_cpu_sys'),
    network: number('total_net_input_bytes') + number('total_net_output_bytes'),
    memory: number('used_memory'),
    file: number('aof_current_size'),
    rewriting: number('aof_rewrite_in_progress') + number('aof_rewrite_scheduled'),
  };
}

async function startIn(folder: string, settings: Readonly<Record<string, string>>): Promise<RedisServer> {
  await mkdir(folder);
  return startRedisIn(folder, settings);
}

async function submit(store: JobStore, count: number): Promise<void> {
  const { id } = await store.create({ options: {}, expiresAt: Date.now() + 86_400_000 });
  for (let from = 0; from < count; from += ADDED_AT_ONCE) {
    const names = Array.from({ length: Math.min(ADDED_AT_ONCE, count - from) }, (_, i) => `${count}/${from + i}.jpg`);
    await store.add(
      id,
      names.map((name) => ({ name, sha256: sha256Of(name), bytes: 100_000 })),
    );
  }
  await store.submit(id);
}

async function workOff(store: JobStore, answer: KeptAnswer, atOnce: number): Promise<void> {
  const outcomeOf = ({ job, item, name }: TakenItem): Outcome => {
    const sha256 = sha256Of(name);
    return { job, item, sha256, key: `${sha256}:${sha256.slice(0, 32)}`, answer, thumbnailBytes: 0 };
  };
  for (let items = await store.take(atOnce, 0); items.length > 0; items = await store.take(atOnce, 0)) {
    await store.record(items.map(outcomeOf));
  }
}
