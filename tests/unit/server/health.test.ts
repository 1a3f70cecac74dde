import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '#kaiyan/config.js';
import { image, multipart, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { listeningServiceFor, sharedService } from '../../support/service.js';
import { isSettled, until, within } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));

describe('a service that runs', () => {
  const service = sharedService();

  for (const url of ['/health', '/livez', '/readyz']) {
    test(`says so at ${url}, to GET and HEAD`, async () => {
      const { statusCode, headers, body } = await service().http.inject(url);
      assert.deepEqual([statusCode, body], [200, '{"status":"ok"}']);
      assert.match(headers['content-type'] as string, /^application\/json/);
      assert.equal((await service().http.inject({ method: 'HEAD', url })).statusCode, 200);
    });
  }

  test('says so also while its queue is full, since it lives', async () => {
    const { serving, http } = service();
    const places = Array.from({ length: serving.load().mostPictures }, () => serving.admit());
    for (const place of places) place.arrive();
    assert.throws(serving.admit);
    for (const url of ['/livez', '/readyz']) assert.equal((await http.inject(url)).statusCode, 200);
    for (const place of places) place.leave();
  });
});

async function endingService(t: TestContext, changes: Partial<Settings>) {
  const { connect, close, http, serving } = await listeningServiceFor(t, changes);
  const get = async (url: string) => {
    const connection = await connect();
    connection.send(`GET ${url} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const { status, headers, body } = await connection.answer();
    return { status, headers, code: (JSON.parse(body) as { code?: string }).code };
  };
  return { connect, close, http, serving, get };
}

describe('a service that was asked to end', () => {
  test('goes on for drainSeconds, while /readyz says that it takes no more and /livez that it lives', async (t) => {
    const { connect, close, get } = await endingService(t, { drainSeconds: 1 });
    const begun = performance.now();
    const closing = close();
    const ready = await get('/readyz');
    assert.deepEqual([ready.status, ready.code, ready.headers['retry-after']], [503, 'CLOSED', '5']);
    assert.ok(ready.headers['x-request-id']);
    for (const url of ['/livez', '/health', '/api/v1/models']) assert.equal((await get(url)).status, 200, url);
    const { payload } = multipart(image(cat));
    const connection = await connect();
    connection.send(uploadHead(payload.length), payload);
    assert.equal((await connection.answer()).status, 200);
    connection.leave();
    assert.equal(await isSettled(closing), false);
    await within(5000, 'the end', closing);
    assert.ok(performance.now() - begun >= 990);
    await assert.rejects(get('/livez'));
  });

  test('then refuses what comes with 503 CLOSED, but says that it lives, until what had begun is answered', async (t) => {
    const { connect, close, get } = await endingService(t, { shutdownSeconds: 20 });
    const { payload } = multipart(image(cat));
    const connection = await connect();
    connection.send(uploadHead(payload.length), payload.subarray(0, 1000));
    await sleep(100);
    const closing = close();
    await sleep(50);
    for (const url of ['/api/v1/models', '/readyz', '/metrics', '/nothing']) {
      const refused = await get(url);
      assert.deepEqual([refused.status, refused.code, refused.headers['retry-after']], [503, 'CLOSED', '5'], url);
      assert.ok(refused.headers['x-request-id'], url);
    }
    assert.equal((await get('/livez')).status, 200);
    assert.equal(await isSettled(closing), false);
    connection.send(payload.subarray(1000));
    assert.equal((await connection.answer()).status, 200);
    await within(3000, 'the end', closing);
  });

  test('cuts what is not done after shutdownSeconds, and gives back what it held', async (t) => {
    const { connect, close, serving } = await endingService(t, { shutdownSeconds: 1 });
    const connection = await connect();
    connection.send(uploadHead(1_000_000), multipart(image(cat)).payload.subarray(0, 1000));
    await until('its bytes', () => serving.load().bytes > 0);
    const begun = performance.now();
    await within(4000, 'the end', close());
    assert.ok(performance.now() - begun >= 990);
    await until('the end of the connection', connection.ended);
    await until('nothing held', () => serving.load().bytes === 0);
  });

  test('does not wait for connections on which nothing is asked', async (t) => {
    const { connect, close } = await endingService(t, { shutdownSeconds: 20 });
    const idle = await connect();
    const used = await connect();
    used.send('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await used.answer();
    await within(2000, 'the end', close());
    await until('the end of both', () => idle.ended() && used.ended());
  });

  test('answers every request that it has begun, however many', async (t) => {
    const { connect, close, http } = await endingService(t, { shutdownSeconds: 20 });
    let begun = 0;
    http.server.on('request', () => {
      begun += 1;
    });
    const { payload } = multipart(image(cat));
    const connections = await Promise.all(Array.from({ length: 30 }, connect));
    for (const connection of connections) connection.send(uploadHead(payload.length), payload);
    await until('all of them', () => begun === connections.length);
    const closing = close();
    const answers = await Promise.all(connections.map((connection) => connection.answer()));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    await within(5000, 'the end', closing);
  });
});
