import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as v from 'valibot';
import type { Settings } from '#kaiyan/config.js';
import { sha256Of } from '#kaiyan/hashes.js';
import type { Item } from '#kaiyan/jobs/job.js';
import { job as jobSchema } from '#kaiyan/server/job-contract.js';
import { smallDisk, temporaryFolder } from '../../support/folders.js';
import { chunk, image, multipart, type Part, pictureHead, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { withoutCommand, withoutMounts } from '../../support/requirements.js';
import { listeningServiceFor, type Service, serviceFor, sharedService } from '../../support/service.js';
import { until } from '../../support/timing.js';
import { zipOf } from '../../support/zip.js';

/** Nobody works on jobs but the test. */
const BY_HAND = { runJobs: false };

type JobView = v.InferOutput<typeof jobSchema>;

const service = sharedService(BY_HAND);
const cat = await readFile(path.join(examples, 'chelsea.png'));

function post(parts: readonly Part[], query = '', headers: Record<string, string> = {}) {
  const form = multipart(...parts);
  const [method, url] = ['POST', `/api/v1/jobs${query}`] as const;
  return { method, url, payload: form.payload, headers: { ...form.headers, ...headers } };
}

const itemsOf = ({ jobs }: Pick<Service, 'jobs'>, id: string) => jobs.store.items(id, { from: 0, limit: 100_000 });
const told = (items: readonly Item[]) => items.map(({ name, state, error }) => [name, error?.code ?? state]);

/** Nothing of any job is left. */
async function assertNothingLeft({ jobs }: Pick<Service, 'jobs'>): Promise<void> {
  await until('the end of its pictures', async () => (await jobs.pictures.jobs()).length === 0);
  assert.deepEqual(await jobs.store.list({ limit: 10 }), []);
}

describe('POST /api/v1/jobs', () => {
  test('answers 202 with the job and its address, and has the pictures in their order', async () => {
    const { statusCode, headers, body } = await service().http.inject(
      post([image(cat, 'cat.png'), image('two', 'b'), image('three', 'a')], '?top=3&lang=zh&thumbnails=true'),
    );
    assert.equal(statusCode, 202, body);
    const job = JSON.parse(body) as JobView;
    assert.deepEqual(v.parse(jobSchema, job), job);
    assert.equal(headers.location, `/api/v1/jobs/${job.id}`);
    assert.deepEqual([job.state, job.counts.total, job.counts.waiting], ['pending', 3, 3]);
    assert.deepEqual(job.options, { top: 3, lang: 'zh', thumbnails: true });
    const items = await itemsOf(service(), job.id);
    assert.deepEqual(told(items), [
      ['cat.png', 'waiting'],
      ['b', 'waiting'],
      ['a', 'waiting'],
    ]);
    assert.equal(items[0]?.sha256, sha256Of(cat));
    assert.deepEqual(Buffer.from(await service().jobs.pictures.read(job.id, sha256Of(cat))), cat);
  });

  test('takes names as they are: the same twice, paths upwards, and none', async () => {
    const { body } = await service().http.inject(
      post([image('1', 'same.jpg'), image('2', 'same.jpg'), image('3', '../../etc/passwd'), image('4', 'x/猫.jpg')]),
    );
    const items = await itemsOf(service(), JSON.parse(body).id);
    assert.deepEqual(
      items.map(({ name }) => name),
      ['same.jpg', 'same.jpg', '../../etc/passwd', 'x/猫.jpg'],
    );
  });

  test('lets a picture that is empty or too large fail, and takes the others', async (t) => {
    const small = await serviceFor(t, { ...BY_HAND, maxBytes: 1000 });
    const { statusCode, body } = await small.http.inject(
      post([image('first'), image('', 'empty'), image(Buffer.alloc(1001), 'large'), image('last')]),
    );
    assert.equal(statusCode, 202, body);
    const { id, counts } = JSON.parse(body) as JobView;
    assert.deepEqual([counts.total, counts.failed], [4, 2]);
    assert.deepEqual(told(await itemsOf(small, id)), [
      ['picture.png', 'waiting'],
      ['empty', 'IMAGE_EMPTY'],
      ['large', 'IMAGE_TOO_LARGE'],
      ['picture.png', 'waiting'],
    ]);
  });

  test('takes one picture as it is, too', async () => {
    const { statusCode, body } = await service().http.inject({
      ...{ method: 'POST', url: '/api/v1/jobs', payload: cat, headers: { 'content-type': 'image/png' } },
    });
    assert.equal(statusCode, 202, body);
    assert.equal((await itemsOf(service(), JSON.parse(body).id))[0]?.sha256, sha256Of(cat));
  });

  const refused: readonly [
    what: string,
    changes: Partial<Settings>,
    request: ReturnType<typeof post>,
    status: number,
    code: string,
  ][] = [
    ['a form without pictures', {}, post([{ field: 'note', content: 'x' }]), 400, 'JOB_EMPTY'],
    [
      'more pictures than may be',
      { maxJobPictures: 2 },
      post([image('1'), image('2'), image('3')]),
      413,
      'REQUEST_TOO_LARGE',
    ],
    ['more bytes than may be', { maxJobBytes: 5000 }, post([image(Buffer.alloc(6000))]), 413, 'REQUEST_TOO_LARGE'],
    ['more than jobs may keep', { jobBytes: 5000 }, post([image(Buffer.alloc(6000))]), 507, 'JOBS_FULL'],
    ['a model that is not there', {}, post([image('1')], '?model=none'), 404, 'MODEL_NOT_FOUND'],
    [
      'a precision that it lacks',
      {},
      post([image('1')], '?model=efficientnet-lite2&precision=fp32'),
      400,
      'PRECISION_UNAVAILABLE',
    ],
    ['another site', {}, post([image('1')], '', { origin: 'https://evil.example' }), 403, 'ORIGIN_REFUSED'],
    ['a key that is no key', {}, post([image('1')], '', { 'idempotency-key': 'a b' }), 400, 'REQUEST_INVALID'],
    ['an option that is none', {}, post([image('1')], '?thumbnails=yes'), 400, 'REQUEST_INVALID'],
  ];
  for (const [what, changes, request, status, code] of refused)
    test(`refuses ${what} with ${code}, and keeps nothing`, async (t) => {
      const one = await serviceFor(t, { ...BY_HAND, ...changes });
      const { statusCode, body } = await one.http.inject(request);
      assert.deepEqual([statusCode, JSON.parse(body).code], [status, code], body);
      await assertNothingLeft(one);
    });

  test('refuses what is announced to be too large before it comes', async (t) => {
    const { connect } = await listeningServiceFor(t, { ...BY_HAND, maxJobBytes: 5000 });
    const client = await connect();
    client.send(uploadHead(6000, '/api/v1/jobs'));
    assert.equal((await client.answer()).status, 413);
  });

  test('counts what was not announced, and ends in the middle', async (t) => {
    const one = await listeningServiceFor(t, { ...BY_HAND, maxJobBytes: 100_000 });
    const client = await one.connect();
    client.send(uploadHead('chunked', '/api/v1/jobs'), chunk(pictureHead), chunk(Buffer.alloc(200_000)));
    const { status, body } = await client.answer();
    assert.deepEqual([status, JSON.parse(body).code], [413, 'REQUEST_TOO_LARGE']);
    await assertNothingLeft(one);
  });

  test('says of a broken form what is wrong, and keeps nothing', async (t) => {
    const one = await serviceFor(t, BY_HAND);
    const { headers, payload } = multipart(image(cat), image(cat));
    for (const broken of [payload.subarray(0, payload.length - 10_000), Buffer.from('no form'), Buffer.alloc(0)]) {
      const { statusCode, body } = await one.http.inject({
        method: 'POST',
        url: '/api/v1/jobs',
        headers,
        payload: broken,
      });
      assert.deepEqual([statusCode, JSON.parse(body).code], [400, 'REQUEST_INVALID'], body);
    }
    await assertNothingLeft(one);
  });

  test('removes everything of a client that vanishes half-way', async (t) => {
    const one = await listeningServiceFor(t, BY_HAND);
    const client = await one.connect();
    client.send(uploadHead(1_000_000, '/api/v1/jobs'), multipart(image(cat), image(cat)).payload.subarray(0, -100));
    await until('its pictures', async () => (await one.jobs.pictures.jobs()).length === 1);
    client.leave();
    await assertNothingLeft(one);
  });

  test('counts what is kept with what arrives, also if nothing was announced', async (t) => {
    const one = await listeningServiceFor(t, { ...BY_HAND, jobBytes: 500_000 });
    const first = await one.http.inject(post([image(cat)]));
    assert.equal(first.statusCode, 202);
    const client = await one.connect();
    client.send(uploadHead('chunked', '/api/v1/jobs'), chunk(pictureHead), chunk(Buffer.alloc(400_000)));
    const { status, body } = await client.answer();
    assert.deepEqual([status, JSON.parse(body).code], [507, 'JOBS_FULL']);
    await until('only the first', async () => (await one.jobs.pictures.jobs()).length === 1);
    await one.jobs.remove(first.json().id);
    assert.equal((await one.http.inject(post([image(Buffer.alloc(400_000))]))).statusCode, 202);
  });

  test('removes everything of those whose connection is cut when the service ends', async (t) => {
    const one = await listeningServiceFor(t, { ...BY_HAND, shutdownSeconds: 1 });
    const client = await one.connect();
    client.send(uploadHead(1_000_000, '/api/v1/jobs'), multipart(image(cat), image(cat)).payload.subarray(0, -100));
    await until('its pictures', async () => (await one.jobs.pictures.jobs()).length === 1);
    await one.close();
    assert.deepEqual(await one.jobs.pictures.jobs(), []);
  });

  test('goes on for as long as bytes come, and no longer', async (t) => {
    const one = await listeningServiceFor(t, { ...BY_HAND, uploadTimeoutSeconds: 4 });
    const { payload } = multipart(image(cat));
    const client = await one.connect();
    client.send(uploadHead(payload.length, '/api/v1/jobs'));
    const pieces = 8;
    for (let i = 0; i < pieces; i++) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      client.send(payload.subarray((payload.length * i) / pieces, (payload.length * (i + 1)) / pieces));
    }
    assert.equal((await client.answer()).status, 202);

    const other = await one.connect();
    other.send(uploadHead(payload.length, '/api/v1/jobs'), payload);
    assert.equal((await other.answer()).status, 202);
    other.send(uploadHead(payload.length), payload.subarray(0, 1000));
    assert.equal((await other.answer(20_000)).status, 408, 'for /predict as ever');

    client.send(uploadHead(payload.length, '/api/v1/jobs'), payload.subarray(0, 1000));
    const { status, body, headers } = await client.answer(20_000);
    assert.deepEqual([status, JSON.parse(body).code], [408, 'UPLOAD_TIMEOUT']);
    assert.match(headers.connection ?? '', /close/);
    await until('the end of the connection', client.ended);
    assert.equal((await one.jobs.store.list({ limit: 10 })).length, 2);
  });

  test('says that the disk is full, and keeps nothing', { skip: withoutMounts() }, async (t) => {
    const folder = await smallDisk(t, 2);
    const one = await serviceFor(t, { ...BY_HAND, jobPictures: path.join(folder, 'pictures') });
    const parts = Array.from({ length: 5 }, (_, i) => image(Buffer.alloc(600_000, i)));
    const { statusCode, body } = await one.http.inject(post(parts));
    assert.deepEqual([statusCode, JSON.parse(body).code], [507, 'DISK_FULL'], body);
    assert.ok(!body.includes(folder), 'where it keeps them is for the operator');
    await assertNothingLeft(one);
    assert.equal((await one.http.inject(post([image(cat)]))).statusCode, 202);
  });

  test('takes ten thousand tiny files', async (t) => {
    const one = await serviceFor(t, BY_HAND);
    const { statusCode, body } = await one.http.inject(
      post(Array.from({ length: 10_000 }, (_, i) => image(`tiny ${i}`, `${i}.jpg`))),
    );
    assert.equal(statusCode, 202, body);
    const items = await itemsOf(one, JSON.parse(body).id);
    assert.deepEqual(
      items.map(({ name }) => name),
      Array.from({ length: 10_000 }, (_, i) => `${i}.jpg`),
    );
    assert.equal(items[9_999]?.sha256, sha256Of('tiny 9999'));
  });

  test('names of pictures are in no line of the log', async (t) => {
    const one = await serviceFor(t, BY_HAND);
    await one.http.inject(post([image(cat, 'secret-name.png'), image('', 'secret-empty.png')]));
    assert.doesNotMatch(JSON.stringify(one.lines), /secret/);
  });
});

