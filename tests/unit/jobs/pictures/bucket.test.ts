import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { before, describe, type TestContext, test } from 'node:test';
import { type BucketPicturesOptions, createBucketPictures, parseBucket } from '#kaiyan/jobs/pictures/bucket.js';
import { createBucketClient } from '#kaiyan/jobs/pictures/bucket-client.js';
import {
  type BucketServer,
  startBucketServer,
  startTroubledWay,
  type Trouble,
} from '../../../support/bucket-server.js';
import { appError } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { sha256 } from '../../../support/goldens.js';
import { withoutMoto } from '../../../support/requirements.js';
import { suite } from '../../../support/suite.js';
import { keep, pictureStoreContract } from './contract.js';

describe('pictures in a bucket', { skip: withoutMoto() }, () => {
  const t = suite();
  let server: BucketServer;
  before(async () => {
    server = await startBucketServer(t);
  });

  const settings = async (t: TestContext): Promise<BucketPicturesOptions> => ({
    ...server,
    bucket: 'pictures',
    region: 'us-east-1',
    prefix: `tests/${randomUUID()}`,
    folder: await temporaryFolder(t),
    pauseMs: 5,
  });
  const opened = async (t: TestContext, changes: Partial<BucketPicturesOptions> = {}) =>
    createBucketPictures({ ...(await settings(t)), ...changes });
  const troubled = async (t: TestContext, trouble: Trouble, changes: Partial<BucketPicturesOptions> = {}) =>
    opened(t, { endpoint: await startTroubledWay(t, server.endpoint, trouble), ...changes });

  pictureStoreContract((t) => opened(t));

  test('lie under their job and their hash, and their thumbnails beside them', async (t) => {
    const options = await settings(t);
    const pictures = createBucketPictures(options);
    const bytes = randomBytes(1000);
    await keep(pictures, 'mine', bytes);
    await pictures.keepThumbnail('mine', sha256(bytes), bytes.subarray(0, 10));
    for await (const { keys } of createBucketClient(options).list(options.prefix))
      assert.deepEqual(keys, [
        `${options.prefix}/mine/${sha256(bytes)}`,
        `${options.prefix}/mine/thumbnails/${sha256(bytes)}.jpg`,
      ]);
  });

  test('may lie in the bucket without a prefix', async (t) => {
    const pictures = await opened(t, { prefix: '' });
    const mine = randomUUID();
    const { sha256: hash } = await keep(pictures, mine, randomBytes(10));
    assert.equal((await pictures.read(mine, hash)).length, 10);
    assert.ok((await pictures.jobs()).includes(mine));
    await pictures.removeJob(mine);
    assert.ok(!(await pictures.jobs()).includes(mine));
  });

  test('leave nothing on this machine, not even while they arrive', async (t) => {
    const folder = await temporaryFolder(t);
    const pictures = await opened(t, { folder });
    const draft = pictures.receive('mine');
    await draft.write(randomBytes(1000));
    assert.deepEqual(await readdir(folder), []);
    await draft.finish();
    assert.deepEqual(await readdir(folder), []);
  });

  test('are all removed, also those that are listed on another page', async (t) => {
    const options = await settings(t);
    const pictures = createBucketPictures(options);
    const hashes = Array.from({ length: 1005 }, (_, index) => sha256(Buffer.from(`${index}`)));
    await Promise.all(hashes.map((hash) => pictures.keepThumbnail('mine', hash, Buffer.alloc(1))));
    const pages: number[] = [];
    for await (const { keys } of createBucketClient(options).list(options.prefix)) pages.push(keys.length);
    assert.deepEqual(pages, [1000, 5]);
    await pictures.removeJob('mine');
    assert.deepEqual(await pictures.jobs(), []);
  });

  test('survive a server that fails for a while, in each way', async (t) => {
    const ways: Readonly<Record<string, Trouble>> = {
      'says that it cannot': (_, response) => Boolean(response.writeHead(503).end()),
      'asks for patience': (_, response) => Boolean(response.writeHead(429).end()),
      'cuts the connection': (request) => Boolean(request.destroy()),
      'cuts its answer': (_, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('half');
        setTimeout(() => response.destroy(), 10);
        return true;
      },
    };
    for (const [what, way] of Object.entries(ways)) {
      const trouble: Trouble = (request, response, count) => count % 3 !== 0 && way(request, response, count);
      const pictures = await troubled(t, trouble);
      const bytes = randomBytes(300_000);
      await keep(pictures, 'mine', bytes);
      assert.ok(bytes.equals(await pictures.read('mine', sha256(bytes))), what);
      assert.deepEqual(await pictures.jobs(), ['mine'], what);
      await pictures.removeJob('mine');
      assert.deepEqual(await pictures.jobs(), [], what);
    }
  });

  test('do not wait for a server that does not answer', async (t) => {
    const pictures = await troubled(t, (_request, _response, count) => count === 1, { stallMs: 3000 });
    const { sha256: hash } = await keep(pictures, 'mine', randomBytes(10));
    assert.equal((await pictures.read('mine', hash)).length, 10);
  });

  test('that cannot be kept or read after several attempts say so, as nothing about a picture', async (t) => {
    let count = 0;
    const pictures = await troubled(t, (request, response) => {
      count += 1;
      request.resume();
      return Boolean(response.writeHead(500).end());
    });
    await assert.rejects(
      keep(pictures, 'mine', randomBytes(10)),
      appError('PICTURES_UNAVAILABLE', 's3://pictures', '500'),
    );
    assert.equal(count, 5);
    await assert.rejects(pictures.read('mine', sha256(randomBytes(1))), appError('PICTURES_UNAVAILABLE', '500'));
  });

  test('are not sent on to anywhere else', async (t) => {
    let elsewhere = 0;
    const other = await startTroubledWay(t, server.endpoint, () => Boolean(++elsewhere) && false);
    for (const status of [301, 307]) {
      const pictures = await troubled(t, (request, response) => {
        request.resume();
        return Boolean(response.writeHead(status, { location: `${other}${request.url}` }).end());
      });
      await assert.rejects(keep(pictures, 'mine', randomBytes(10)), appError('PICTURES_UNAVAILABLE', `${status}`));
      await assert.rejects(pictures.jobs(), appError('PICTURES_UNAVAILABLE', `${status}`));
    }
    assert.equal(elsewhere, 0);
  });

  test('are refused with the wrong key, in a bucket that is missing, or where nothing is, and no key is told', async (t) => {
    const hash = sha256(randomBytes(10));
    for (const [changes, words] of [
      [{ secretAccessKey: 'wrong' }, 'SignatureDoesNotMatch'],
      [{ accessKeyId: 'AKIAWRONGWRONGWRONG1' }, 'InvalidAccessKeyId'],
      [{ bucket: 'missing' }, 'NoSuchBucket'],
      [{ endpoint: 'http://127.0.0.1:1' }, 'ECONNREFUSED'],
    ] as const) {
      const pictures = await opened(t, changes);
      const unavailable = (error: Error) => {
        assert.ok(!error.message.includes(server.secretAccessKey) && !error.message.includes('AKIA'));
        return appError('PICTURES_UNAVAILABLE', words)(error);
      };
      await assert.rejects(keep(pictures, 'mine', randomBytes(10)), unavailable);
      await assert.rejects(pictures.read('mine', hash), unavailable);
      await assert.rejects(pictures.jobs(), unavailable);
    }
  });

  test('are sent with their hash, by which a server notices what was changed on the way', async (t) => {
    const announced: unknown[] = [];
    const pictures = await troubled(t, ({ headers }) => {
      announced.push(headers['x-amz-content-sha256']);
      return false;
    });
    const bytes = randomBytes(1000);
    await keep(pictures, 'mine', bytes);
    await pictures.keepThumbnail('mine', sha256(bytes), bytes.subarray(1));
    assert.deepEqual(announced, [sha256(bytes), sha256(bytes.subarray(1))]);
  });
});

