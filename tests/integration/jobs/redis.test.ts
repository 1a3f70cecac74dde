import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { sha256Of } from '#kaiyan/hashes.js';
import type { NewItem } from '#kaiyan/jobs/job.js';
import { openRedisStore, type RedisStoreOptions } from '#kaiyan/jobs/redis/store.js';
import type { JobStore, Outcome, TakenItem } from '#kaiyan/jobs/store.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { takeAndCrash } from '../../support/job-stores.js';
import { example, jobsFor, submit, untilEnded } from '../../support/jobs.js';
import { freePort, startRedis } from '../../support/redis.js';
import { withoutCommand } from '../../support/requirements.js';
import { until } from '../../support/timing.js';
import { describeJobStore } from '../../unit/jobs/store-contract.js';

const skip = withoutCommand('redis-server');

/** Short enough for tests, and long enough for a busy machine. */
const LOCK_MS = 3_000;

async function opener(t: TestContext, options: Partial<RedisStoreOptions> = {}, settings: Record<string, string> = {}) {
  const redis = await startRedis(t, settings);
  const opening = { url: redis.url, lockMs: LOCK_MS, ...options };
  const open = async (further: Partial<RedisStoreOptions> = {}) => {
    const store = await openRedisStore({ ...opening, ...further });
    redis.after(() => store.close());
    return store;
  };
  return { redis, open, opening };
}