describe('an archive', () => {
  const send = ({ http }: Pick<Service, 'http'>, type: string, payload: Buffer) =>
    http.inject({ method: 'POST', url: '/api/v1/jobs', payload, headers: { 'content-type': type } });
  const file = (name: string, bytes: Uint8Array | string) => ({ name, bytes: Buffer.from(bytes), deflated: true });

  test('gives the pictures in it, under their names in it; one that is broken or too large fails', async (t) => {
    const one = await serviceFor(t, { ...BY_HAND, maxBytes: 300_000 });
    const archive = zipOf([
      file('2024/cat.png', cat),
      file('empty.jpg', ''),
      file('large.jpg', Buffer.alloc(300_001, 1)),
      { ...file('broken.jpg', 'broken'), claims: { crc32: 1 } },
      file('notes.txt', 'notes'),
    ]);
    const { statusCode, body } = await send(one, 'application/zip', archive);
    assert.equal(statusCode, 202, body);
    const items = await itemsOf(one, JSON.parse(body).id);
    assert.deepEqual(told(items), [
      ['2024/cat.png', 'waiting'],
      ['empty.jpg', 'IMAGE_EMPTY'],
      ['large.jpg', 'IMAGE_TOO_LARGE'],
      ['broken.jpg', 'ARCHIVE_INVALID'],
      ['notes.txt', 'waiting'],
    ]);
    assert.equal(items[0]?.sha256, sha256Of(cat));
  });

  test('may be a tar, also a compressed one', { skip: withoutCommand('tar') }, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(path.join(folder, 'cat.png'), cat);
    for (const [flags, type] of [
      ['-c', 'application/x-tar'],
      ['-cz', 'application/gzip'],
      ['-cz', 'application/x-gzip'],
    ] as const) {
      const { stdout } = spawnSync('tar', [flags, '-C', folder, 'cat.png'], { maxBuffer: 10_000_000 });
      const { statusCode, body } = await send(service(), type, stdout);
      assert.equal(statusCode, 202, body);
      const [item] = await itemsOf(service(), JSON.parse(body).id);
      assert.deepEqual([item?.name, item?.sha256], ['cat.png', sha256Of(cat)]);
    }
  });

  const bad: readonly [what: string, archive: Buffer, status: number, code: string][] = [
    ['no archive', Buffer.from('no archive'), 422, 'ARCHIVE_INVALID'],
    ['nothing in it', zipOf([]), 400, 'JOB_EMPTY'],
    ['a name that leads out of it', zipOf([file('cat.png', cat), file('../cat.png', cat)]), 422, 'ARCHIVE_INVALID'],
    [
      'a bomb in it',
      zipOf(Array.from({ length: 12 }, (_, i) => file(`${i}.jpg`, Buffer.alloc(15_000_000)))),
      422,
      'ARCHIVE_INVALID',
    ],
    ['its end missing', zipOf([file('cat.png', cat)]).subarray(0, -100), 422, 'ARCHIVE_INVALID'],
  ];
  for (const [what, archive, status, code] of bad)
    test(`with ${what} is ${code}, and nothing is kept`, async (t) => {
      const one = await serviceFor(t, BY_HAND);
      const { statusCode, body } = await send(one, 'application/zip', archive);
      assert.deepEqual([statusCode, JSON.parse(body).code], [status, code], body);
      await assertNothingLeft(one);
    });

  test('that is refused while it is being sent is answered', async (t) => {
    const one = await listeningServiceFor(t, BY_HAND);
    const client = await one.connect();
    client.send(uploadHead(5_000_000, '/api/v1/jobs', 'application/zip'), Buffer.alloc(1_000_000, 'Rar!'));
    const { status, headers, body } = await client.answer();
    assert.deepEqual([status, JSON.parse(body).code], [422, 'ARCHIVE_INVALID'], body);
    assert.match(headers.connection ?? '', /close/);
    client.send(Buffer.alloc(3_999_000));
    await until('the end of the connection', client.ended);
  });
});