describe('the place of a bucket', () => {
  const options = {
    region: 'r',
    bucket: 'pictures',
    accessKeyId: 'a',
    secretAccessKey: 's',
    prefix: '',
    folder: '/tmp',
  };

  test('is named by an address', () => {
    for (const endpoint of ['minio:9000', 'ftp://minio', 'https://']) {
      const create = () => createBucketPictures({ ...options, endpoint });
      assert.throws(create, appError('SETTING_INVALID', 's3Endpoint', endpoint));
    }
  });

  test('is a part of the host where the address says so, and of the path elsewhere', async (t) => {
    const paths: string[] = [];
    const way = await startTroubledWay(t, 'http://127.0.0.1:1', ({ url, headers }, response) => {
      paths.push(`${headers.host?.split(':')[0]} ${url}`);
      return Boolean(response.writeHead(404).end());
    });
    const { port } = new URL(way);
    const hash = sha256(randomBytes(1));
    for (const [endpoint, bucket] of [
      [way, 'pictures'],
      [`${way}/s3/`, 'pictures'],
      [`http://127.0.0.{bucket}:${port}`, '1'],
    ] as const) {
      const pictures = createBucketPictures({ ...options, endpoint, bucket });
      await assert.rejects(pictures.read('mine', hash), appError('FILE_UNREADABLE', `s3://${bucket}/mine/`));
    }
    assert.deepEqual(paths, [
      `127.0.0.1 /pictures/mine/${hash}`,
      `127.0.0.1 /s3/pictures/mine/${hash}`,
      `127.0.0.1 /mine/${hash}`,
    ]);
  });

  test('is a bucket with or without a prefix', () => {
    assert.deepEqual(parseBucket('s3://pictures'), { bucket: 'pictures', prefix: '' });
    assert.deepEqual(parseBucket('s3://my.pictures-1/'), { bucket: 'my.pictures-1', prefix: '' });
    assert.deepEqual(parseBucket('s3://pictures/kaiyan/jobs_1/'), { bucket: 'pictures', prefix: 'kaiyan/jobs_1' });
  });

  test('is nothing else', () => {
    for (const place of [
      's3://',
      's3://a',
      's3://Pictures',
      's3://pictures/../other',
      's3://pictures//a',
      's3://pictures/a b',
      's3://pictures/a?b',
      's3://-pictures/',
    ])
      assert.throws(() => parseBucket(place), appError('SETTING_INVALID', 'jobPictures', place), place);
  });
});
