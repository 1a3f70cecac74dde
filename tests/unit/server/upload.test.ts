import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Settings } from '#kaiyan/config.js';
import { type Answer, chunk, image, multipart, type Part, pictureHead, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { listeningServiceFor } from '../../support/service.js';
import { until, within } from '../../support/timing.js';

/** A form's boundary as a line of its own. */
const uploadBoundary = pictureHead.split('Content')[0] as string;
const cat = await readFile(path.join(examples, 'chelsea.png'));

/** The service, and connections that have sent so much and no more. */
async function uploadsFor(t: TestContext, changes: Partial<Settings> = {}) {
  const service = await listeningServiceFor(t, changes);
  const stalled = async (...pieces: readonly (Uint8Array | string)[]) => {
    const connection = await service.connect();
    connection.send(...pieces);
    await sleep(100);
    return connection;
  };
  return { ...service, stalled };
}

function assertRefused({ status, headers, body }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, (JSON.parse(body) as { code: string }).code], [expected, code], body);
  assert.match(headers.connection ?? '', /close/i);
}

describe('an upload that has not arrived', () => {
  test('keeps nobody waiting: two hundred slow ones have no place in a queue of two', async (t) => {
    const { connect, upload, serving } = await uploadsFor(t, { queueRequests: 2 });
    const slow = await Promise.all(Array.from({ length: 200 }, connect));
    for (const connection of slow) connection.send(uploadHead(1_000_000), pictureHead, 'a');
    await until('a byte of each', () => serving.load().bytes === 200);
    assert.equal(serving.load().pictures, 0);
    assert.equal((await upload(image(cat))).status, 200);
  });

  test('is refused before it is read while the queue is full, and gets a hint when to come back', async (t) => {
    const { connect, upload, serving } = await uploadsFor(t, { queueRequests: 1 });
    const place = serving.admit();
    place.arrive();
    const second = await connect();
    const begun = performance.now();
    second.send(uploadHead(1_000_000));
    const refused = await second.answer();
    assert.ok(performance.now() - begun < 1000, 'at once');
    assertRefused(refused, 429, 'QUEUE_FULL');
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    await until('the end of the connection', second.ended, 2000);
    place.leave();
    assert.equal((await upload(image(cat))).status, 200);
  });

  test('keeps its connection then if it is small and arrives, so that its sender comes back on it', async (t) => {
    const { connect, serving } = await uploadsFor(t, { queueRequests: 1 });
    const place = serving.admit();
    place.arrive();
    const client = await connect();
    const { payload } = multipart(image(cat));
    client.send(uploadHead(payload.length));
    const { status, headers } = await client.answer();
    assert.deepEqual([status, headers.connection], [429, 'keep-alive']);
    place.leave();
    client.send(payload, uploadHead(payload.length), payload);
    assert.equal((await client.answer()).status, 200);
    assert.equal(client.ended(), false);
  });

  test('counts with the bytes that came, and is refused in the middle; a client that leaves gives them back', async (t) => {
    const { stalled, connect, upload } = await uploadsFor(t, { queueBytes: 1_000_000 });
    const first = await stalled(uploadHead('chunked'), chunk(pictureHead), chunk(Buffer.alloc(900_000)));
    const second = await connect();
    second.send(uploadHead('chunked'), chunk(pictureHead), chunk(Buffer.alloc(200_000)));
    assertRefused(await second.answer(), 429, 'QUEUE_FULL');
    assert.equal((await upload(image(cat.subarray(0, 50_000)))).status, 422, 'its own bytes are free again');
    first.leave();
    await until('room', async () => (await upload(image(cat))).status === 200, 2000);
  });

  test('in time is answered with 408, and its bytes are soon free', async (t) => {
    const { stalled, serving } = await uploadsFor(t, { uploadTimeoutSeconds: 1 });
    const silent = await stalled(uploadHead(1000), pictureHead);
    const slow = await stalled(uploadHead(1000), pictureHead);
    const headless = await stalled('POST /predict HTTP/1.1\r\nHost: localhost\r\n');
    const dripping = setInterval(() => slow.send('a'), 100);
    t.after(() => clearInterval(dripping));
    for (const connection of [silent, slow, headless]) {
      assertRefused(await connection.answer(4000), 408, 'UPLOAD_TIMEOUT');
      await until('the end of the connection', connection.ended, 2000);
    }
    await until('no bytes held', () => serving.load().bytes === 0, 2000);
  });
});

