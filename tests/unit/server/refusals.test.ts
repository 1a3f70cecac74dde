import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Classifier, createClassifier } from '#kaiyan/classification/classifier.js';
import { AppError } from '#kaiyan/errors.js';
import { createApp } from '#kaiyan/server/app.js';
import { type Answer, connectTo, image, multipart, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { within } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));

let classifier: Classifier;
before(async () => {
  classifier = await createClassifier({ workers: 1, precision: 'int8', home: '/dev/null/kaiyan' });
});
after(() => classifier.close());

interface Told {
  readonly error: AppError;
  readonly route: string;
}

async function serviceFor(t: TestContext, classify = classifier.classify) {
  const told: Told[] = [];
  const app = await createApp({
    classifier: { ...classifier, classify },
    uploadTimeoutSeconds: 30,
    onError: (error, route) => told.push({ error, route }),
  });
  t.after(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  return { app, told, connect: () => connectTo(t, port) };
}

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
    ['an address that cannot be decoded', 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['no HTTP', 'HELLO\r\n\r\n', 400, 'REQUEST_INVALID'],
    [
      'two lengths',
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
    [
      'a broken chunk',
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      'REQUEST_INVALID',
    ],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'REQUEST_INVALID'],
    [
      'a type that is none',
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: ;\r\nContent-Length: 1\r\n\r\nx',
      400,
      'REQUEST_INVALID',
    ],
    ['an unknown method', 'PROPFIND /predict HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'NOT_FOUND'],
    [
      'long headers',
      `GET /health HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ];
  for (const [what, request, status, code] of requests) {
    test(`with ${what} is answered like any other: ${status} ${code}`, async (t) => {
      const { connect, told } = await serviceFor(t);
      const connection = await connect();
      connection.send(request);
      assertRefusal(await connection.answer(), status, code);
      assert.deepEqual(told, []);
    });
  }

  test('with an expectation that nobody knows is answered as if it had none', async (t) => {
    const { connect } = await serviceFor(t);
    const connection = await connect();
    connection.send('GET /health HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n');
    assert.equal((await connection.answer()).status, 200);
  });
});

describe('while the service closes', () => {
  test('what has begun is answered, and what comes is 503 CLOSED', async (t) => {
    const { app, connect } = await serviceFor(t);
    const { payload } = multipart(image(cat));
    const connection = await connect();
    connection.send(uploadHead(payload.length), payload.subarray(0, 1000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = app.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    connection.send(payload.subarray(1000), 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal((await connection.answer()).status, 200);
    assertRefusal(await connection.answer(), 503, 'CLOSED');
    connection.leave();
    await within(3000, 'the end', closing);
  });
});

describe('a failure of the service', () => {
  const failing = (error: Error) => () => Promise.reject(error);
  const upload = async (connect: Awaited<ReturnType<typeof serviceFor>>['connect']) => {
    const { payload } = multipart(image(cat));
    const connection = await connect();
    connection.send(uploadHead(payload.length).replace('/predict', '/predict?lang=en'), payload);
    return connection.answer();
  };

  const failures: readonly [what: string, error: Error, status: number, code: string][] = [
    ['a fault in Kaiyan', new TypeError('secret is not a function'), 500, 'INTERNAL'],
    ['a model that was changed', new AppError('MODEL_INVALID', { path: '/secret', reason: 'x' }), 500, 'INTERNAL'],
    ['a worker that ended', new AppError('WORKER_FAILED', { reason: 'secret' }), 503, 'WORKER_FAILED'],
  ];
  for (const [what, error, status, code] of failures) {
    test(`such as ${what} is for its operator, and clients learn no more than its code`, async (t) => {
      const { connect, told } = await serviceFor(t, failing(error));
      assert.doesNotMatch(assertRefusal(await upload(connect), status, code), /secret/);
      assert.deepEqual(
        told.map(({ route }) => route),
        ['POST /predict'],
      );
      assert.match(told[0]?.error.message ?? '', /secret/);
      if (!(error instanceof AppError)) assert.equal(told[0]?.error.cause, error);
    });
  }
});