const items = (count: number): NewItem[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}.jpg`, sha256: sha256Of(String(i)), bytes: 100 }));

async function submitted(store: JobStore, sent: readonly NewItem[], webhook?: string): Promise<string> {
  const { id } = await store.create({ options: { webhook }, expiresAt: Date.now() + 86_400_000 });
  await store.add(id, sent);
  await store.submit(id);
  return id;
}

const failed = ({ job, item, name }: TakenItem): Outcome => ({
  ...{ job, item },
  error: { code: 'IMAGE_CORRUPT', error: name },
});

const answered = ({ job, item, name, source }: TakenItem, key: string): Outcome => ({
  ...{ job, item, key, thumbnailBytes: 0, sha256: 'sha256' in source ? source.sha256 : '' },
  answer: {
    model: { name: 'none', version: '1', precision: 'int8', digest: '0' },
    answer: { level: 'class', label: name, wnid: null, group: null, probability: 1 },
    ...{ predictions: [], categories: [], flags: [] },
  },
});

/** Works until the job has ended; how often each item was taken. */
async function finish(store: JobStore, id: string, ms = 60_000): Promise<number[]> {
  const times: number[] = [];
  const isOver = async () => {
    const taken = await store.take(16, 0);
    for (const { item } of taken) times[item] = (times[item] ?? 0) + 1;
    await store.record(taken.map(failed));
    return (await store.get(id)).endedAt !== undefined;
  };
  await until('the end of the job', isOver, ms);
  return times;
}

if (!skip) {
  describeJobStore('in Redis', async (t) => {
    const { open, opening } = await opener(t);
    const how = { module: 'jobs/redis/store.js', name: 'openRedisStore', argument: opening };
    return { store: await open(), another: open, crashWith: (limit) => takeAndCrash(how, limit) };
  });
}

describe('a Redis', { skip }, () => {
  test('that is not there is named with the reason, without its password', async () => {
    const port = await freePort();
    const opening = openRedisStore({ url: `redis://someone:geheim@127.0.0.1:${port}/3`, patienceMs: 1_000 });
    await assert.rejects(opening, (error: Error) => {
      assert.ok(appError('QUEUE_UNAVAILABLE', `redis://127.0.0.1:${port}/3`, 'ECONNREFUSED')(error));
      assert.doesNotMatch(inspect(error, { depth: 9 }), /geheim|someone/);
      return true;
    });
  });

  test('has an address that begins with redis:// or rediss://', async () => {
    for (const url of ['localhost:6379', 'http://:geheim@localhost', 'geheim', '/tmp/redis.sock']) {
      await assert.rejects(openRedisStore({ url }), (error: Error) => {
        assert.doesNotMatch(error.message, /geheim/);
        return appError('QUEUE_UNAVAILABLE', 'redis://HOST:PORT')(error);
      });
    }
  });

  test('that wants another password says so at once', async (t) => {
    const redis = await startRedis(t, { requirepass: 'right' });
    const start = performance.now();
    const opening = openRedisStore({ url: redis.url.replace('//', '//:geheim@'), patienceMs: 60_000 });
    await assert.rejects(opening, (error: Error) => {
      assert.doesNotMatch(inspect(error, { depth: 9 }), /geheim/);
      return appError('QUEUE_UNAVAILABLE', 'WRONGPASS')(error);
    });
    assert.ok(performance.now() - start < 30_000);
    const store = await openRedisStore({ url: redis.url.replace('//', '//:right@') });
    assert.equal((await store.load()).waiting, 0);
    await store.close();
  });

  test('that may lose jobs is reported, and one that keeps them is not', async (t) => {
    const notices: string[] = [];
    const onNotice = (notice: string) => void notices.push(notice);
    const { open } = await opener(t, { onNotice }, { appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' });
    await open();
    assert.equal(notices.length, 2);
    assert.match(notices.join(), /noeviction.*appendonly/s);
    notices.length = 0;
    await (await opener(t, { onNotice })).open();
    assert.deepEqual(notices, []);
  });

  test('with books of another layout is refused, and they are left as they are', async (t) => {
    const { open, redis } = await opener(t);
    const first = await open();
    const id = await submitted(first, items(1));
    await (await open()).close();
    await redis.run('SET', '{kaiyan}:layout', '2');
    await assert.rejects(open(), appError('QUEUE_UNAVAILABLE', 'layout 2'));
    assert.equal(await redis.run('GET', '{kaiyan}:layout'), '2');
    assert.equal((await first.get(id)).state, 'pending');
  });

  test('that goes away for a while is waited for, and everything goes on', async (t) => {
    const { open, redis } = await opener(t, { patienceMs: 30_000, lockMs: 30_000 });
    const store = await open();
    const id = await submitted(store, items(40));
    const taken = await store.take(8, 0);
    await redis.kill();
    const recorded = store.record(taken.map(failed));
    const told = store.get(id);
    await sleep(500);
    await redis.start();
    await recorded;
    assert.equal((await told).counts.total, 40);
    const times = await finish(store, id);
    assert.deepEqual([(await store.get(id)).recorded, Math.max(...times.slice(8))], [40, 1]);
    const heard = new Set<string>();
    store.watch(({ job }) => heard.add(job));
    const next = await submitted(store, items(1));
    await until('a notice', () => heard.has(next));
  });

  test('that stays away is an error in time, and a store can be closed without it', async (t) => {
    const { open, redis } = await opener(t, { patienceMs: 500 });
    const store = await open();
    await submitted(store, items(4));
    await store.take(2, 0);
    await redis.kill();
    const away = appError('QUEUE_UNAVAILABLE', redis.url);
    await assert.rejects(store.take(1, 2), away);
    await assert.rejects(store.load(), away);
    await assert.rejects(store.create({ options: {}, expiresAt: 0 }), away);
    const start = performance.now();
    await store.close();
    assert.ok(performance.now() - start < 15_000);
  });

  test('that does not answer is an error in time, and goes on when it does again', async (t) => {
    const { open, redis } = await opener(t, { patienceMs: 1_000 });
    const store = await open();
    const id = await submitted(store, items(2));
    redis.signal('SIGSTOP');
    await assert.rejects(store.get(id), appError('QUEUE_UNAVAILABLE', redis.url));
    redis.signal('SIGCONT');
    await until(
      'an answer',
      () =>
        store.get(id).then(
          () => true,
          () => false,
        ),
      30_000,
    );
    await finish(store, id);
  });

  test('takes names that are no text', async (t) => {
    const { open } = await opener(t);
    const store = await open();
    const names = ['\ud800', '\u0000', '', '\\"\'\n 9', '[1]'];
    const id = await submitted(
      store,
      names.map((name, i) => ({ name, path: `/${i}/\udfff` })),
    );
    const taken = await store.take(9, 0);
    await store.record(taken.map((item) => answered({ ...item, name: '' }, 'key')));
    const found = await store.outcomes(id, 0, 9);
    assert.deepEqual(
      found.map(({ name }) => name),
      names,
    );
    assert.deepEqual([(await store.get(id)).state, taken[0]?.source], ['completed', { path: '/0/\udfff' }]);
  });

  test('keeps nothing of a job that was deleted but answers that others may use', async (t) => {
    const { open, redis } = await opener(t);
    const store = await open();
    const sent = [...items(5), { name: 'same', sha256: sha256Of('1'), bytes: 100 }];
    const id = await submitted(store, sent, 'https://example.org/hook');
    const [first, second, third] = (await store.take(3, 0)) as [TakenItem, TakenItem, TakenItem];
    const own = answered(first, `${id}:own`);
    await store.record([own, answered(second, 'others:too'), failed(third)]);
    assert.equal((await store.answers([`${id}:own`, 'others:too'])).size, 2);
    await store.cancel(id);
    await store.delete(id);
    await until('its turns are gone', async () => (await store.take(1, 0)).length === 0);
    const keys = ((await redis.run('KEYS', '*')) as string[]).filter((key) => !key.startsWith('{kaiyan}:tickets:'));
    assert.deepEqual(keys.sort(), [
      '{kaiyan}:answer:others:too',
      '{kaiyan}:bytes',
      '{kaiyan}:layout',
      '{kaiyan}:number',
      '{kaiyan}:waiting',
    ]);
    const queued = ((await redis.run('KEYS', `*${id}*`)) as string[]).length;
    assert.deepEqual([queued, (await store.load()).bytes, (await store.answers([`${id}:own`])).size], [0, 0, 0]);
  });

  test('keeps the answers of a job for as long as the job is kept by a retry', async (t) => {
    const { open } = await opener(t);
    const store = await open();
    const { id } = await store.create({ options: {}, expiresAt: Date.now() + 5_000 });
    await store.add(id, items(2));
    await store.submit(id);
    const [first, second] = (await store.take(2, 0)) as [TakenItem, TakenItem];
    await store.record([answered(first, 'a:key'), failed(second)]);
    const { expiresAt } = await store.get(id);
    await sleep(1_000);
    assert.ok((await store.retry(id)).expiresAt > expiresAt);
    await sleep(Math.max(0, expiresAt - Date.now() + 100));
    assert.equal((await store.answers(['a:key'])).size, 1);
  });

  test('has two installations that know nothing of each other', async (t) => {
    const { open } = await opener(t);
    const [one, other] = [await open({ prefix: 'one' }), await open({ prefix: 'other' })];
    const id = await submitted(one, items(2));
    assert.deepEqual([await other.take(4, 0), [...(await other.known([id]))]], [[], []]);
    assert.equal((await one.take(4, 0)).length, 2);
  });
});

