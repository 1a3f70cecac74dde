import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Classifier } from '#kaiyan/classification/classifier.js';
import { AppError } from '#kaiyan/errors.js';
import type { Serving } from '#kaiyan/serving/serving.js';
import { type Answer, image, multipart, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { listeningServiceFor } from '../../support/service.js';
import { within } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));

/** With a classifier that does this instead. */
const withClassify = (classify: Classifier['classify']) => (serving: Serving) => ({
  ...serving,
  use: ((choice, work) => serving.use(choice, (classifier) => work({ ...classifier, classify }))) as Serving['use'],
});

function assertRefusal({ status, headers, body }: Answer, expected: number, code: string): string {
  assert.equal(status, expected, body);
  assert.match(headers['content-type'] ?? '', /^application\/json/);
  const refusal = JSON.parse(body) as { error: string; code: string };
  assert.deepEqual(Object.keys(refusal), ['error', 'code']);
  assert.equal(refusal.code, code);
  assert.match(refusal.error, /\. [A-Z].*\.$/, 'it says what to do');
  return refusal.error;
}

describe('a request that Fastify or Node would refuse in their own words', () => {
  const requests: readonly [what: string, request: string, status: number, code: string][] = [
    ['an address that cannot be decoded', 'GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['no HTTP', 'HELLO\r\n\r\n', 400, 'REQUEST_INVALID'],
    [
      'two lengths',
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
    [
      'a broken chunk',
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      'REQUEST_INVALID',
    ],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'REQUEST_INVALID'],
    [
      'a type that is none',
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: ;\r\nContent-Length: 1\r\n\r\nx',
      400,
      'REQUEST_INVALID',
    ],
    ['an unknown method', 'PROPFIND /predict HTTP/1.1\r\nHost: localhost\r\n\r\n', 404, 'NOT_FOUND'],
    [
      'long headers',
      `GET /health HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'a long address',
      `GET /health?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ];
  for (const [what, request, status, code] of requests) {
    test(`with ${what} is answered like any other: ${status} ${code}`, async (t) => {
      const { connect, lines } = await listeningServiceFor(t);
      const connection = await connect();
      connection.send(request);
      assertRefusal(await connection.answer(), status, code);
      assert.ok(lines.every(({ level }) => level !== 'error'));
    });
  }

  test('with an expectation that nobody knows is answered as if it had none', async (t) => {
    const { connect } = await listeningServiceFor(t);
    const connection = await connect();
    connection.send('GET /health HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\n\r\n');
    assert.equal((await connection.answer()).status, 200);
  });
});

describe('while the service closes', () => {
  test('what has begun is answered, and what comes is 503 CLOSED', async (t) => {
    const { close, connect } = await listeningServiceFor(t, { shutdownSeconds: 10 });
    const { payload } = multipart(image(cat));
    const connection = await connect();
    connection.send(uploadHead(payload.length), payload.subarray(0, 1000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    connection.send(payload.subarray(1000), 'GET /api/v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.equal((await connection.answer()).status, 200);
    assertRefusal(await connection.answer(), 503, 'CLOSED');
    connection.leave();
    await within(3000, 'the end', closing);
  });
});

describe('a failure of the service', () => {
  const failing = (error: Error) => () => Promise.reject(error);

  const failures: readonly [what: string, error: Error, status: number, code: string][] = [
    ['a fault in Kaiyan', new TypeError('secret is not a function'), 500, 'INTERNAL'],
    ['a model that was changed', new AppError('MODEL_INVALID', { path: '/secret', reason: 'x' }), 500, 'INTERNAL'],
    ['a worker that ended', new AppError('WORKER_FAILED', { reason: 'secret' }), 503, 'WORKER_FAILED'],
  ];
  for (const [what, error, status, code] of failures) {
    test(`such as ${what} is for its operator, and clients learn no more than its code`, async (t) => {
      const { upload, lines } = await listeningServiceFor(t, {}, withClassify(failing(error)));
      assert.doesNotMatch(assertRefusal(await upload(image(cat)), status, code), /secret/);
      const told = lines.filter(({ level }) => level === 'error');
      assert.deepEqual(
        told.map(({ route }) => route),
        ['POST /predict'],
      );
      assert.match(String(told[0]?.reason), /secret/);
    });
  }
});
