/** Workers and Redis are killed at random moments of jobs: every picture has exactly one result. And what results take of Redis's memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import { sha256Of } from '#kaiyan/hashes.js';
import { type Item, isEnded } from '#kaiyan/jobs/job.js';
import { openRedisStore } from '#kaiyan/jobs/redis/store.js';
import type { JobStore } from '#kaiyan/jobs/store.js';
import { examples } from '../tests/support/paths.js';
import { type RedisServer, startRedisIn } from '../tests/support/redis.js';
import { withoutCommand } from '../tests/support/requirements.js';
import { type ProofResult, prove, showProgress } from './support/proof.js';
import { createRandom, type Random } from './support/random.js';
import type { WorkerReport } from './support/redis-worker.js';

const PICTURES = 500;
const WORKERS = 2;
/** Short, so that what a killed process had in hand is soon taken again. */
const LOCK_MS = 2_000;
/** A worker has begun by then, in most cases. */
const SOONEST_MS = 300;
const LATEST_MS = 1_500;
const MOST_SECONDS = 120;

await prove('jobs-redis', withoutCommand('redis-server'), async ({ short, seed }) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-redis-'));
  const redis = await startRedisIn(folder);
  const store = await openRedisStore({ url: redis.url, lockMs: LOCK_MS, patienceMs: 30_000 });
  try {
    const memory = await memoryOfResults(redis, store, short ? 2_000 : 20_000);
    const { figures, violations } = await killWhileTheyWork(
      { redis, store, random: createRandom(seed) },
      short ? 8 : 50,
    );
    return { figures: `${figures}; ${memory}`, violations };
  } finally {
    await store.close();
    await redis.kill();
    await rm(folder, { recursive: true });
  }
});

interface Scene {
  readonly redis: RedisServer;
  readonly store: JobStore;
  readonly random: Random;
}

interface Play extends Scene {
  readonly workers: ChildProcess[];
  /** How often each item was taken. */
  readonly taken: Map<number, number>;
  readonly killed: { workers: number; redis: number };
}

async function killWhileTheyWork(scene: Scene, kills: number): Promise<ProofResult> {
  const taken = new Map<number, number>();
  const workers = Array.from({ length: WORKERS }, () => startWorker(scene.redis, taken));
  const play: Play = { ...scene, workers, taken, killed: { workers: 0, redis: 0 } };
  const { killed } = play;
  const violations: string[] = [];
  let [jobs, twice] = [0, 0];
  try {
    for (; killed.workers + killed.redis < kills; jobs += 1) {
      taken.clear();
      const id = await submit(scene.store, jobs, PICTURES);
      violations.push(...(await killDuring(play, id, kills)), ...(await violationsOf(scene.store, id)));
      twice += [...taken.values()].filter((times) => times > 1).length;
    }
    violations.push(...(await leftoversIn(scene.redis)));
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
  }
  return {
    figures: `${killed.workers} kills of a worker and ${killed.redis} of Redis during ${jobs} jobs of ${PICTURES} pictures: each has one result; ${twice} were in hand more than once`,
    violations,
  };
}

/** Until the job has ended, or far too much time has passed. */
async function killDuring(play: Play, id: string, kills: number): Promise<string[]> {
  const { store, random, killed } = play;
  const violations: string[] = [];
  const end = performance.now() + MOST_SECONDS * 1000;
  let seen: readonly string[] = [];
  while (performance.now() < end && !isEnded(await store.get(id))) {
    await sleep(SOONEST_MS + random.below(LATEST_MS - SOONEST_MS));
    if (killed.workers + killed.redis < kills) await killOne(play);
    showProgress(killed.workers + killed.redis, kills);
    const now = (await store.outcomes(id, 0, PICTURES + 1)).map((outcome) => JSON.stringify(outcome));
    if (seen.some((outcome, i) => outcome !== now[i])) violations.push('a result was lost or changed');
    seen = now;
  }
  return violations;
}