describe('a webhook', () => {
  test('is refused without a secret, and where it may not lead', async (t) => {
    for (const [webhookSecret, address] of [
      ['', 'https://example.org/done'],
      ['a secret of more than sixteen letters', 'http://127.0.0.1/done'],
      ['a secret of more than sixteen letters', 'ftp://example.org/done'],
    ] as const) {
      const one = await serviceFor(t, { ...BY_HAND, webhookSecret });
      const { statusCode, body } = await one.http.inject(post([image(cat)], `?webhook=${encodeURIComponent(address)}`));
      assert.deepEqual([statusCode, JSON.parse(body).code], [400, 'ADDRESS_REFUSED'], body);
      await assertNothingLeft(one);
    }
  });
});

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'f3a1' };

  test('gives the first job again, whose pictures are not read a second time', async (t) => {
    const one = await listeningServiceFor(t, BY_HAND);
    const first = await one.http.inject(post([image(cat)], '?top=1', key));
    const client = await one.connect();
    client.send(uploadHead(1_000_000, '/api/v1/jobs?top=1').replace('\r\n\r\n', '\r\nIdempotency-Key: f3a1\r\n\r\n'));
    const { status, headers, body } = await client.answer();
    assert.deepEqual([first.statusCode, status, JSON.parse(body).id], [202, 202, first.json().id]);
    assert.equal(headers['idempotent-replayed'], 'true');
    assert.equal(headers.location, first.headers.location);
    assert.equal(first.headers['idempotent-replayed'], undefined);
    assert.equal((await one.jobs.store.list({ limit: 10 })).length, 1);
  });

  test('lets one finish who sends all of it again before it looks at the answer', async (t) => {
    const one = await listeningServiceFor(t, BY_HAND);
    const first = await one.http.inject(post([image(cat)], '', key));
    const client = await one.connect();
    client.send(uploadHead(1_000_000, '/api/v1/jobs').replace('\r\n\r\n', '\r\nIdempotency-Key: f3a1\r\n\r\n'));
    for (let sent = 0; sent < 10; sent++) {
      client.send(Buffer.alloc(100_000));
      await pause(150);
    }
    const { status, body } = await client.answer();
    assert.deepEqual([status, JSON.parse(body).id], [202, first.json().id]);
    assert.equal(client.wasReset(), false);
  });

  test('is a conflict with another request, and while the first one is being sent', async (t) => {
    const one = await listeningServiceFor(t, BY_HAND);
    const client = await one.connect();
    client.send(
      uploadHead(1_000_000, '/api/v1/jobs').replace('\r\n\r\n', '\r\nIdempotency-Key: f3a1\r\n\r\n'),
      pictureHead,
      'a',
    );
    await until('its picture', async () => (await one.jobs.pictures.jobs()).length === 1);
    const during = await one.http.inject(post([image(cat)], '', key));
    assert.deepEqual([during.statusCode, during.json().code], [409, 'IDEMPOTENCY_CONFLICT']);
    client.leave();
    await assertNothingLeft(one);
    assert.equal((await one.http.inject(post([image(cat)], '', key))).statusCode, 202);
    const other = await one.http.inject(post([image(cat)], '?top=2', key));
    assert.deepEqual([other.statusCode, other.json().code], [409, 'IDEMPOTENCY_CONFLICT']);
  });
});

