/** A service, and the Redis that it shares, are killed again and again in the middle of jobs: each job ends, with one result for every picture. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisServer, startRedisIn } from '../tests/support/redis.js';
import { withoutCommand } from '../tests/support/requirements.js';
import {
  checkItems,
  hasEnded,
  type ItemView,
  itemsOf,
  type JobPicture,
  jobOf,
  jobPictures,
  submitJob,
  untilJobEnds,
} from './support/job-client.js';
import { type ProofResult, prove, showProgress } from './support/proof.js';
import { createRandom, type Random } from './support/random.js';
import { type ServiceProcess, startService, withoutProc } from './support/service-process.js';

const PICTURES = 500;
/** From the moment on at which the service answers. */
const MOST_MS = 500;

await prove('jobs-kill', withoutProc(), async ({ short, seed }) => {
  const pictures = jobPictures(short ? 100 : PICTURES, 10);
  const scene = { pictures, random: createRandom(seed), kills: short ? 5 : 50 };
  const results = [await killInScene({ ...scene, redis: undefined })];
  if (!withoutCommand('redis-server')) results.push(await withRedis((redis) => killInScene({ ...scene, redis })));
  return {
    figures: results.map(({ figures }) => figures).join('; '),
    violations: results.flatMap(({ violations }) => violations),
  };
});

interface Scene {
  readonly pictures: readonly JobPicture[];
  readonly random: Random;
  readonly kills: number;
  readonly redis: RedisServer | undefined;
}

async function withRedis(work: (redis: RedisServer) => Promise<ProofResult>): Promise<ProofResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-kills-redis-'));
  const redis = await startRedisIn(folder);
  try {
    return await work(redis);
  } finally {
    await redis.kill();
    await rm(folder, { recursive: true });
  }
}

/** Outcomes by job and position, as they were first seen. */
type Seen = Map<string, Map<number, string>>;

async function killInScene({ pictures, random, kills, redis }: Scene): Promise<ProofResult> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-kills-'));
  const start = () => startService(['--home', home, '--no-reuse-answers', ...(redis ? ['--queue', redis.url] : [])]);
  const seen: Seen = new Map();
  const killed = { service: 0, redis: 0 };
  const violations: string[] = [];
  try {
    let service = await start();
    while (killed.service + killed.redis < kills) {
      if (!(await isAtWork(service, seen))) seen.set((await submitJob(service.address, pictures)).id, new Map());
      await sleep(random.below(MOST_MS));
      violations.push(...(await compareAll(service, seen)));
      if (redis && random.chance(0.3)) {
        await redis.kill();
        await sleep(random.below(MOST_MS));
        await redis.start();
        await untilReached(service, seen);
        killed.redis += 1;
      } else {
        service.signal('SIGKILL');
        await service.end();
        service = await start();
        killed.service += 1;
      }
      showProgress(killed.service + killed.redis, kills);
    }
    const codes = await untilAllEnd(service, seen, pictures.length, violations);
    violations.push(...(await service.end()));
    const what = redis
      ? `${killed.service} kills of a service and ${killed.redis} of its Redis`
      : `${kills} kills of a service`;
    return {
      figures: `${what} in ${seen.size} jobs of ${pictures.length} pictures, each with one result (${codes})`,
      violations,
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function isAtWork({ address }: ServiceProcess, seen: Seen): Promise<boolean> {
  const last = [...seen.keys()].at(-1);
  return last !== undefined && !hasEnded(await jobOf(address, last));
}

/** A client asks again while the books cannot be reached. */
async function untilReached({ address }: ServiceProcess, seen: Seen): Promise<void> {
  const [id = ''] = seen.keys();
  for (let tries = 0; tries < 100; tries++) {
    if (await jobOf(address, id).catch(() => undefined)) return;
    await sleep(100);
  }
}

async function compareAll({ address }: ServiceProcess, seen: Seen): Promise<string[]> {
  const violations: string[] = [];
  for (const [id, outcomes] of seen) violations.push(...compare(outcomes, await itemsOf(address, id)));
  return violations;
}

/** What was recorded is never changed. */
function compare(seen: Map<number, string>, items: readonly ItemView[]): string[] {
  const violations: string[] = [];
  const recorded = items.filter(({ sequence }) => sequence > 0);
  for (const { item, name, state, sequence, result, code } of recorded) {
    const now = JSON.stringify([state, sequence, result, code]);
    if (seen.has(item) && seen.get(item) !== now) violations.push(`the outcome of ${name} was changed`);
    seen.set(item, now);
  }
  return recorded.length < seen.size ? [...violations, 'an outcome was lost'] : violations;
}

/** How many failed, in words. */
async function untilAllEnd(
  { address }: ServiceProcess,
  seen: Seen,
  total: number,
  violations: string[],
): Promise<string> {
  const codes = new Map<string, number>();
  for (const [id, outcomes] of seen) {
    await untilJobEnds(address, id);
    const items = await itemsOf(address, id);
    violations.push(...checkItems(items, total), ...compare(outcomes, items));
    for (const { code } of items) if (code) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return codes.size === 0 ? 'none failed' : [...codes].map(([code, times]) => `${times} with ${code}`).join(', ');
}