function startWorker({ url }: RedisServer, taken: Map<number, number>): ChildProcess {
  const file = fileURLToPath(new URL('support/redis-worker.js', import.meta.url));
  const child = spawn(process.execPath, [file, url, String(LOCK_MS)], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    for (const item of (JSON.parse(line) as WorkerReport).taken) taken.set(item, (taken.get(item) ?? 0) + 1);
  });
  return child;
}

async function killOne({ random, redis, workers, taken, killed }: Play): Promise<void> {
  if (random.chance(0.4)) {
    await redis.kill();
    await redis.start();
    killed.redis += 1;
    return;
  }
  const which = random.below(WORKERS);
  const worker = workers[which] as ChildProcess;
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
  workers[which] = startWorker(redis, taken);
  killed.workers += 1;
}

async function submit(store: JobStore, round: number, count: number): Promise<string> {
  const { id } = await store.create({ options: {}, expiresAt: Date.now() + 86_400_000 });
  const nameOf = (i: number) => `${round}/${i}.jpg`;
  await store.add(
    id,
    Array.from({ length: count }, (_, i) => ({ name: nameOf(i), sha256: sha256Of(nameOf(i)), bytes: 1_000 })),
  );
  await store.submit(id);
  return id;
}

async function violationsOf(store: JobStore, id: string): Promise<string[]> {
  const { state, counts, recorded } = await store.get(id);
  const items = await store.items(id, { from: 0, limit: PICTURES + 1 });
  const outcomes = await store.outcomes(id, 0, PICTURES + 1);
  const wrong = ({ name, answer, error }: Item) => answer?.answer.label !== name && error?.code !== 'PICTURE_CRASHED';
  return [
    ...(state === 'completed' ? [] : [`the job is ${state} after ${MOST_SECONDS} s, with ${JSON.stringify(counts)}`]),
    ...(recorded === PICTURES ? [] : [`${recorded} results were recorded`]),
    ...(new Set(outcomes.map(({ item }) => item)).size === PICTURES ? [] : ['not every picture has its result']),
    ...(outcomes.every(({ sequence }, i) => sequence === i + 1) ? [] : ['the numbers of the results have gaps']),
    ...items.filter(wrong).map(({ name, state: its }) => `${name} is ${its}, with another one's result or none`),
  ];
}

/** Of pictures that were uploaded, with answers as they are, none of them known before. */
async function memoryOfResults(redis: RedisServer, store: JobStore, count: number): Promise<string> {
  const classifier = await createClassifier({ workers: 1, precision: 'int8' });
  const { timing, ...answer } = await classifier.classify(await readFile(path.join(examples, 'chelsea.png')));
  await classifier.close();
  const used = async () => Number(/used_memory:(\d+)/.exec(String(await redis.run('INFO', 'memory')))?.[1]) / 1e6;
  const before = await used();
  await submit(store, -1, count);
  for (let items = await store.take(64, 0); items.length > 0; items = await store.take(64, 0)) {
    await store.record(
      items.map(({ job, item, name }) => {
        const sha256 = sha256Of(name);
        return { job, item, sha256, key: `${sha256}:${sha256.slice(0, 32)}`, answer, thumbnailBytes: 0 };
      }),
    );
  }
  const each = ((await used()) - before) / count;
  const bytes = JSON.stringify(answer).length;
  return `${(each * 1_000).toFixed(2)} MB for 1,000 results of ${count}, with answers of ${bytes} bytes`;
}

/** Turns that nobody holds go back to the queue, and are of no use any more. */
async function leftoversIn(redis: RedisServer): Promise<string[]> {
  for (let i = 0; i < 200; i += 1) {
    const left = await Promise.all([
      redis.run('LLEN', '{kaiyan}:tickets:active'),
      redis.run('LLEN', '{kaiyan}:tickets:wait'),
      redis.run('ZCARD', '{kaiyan}:tickets:prioritized'),
    ]);
    if (left.every((count) => count === 0)) return [];
    await sleep(100);
  }
  return ['tickets of jobs that have ended stay in the queue'];
}
