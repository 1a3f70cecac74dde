import type { TestContext } from 'node:test';
import { openRedisStore, type RedisStoreOptions } from '#kaiyan/jobs/redis/store.js';
import type { JobStore } from '#kaiyan/jobs/store.js';
import { takeAndCrash } from '../../support/job-stores.js';
import { startRedis } from '../../support/redis.js';
import { withoutCommand } from '../../support/requirements.js';
import { describeJobStore } from '../../unit/jobs/store-contract.js';

const how = { module: 'jobs/redis/store.js', name: 'openRedisStore' };

/** Short enough for tests, and long enough for a busy machine. */
const LOCK_MS = 2_000;

async function opener(t: TestContext, settings: Partial<RedisStoreOptions> = {}) {
  const stores: JobStore[] = [];
  // Before Redis is ended, which is the next thing that happens after the test.
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const redis = await startRedis(t);
  const options = { url: redis.url, lockMs: LOCK_MS, ...settings };
  const open = async () => {
    const store = await openRedisStore(options);
    stores.push(store);
    return store;
  };
  return { redis, open, options };
}

if (!withoutCommand('redis-server')) {
  describeJobStore('in Redis', async (t) => {
    const { open, options } = await opener(t);
    return {
      store: await open(),
      another: open,
      crashWith: (limit) => takeAndCrash({ ...how, argument: options }, limit),
    };
  });
}
