import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { sha256Of } from '#kaiyan/hashes.js';
import type { Jobs } from '#kaiyan/jobs/jobs.js';
import { startTidying } from '#kaiyan/jobs/tidying.js';
import { appError, rejectsWith } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { example, jobsFor, submit, untilEnded } from '../../support/jobs.js';
import { examples } from '../../support/paths.js';
import { startReceiver } from '../../support/receiver.js';
import { until } from '../../support/timing.js';

const itemsOf = ({ store }: Jobs, id: string) => store.items(id, { from: 0, limit: 100 });
const leftOf = async (jobs: Jobs, home: string) =>
  (await jobs.pictures.jobs()).length === 0 ? [] : readdir(path.join(home, 'jobs', 'pictures'), { recursive: true });

describe('a job', () => {
  test('has for each picture the answer that the service gives, or the error, and keeps only what failed', async (t) => {
    const home = await temporaryFolder(t);
    const { jobs, serving } = await jobsFor(t, { home });
    const [cat, broken] = [await example('chelsea.png'), (await example('alps.jpg')).subarray(0, 5000)];
    const id = await submit(jobs, {
      'cat.png': cat,
      'again.png': cat,
      'broken.jpg': broken,
      'text.txt': Buffer.from('text'),
    });
    const job = await untilEnded(jobs, id);
    assert.deepEqual([job.state, job.counts], ['completed', { total: 4, answered: 2, failed: 2, canceled: 0 }]);
    const { timing, ...direct } = await serving.use({}, (classifier) => classifier.classify(cat));
    const items = await itemsOf(jobs, id);
    assert.deepEqual(items[0]?.answer, direct);
    assert.deepEqual(items[1]?.answer, direct);
    assert.deepEqual([items[2]?.error?.code, items[3]?.error?.code], ['IMAGE_CORRUPT', 'IMAGE_UNSUPPORTED']);
    assert.deepEqual(Object.fromEntries(jobs.outcomes()), { IMAGE_CORRUPT: 1, IMAGE_UNSUPPORTED: 1, ok: 1 });
    await until(
      'what was answered is gone',
      async () => (await readdir(path.join(home, 'jobs/pictures', id))).length === 2,
    );
    assert.equal((await jobs.store.load()).bytes, broken.length + 4);
    await jobs.remove(id);
    assert.deepEqual(await leftOf(jobs, home), []);
  });

  test('is answered as it asks for', async (t) => {
    const { jobs } = await jobsFor(t);
    const id = await submit(
      jobs,
      { 'cat.png': await example('chelsea.png') },
      { top: 2, lang: 'zh', precision: 'fp32' },
    );
    await untilEnded(jobs, id);
    const [item] = await itemsOf(jobs, id);
    assert.deepEqual([item?.answer?.predictions.length, item?.answer?.model.precision], [2, 'fp32']);
    assert.match(String(item?.answer?.predictions[0]?.label), /\p{Script=Han}/u);
  });

  test('of a model that is not there fails, and looks for it again when it is retried', async (t) => {
    const { jobs } = await jobsFor(t);
    const id = await submit(jobs, { 'cat.png': await example('chelsea.png') }, { model: 'resnet18' });
    assert.equal((await untilEnded(jobs, id)).state, 'failed');
    const [item] = await itemsOf(jobs, id);
    assert.equal(item?.error?.code, 'MODEL_NOT_FOUND');
    assert.equal((await jobs.store.retry(id)).state, 'in_progress');
    const { state, recorded } = await untilEnded(jobs, id);
    assert.deepEqual([state, recorded], ['failed', 2]);
  });

  test('takes over what another one found for the same picture, unless that is switched off', async (t) => {
    const cat = await example('chelsea.png');
    for (const reuseAnswers of [true, false]) {
      const { jobs, serving } = await jobsFor(t, { reuseAnswers });
      const first = await submit(jobs, { 'a.png': cat });
      await untilEnded(jobs, first);
      const before = serving.loaded()[0]?.requests ?? 0;
      const second = await submit(jobs, { 'b.png': cat });
      await untilEnded(jobs, second);
      const [a, b] = [(await itemsOf(jobs, first))[0], (await itemsOf(jobs, second))[0]];
      assert.deepEqual(b?.answer, a?.answer);
      // Looking at the model without asking it counts as one use too.
      assert.equal((serving.loaded()[0]?.requests ?? 0) - before, reuseAnswers ? 1 : 2);
    }
  });

  test('names nothing below its own threshold, though another job had the same picture', async (t) => {
    const cat = await example('chelsea.png');
    const { jobs } = await jobsFor(t, { reuseAnswers: true });
    const levels: unknown[] = [];
    for (const threshold of [undefined, 0.4, 1]) {
      const id = await submit(jobs, { 'a.png': cat }, { threshold });
      await untilEnded(jobs, id);
      levels.push((await itemsOf(jobs, id))[0]?.answer?.answer.level);
    }
    assert.deepEqual(levels, ['group', 'class', 'unsure']);
  });

  test('keeps thumbnails if it is asked to, until it is deleted', async (t) => {
    const { jobs } = await jobsFor(t);
    const cat = await example('chelsea.png');
    const id = await submit(jobs, { 'cat.png': cat, 'broken.png': cat.subarray(0, 3000) }, { thumbnails: true });
    await untilEnded(jobs, id);
    const jpeg = await jobs.pictures.thumbnail(id, sha256Of(cat));
    assert.deepEqual([...(jpeg ?? new Uint8Array()).subarray(0, 2)], [0xff, 0xd8]);
    assert.equal((await jobs.store.load()).bytes, (jpeg?.length ?? 0) + 3000);
    await jobs.remove(id);
    assert.equal(await jobs.pictures.thumbnail(id, sha256Of(cat)), undefined);
  });

  test('that is canceled with pictures in hand, and retried, has all of them still', async (t) => {
    const { jobs } = await jobsFor(t);
    const cat = await example('chelsea.png');
    // Each is another picture of the same cat.
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`${i}.png`, Buffer.concat([cat, Buffer.from(`${i}`)])]),
    );
    const id = await submit(jobs, files, { thumbnails: true });
    await until('some are in hand', () => jobs.inHand() > 0);
    await jobs.store.cancel(id);
    await until('none is in hand', () => jobs.inHand() === 0);
    await jobs.store.retry(id);
    const { counts } = await untilEnded(jobs, id);
    assert.deepEqual(counts, { total: 12, answered: 12, failed: 0, canceled: 0 });
  });

  test('of paths is answered from allowed folders alone, also when a link is changed afterwards', async (t) => {
    const [allowed, secret] = [await temporaryFolder(t), await temporaryFolder(t)];
    await copyFile(path.join(examples, 'chelsea.png'), path.join(allowed, 'cat.png'));
    await copyFile(path.join(examples, 'coffee.png'), path.join(secret, 'secret.png'));
    await symlink(path.join(secret, 'secret.png'), path.join(allowed, 'link.png'));
    const { jobs } = await jobsFor(t, { jobFolders: [allowed] });
    const { id } = await jobs.store.create({ options: {}, expiresAt: Date.now() + 60_000 });
    const paths = ['cat.png', 'link.png', 'missing.png', '../x'].map((name) => path.join(allowed, name));
    await jobs.store.add(
      id,
      paths.map((file) => ({ name: file, path: file })),
    );
    await jobs.store.submit(id);
    await untilEnded(jobs, id);
    const items = await itemsOf(jobs, id);
    assert.equal(items[0]?.state, 'answered');
    assert.equal(items[0]?.sha256, sha256Of(await example('chelsea.png')));
    assert.deepEqual(
      items.slice(1).map(({ error }) => error?.code),
      ['PATH_REFUSED', 'PATH_REFUSED', 'PATH_REFUSED'],
    );
    assert.ok((await readdir(allowed)).includes('cat.png'), 'a picture of the operator was removed');
  });
});