describe('Prefer: respond-async', () => {
  const prefer = { prefer: 'wait=1, respond-async' };

  for (const [url, parts, options] of [
    ['/api/v1/classify?top=2&lang=zh', [image(cat), image(cat)], { top: 2, lang: 'zh' }],
    ['/predict?lang=en', [image(cat), image('ignored')], { top: 3, lang: 'en' }],
  ] as const)
    test(`makes a job of POST ${url}`, async () => {
      const form = multipart(...parts);
      const { statusCode, headers, body } = await service().http.inject({
        ...{ method: 'POST', url, payload: form.payload, headers: { ...form.headers, ...prefer } },
      });
      const job = JSON.parse(body) as JobView;
      assert.equal(statusCode, 202, body);
      assert.equal(headers['preference-applied'], 'respond-async');
      assert.equal(headers.location, `/api/v1/jobs/${job.id}`);
      assert.deepEqual(job.options, options);
      assert.equal(job.counts.total, url.startsWith('/predict') ? 1 : 2);
    });

  test('has the same bound on pictures', async () => {
    const form = multipart(...Array.from({ length: 33 }, () => image('x')));
    const { statusCode, body } = await service().http.inject({
      ...{ method: 'POST', url: '/api/v1/classify', payload: form.payload, headers: { ...form.headers, ...prefer } },
    });
    assert.deepEqual([statusCode, JSON.parse(body).code], [413, 'REQUEST_TOO_LARGE']);
  });
});