describe('an upload that is refused while it is being sent', () => {
  test('reaches its sender as an answer, not as a broken connection', async (t) => {
    const { port, serving } = await uploadsFor(t, { queueRequests: 1 });
    serving.admit().arrive();
    const client = `
      const statuses = [];
      for (let i = 0; i < 5; i++) {
        const form = new FormData();
        form.set('image', new Blob([Buffer.alloc(19_000_000)]));
        statuses.push((await fetch('http://127.0.0.1:${port}/predict', { method: 'POST', body: form })).status);
      }
      console.log(statuses.join());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', client]);
    assert.equal(stdout.trim(), '429,429,429,429,429');
  });

  test('reaches also a sender that does not listen before it is done', async (t) => {
    const { port } = await uploadsFor(t, { maxBytes: 100_000 });
    const pieces = Array.from({ length: 300 }, () => chunk(Buffer.alloc(65_536)));
    const socket = net.connect(port, '127.0.0.1').pause();
    t.after(() => socket.destroy());
    socket.write(Buffer.concat([Buffer.from(uploadHead('chunked')), chunk(pictureHead), ...pieces]), () =>
      socket.resume(),
    );
    const [answer] = (await within(5000, 'an answer', once(socket, 'data'))) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 413 /);
  });
});

describe('an upload that is too large', () => {
  const MAX_BYTES = 100_000;
  const cases: readonly [what: string, pieces: readonly (Uint8Array | string)[]][] = [
    ['announces too much', [uploadHead(MAX_BYTES * 2)]],
    ['passes the limit', [uploadHead(MAX_BYTES + 1000), pictureHead, Buffer.alloc(MAX_BYTES + 1)]],
    ['passes it in chunks', [uploadHead('chunked'), chunk(pictureHead), chunk(Buffer.alloc(MAX_BYTES + 1))]],
  ];
  for (const [what, pieces] of cases) {
    test(`is 413 as soon as it ${what}, whatever is still to come`, async (t) => {
      const { connect } = await uploadsFor(t, { maxBytes: MAX_BYTES });
      const connection = await connect();
      connection.send(...pieces);
      assertRefused(await connection.answer(2000), 413, 'IMAGE_TOO_LARGE');
      await until('the end of the connection', connection.ended, 2000);
    });
  }

  test("is so by the classifier's own limit, to the byte", async (t) => {
    const exact = await uploadsFor(t, { maxBytes: cat.length });
    assert.equal((await exact.upload(image(cat))).status, 200);
    const tight = await uploadsFor(t, { maxBytes: cat.length - 1 });
    assert.equal((await tight.upload(image(cat))).status, 413);
  });
});

describe('a form', () => {
  const other = (content: Uint8Array | string, field = 'attachment'): Part => ({ field, content, filename: 'x.bin' });

  test('may have other files before and after the picture, and more pictures, of which the first is answered', async (t) => {
    const { upload } = await uploadsFor(t);
    const { status, body } = await upload(
      other('text'),
      other(Buffer.alloc(100_000)),
      image(cat),
      other('more'),
      image('no picture'),
    );
    assert.equal(status, 200, body);
  });

  test('may not have more bytes in all its files than a picture', async (t) => {
    const { upload } = await uploadsFor(t, { maxBytes: 500_000 });
    const { status, body } = await upload(other(Buffer.alloc(450_000)), image(Buffer.alloc(60_000)));
    assert.equal(status, 413, body);
  });

  test('with very many fields is refused, and the sentence says what is expected', async (t) => {
    const { upload } = await uploadsFor(t);
    const { status, body } = await upload(...Array.from({ length: 30 }, () => other('x')), image(cat));
    assert.equal(status, 400);
    assert.match(body, /more than 21 fields.*the picture.*image/);
  });

  for (const [what, form] of [
    ['has no parts', `${uploadBoundary}1.9${uploadBoundary}`],
    ['ends in the middle of a picture', `${pictureHead}a`],
  ] as const)
    test(`that ${what} is 400 for a client that still waits`, async (t) => {
      const { connect } = await uploadsFor(t);
      const client = await connect();
      client.send(uploadHead(form.length), form);
      const { status, body } = await client.answer();
      assert.deepEqual([status, JSON.parse(body).code], [400, 'REQUEST_INVALID'], body);
    });

  test('with more after its end leaves the connection to the next request', async (t) => {
    const { connect } = await uploadsFor(t);
    const { payload } = multipart(image(cat));
    const connection = await connect();
    connection.send(uploadHead(payload.length + 300_000), payload);
    await sleep(100);
    connection.send(Buffer.alloc(300_000), 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.equal((await connection.answer()).status, 200);
    assert.match((await connection.answer()).body, /ok/);
  });
});

describe('an answer that its client does not take', () => {
  test('holds its connection as long as an upload may', async (t) => {
    const { port, http } = await listeningServiceFor(t, { uploadTimeoutSeconds: 1 });
    const client = net.connect(port, '127.0.0.1').pause();
    t.after(() => client.destroy());
    client.on('error', () => undefined);
    client.write('GET /api/v1/labels HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(100));
    const connections = promisify(http.server.getConnections.bind(http.server));
    await until('the connection', async () => (await connections()) === 1);
    await until('its end', async () => (await connections()) === 0, 5000);
  });
});