describe('services on one Redis', { skip }, () => {
  test('share the pictures of a job, and each is answered once', async (t) => {
    const redis = await startRedis(t);
    const settings = { queue: redis.url, jobPictures: await temporaryFolder(t) };
    const [one, other] = [await jobsFor(redis, settings), await jobsFor(redis, settings)];
    await other.jobs.start();
    const [cat, alps] = [await example('chelsea.png'), await example('alps.jpg')];
    const broken = alps.subarray(0, 5000);
    const id = await submit(one.jobs, { 'cat.png': cat, 'alps.jpg': alps, 'broken.jpg': broken, 'again.png': cat });
    const job = await untilEnded(one.jobs, id);
    assert.deepEqual([job.state, job.counts.answered, job.counts.failed], ['completed', 3, 1]);
    const items = await other.jobs.store.items(id, { from: 0, limit: 10 });
    const { timing, ...direct } = await one.serving.use({}, (classifier) => classifier.classify(alps));
    assert.deepEqual([items[1]?.answer, items[2]?.error?.code], [direct, 'IMAGE_CORRUPT']);
    const sum = (code: 'ok' | 'IMAGE_CORRUPT') =>
      [one, other].reduce((total, { jobs }) => total + (jobs.outcomes().get(code) ?? 0), 0);
    assert.deepEqual([sum('ok'), sum('IMAGE_CORRUPT')], [2, 1]);
    assert.deepEqual([...one.failures, ...other.failures], []);
  });
});

describe('a process that works on jobs in Redis', { skip }, () => {
  test('keeps what it has in hand for as long as it lives', async (t) => {
    const { open } = await opener(t);
    const [one, other] = [await open(), await open()];
    const id = await submitted(one, items(4));
    const taken = await one.take(4, 0);
    await sleep(LOCK_MS * 3);
    assert.deepEqual(await other.take(4, 0), []);
    await one.record(taken.map(failed));
    assert.equal((await one.get(id)).recorded, 4);
  });

  test('and was stopped for too long has its items worked on by another one, and none is recorded twice', async (t) => {
    const { open, redis } = await opener(t);
    const [slow, other] = [await open(), await open()];
    const id = await submitted(slow, items(2));
    const taken = await slow.take(2, 0);
    await redis.run('DEL', `{kaiyan}:tickets:${id}-1:lock`);
    let again: TakenItem[] = [];
    const isTaken = async () => {
      again = await other.take(2, 0);
      return again.length > 0;
    };
    await until('they are taken again', isTaken, 60_000);
    assert.deepEqual([again.length, again.some(({ alone }) => alone)], [2, false]);
    await Promise.all([slow.record(taken.map(failed)), other.record(again.map(failed))]);
    const { recorded, counts } = await slow.get(id);
    assert.deepEqual([recorded, counts.failed], [2, 2]);
  });

  test('and ended before it had queued the next turn is made good for', async (t) => {
    const { open, redis } = await opener(t);
    const store = await open();
    const id = await submitted(store, items(10));
    await redis.run('DEL', '{kaiyan}:tickets:prioritized', `{kaiyan}:tickets:${id}-1`);
    await finish(store, id);
  });
});