describe('paths', () => {
  async function folders(t: TestContext) {
    const root = await temporaryFolder(t);
    const [allowed, outside] = [path.join(root, 'allowed'), path.join(root, 'outside')];
    await Promise.all([mkdir(path.join(allowed, 'b'), { recursive: true }), mkdir(outside)]);
    for (const file of [
      'allowed/2.jpg',
      'allowed/10.png',
      'allowed/notes.txt',
      'allowed/b/1.webp',
      'outside/secret.jpg',
    ])
      await writeFile(path.join(root, file), 'x');
    await symlink(outside, path.join(allowed, 'link'));
    await symlink(path.join(outside, 'secret.jpg'), path.join(allowed, 'link.jpg'));
    const one = await serviceFor(t, { ...BY_HAND, jobFolders: [allowed] });
    const ask = (...paths: unknown[]) => one.http.inject({ method: 'POST', url: '/api/v1/jobs', payload: { paths } });
    return { one, allowed, outside, ask };
  }

  test('are those of files, and of folders with all pictures in them', async (t) => {
    const { one, allowed, ask } = await folders(t);
    const { statusCode, body } = await ask(path.join(allowed, '2.jpg'), allowed, path.join(allowed, 'missing.jpg'));
    assert.equal(statusCode, 202, body);
    assert.deepEqual(
      told(await itemsOf(one, JSON.parse(body).id)).map(([name, state]) => [path.relative(allowed, `${name}`), state]),
      [
        ['2.jpg', 'waiting'],
        ['10.png', 'waiting'],
        ['2.jpg', 'waiting'],
        ['b/1.webp', 'waiting'],
        ['link.jpg', 'PATH_REFUSED'],
        ['missing.jpg', 'FILE_UNREADABLE'],
      ],
    );
  });

  test('outside of what is allowed are refused, however they are written', async (t) => {
    const { one, allowed, outside, ask } = await folders(t);
    for (const refusedPath of [
      outside,
      path.join(outside, 'secret.jpg'),
      path.join(outside, 'missing.jpg'),
      `${allowed}/../outside/secret.jpg`,
      path.join(allowed, 'link'),
      path.join(allowed, 'link/secret.jpg'),
      path.join(allowed, 'link.jpg'),
      `${allowed}-not`,
      'README.md',
      '/etc/passwd',
    ]) {
      const { statusCode, body } = await ask(path.join(allowed, '2.jpg'), refusedPath);
      assert.deepEqual([statusCode, JSON.parse(body).code], [403, 'PATH_REFUSED'], refusedPath);
    }
    await assertNothingLeft(one);
  });

  test('are refused where none is allowed, and if they are no paths', async (t) => {
    const { ask } = await folders(t);
    const none = await serviceFor(t, BY_HAND);
    const refusal = await none.http.inject({ method: 'POST', url: '/api/v1/jobs', payload: { paths: ['/tmp'] } });
    assert.deepEqual([refusal.statusCode, refusal.json().code], [403, 'PATH_REFUSED']);
    for (const paths of [[], [''], [3]]) {
      const { statusCode, body } = await ask(...paths);
      assert.deepEqual([statusCode, JSON.parse(body).code], [400, 'REQUEST_INVALID'], body);
    }
  });
});