describe('jobs', () => {
  test('that were not done when the process ended go on with the next one', async (t) => {
    const home = await temporaryFolder(t);
    const first = await jobsFor(t, { home, runJobs: false });
    const id = await submit(first.jobs, { 'cat.png': await example('chelsea.png') });
    await first.jobs.close();
    const second = await jobsFor(t, { home });
    await second.jobs.start();
    assert.equal((await untilEnded(second.jobs, id)).counts.answered, 1);
  });

  test('leave a data directory that has none as it is', async (t) => {
    const home = await temporaryFolder(t);
    const { jobs } = await jobsFor(t, { home });
    await jobs.start();
    assert.deepEqual(await readdir(home), []);
  });

  test('whose books cannot be opened are refused, and work once they can', async (t) => {
    const home = await temporaryFolder(t);
    await writeFile(path.join(home, 'jobs'), '');
    const { jobs } = await jobsFor(t, { home });
    await rejectsWith(jobs.store.load(), 'DATA_UNWRITABLE');
    await unlink(path.join(home, 'jobs'));
    assert.equal((await jobs.store.load()).waiting, 0);
  });

  test('go on by themselves once books can be opened that could not at the start', async (t) => {
    const home = await temporaryFolder(t);
    const first = await jobsFor(t, { home, runJobs: false });
    const id = await submit(first.jobs, { 'cat.png': await example('chelsea.png') });
    await first.jobs.close();
    const books = path.join(home, 'jobs', 'jobs.db');
    const whole = await readFile(books);
    await writeFile(books, 'no database'.repeat(1000));
    const { jobs, failures } = await jobsFor(t, { home });
    const started = jobs.start();
    await until('that is told', () => failures.length > 0);
    assert.equal(jobs.hasBooks(), true);
    await writeFile(books, whole);
    await started;
    assert.equal((await untilEnded(jobs, id)).counts.answered, 1);
  });

  test('that have expired are deleted with their pictures', async (t) => {
    const home = await temporaryFolder(t);
    const { jobs } = await jobsFor(t, { home, runJobs: false });
    const { id } = await jobs.store.create({ options: {}, expiresAt: Date.now() + 300 });
    const draft = jobs.pictures.receive(id);
    await draft.write(await example('chelsea.png'));
    await jobs.store.add(id, [{ name: 'cat.png', ...(await draft.finish()) }]);
    await jobs.store.submit(id);
    await jobs.store.cancel(id);
    await jobs.close();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { jobs: next } = await jobsFor(t, { home, runJobs: false });
    await next.start();
    await until('they are gone', async () => (await next.pictures.jobs()).length === 0);
    assert.deepEqual(await next.store.list({ limit: 5 }), []);
  });

  test('leave pictures that belong to none for a while, since the wrong books may have been named', async (t) => {
    const home = await temporaryFolder(t);
    await mkdir(path.join(home, 'jobs/pictures/orphan'), { recursive: true });
    const { jobs } = await jobsFor(t, { home, runJobs: false });
    const tidy = { store: jobs.store, pictures: jobs.pictures, remove: jobs.remove, onFailure: assert.fail };
    await startTidying({ ...tidy, orphansForMs: 60_000 }).stop();
    assert.deepEqual(await jobs.pictures.jobs(), ['orphan']);
    const tidying = startTidying({ ...tidy, orphansForMs: 0 });
    await until('it is gone', async () => (await jobs.pictures.jobs()).length === 0);
    await tidying.stop();
  });

  test('have room for so many bytes', async (t) => {
    const { jobs } = await jobsFor(t, { jobBytes: 1000, runJobs: false });
    const reservation = await jobs.room.enter();
    reservation.grow(900);
    assert.throws(() => reservation.grow(200), appError('JOBS_FULL', '0.0 MB'));
    const other = await jobs.room.enter();
    assert.throws(() => other.grow(200), appError('JOBS_FULL'));
    reservation.release();
    other.grow(200);
    other.release();
  });
});

describe('a webhook', () => {
  const webhookSecret = 'a secret of the tests';

  test('is told of the end of a job, signed, until it has heard', async (t) => {
    let refusals = 1;
    const receiver = await startReceiver(t, {
      answer: (response) => response.writeHead(refusals-- > 0 ? 503 : 204, { 'Retry-After': '1' }).end(),
    });
    const { jobs } = await jobsFor(t, { webhookSecret, webhookHosts: ['127.0.0.1'] });
    const webhook = `http://127.0.0.1:${receiver.port}/hook`;
    await jobs.checkWebhook(webhook);
    const id = await submit(jobs, { 'cat.png': await example('chelsea.png') }, { webhook });
    await untilEnded(jobs, id);
    await until('it has heard twice', () => receiver.received.length === 2, 60_000);
    const [first, second] = receiver.received;
    assert.equal(first?.body, second?.body);
    const { type, data } = JSON.parse(second?.body ?? '');
    assert.deepEqual([type, data.id, data.counts.answered], ['job.completed', id, 1]);
    const { 'webhook-id': message, 'webhook-timestamp': time, 'webhook-signature': signature } = second?.headers ?? {};
    const expected = createHmac('sha256', webhookSecret).update(`${message}.${time}.${second?.body}`).digest('base64');
    assert.equal(signature, `v1,${expected}`);
    await until('it is settled', async () => (await jobs.store.takeWebhook()) === undefined);
    assert.equal(receiver.received.length, 2);
  });

  test('is refused on a private network, and without a secret', async (t) => {
    const { jobs } = await jobsFor(t, { webhookSecret });
    await rejectsWith(jobs.checkWebhook('http://127.0.0.1:1/'), 'ADDRESS_REFUSED');
    const { jobs: without } = await jobsFor(t);
    await rejectsWith(without.checkWebhook('https://example.org/'), 'ADDRESS_REFUSED');
  });
});
