import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { image, multipart, type Part } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { createService, type Service, serviceFor } from '../../support/service.js';

const MAX_BYTES = 2_000_000;
let service: Service;
before(async () => {
  service = await createService({ maxBytes: MAX_BYTES });
});
after(() => service.end());

const cat = await readFile(path.join(examples, 'chelsea.png'));

const predict = (parts: readonly Part[], query = '') =>
  service.http.inject({ method: 'POST', url: `/predict${query}`, ...multipart(...parts) });

describe('POST /predict', () => {
  test('answers with three labels and their confidence in percent with two decimals', async () => {
    const { statusCode, headers, body } = await predict([image(cat)]);
    assert.equal(statusCode, 200);
    assert.match(headers['content-type'] as string, /^application\/json/);
    const predictions = JSON.parse(body) as { label: string; confidence: number }[];
    assert.equal(predictions.length, 3);
    for (const prediction of predictions) {
      assert.deepEqual(Object.keys(prediction), ['label', 'confidence']);
      assert.ok(prediction.confidence >= 0 && prediction.confidence <= 100);
      assert.equal(Math.round(prediction.confidence * 100) / 100, prediction.confidence);
    }
    const confidences = predictions.map(({ confidence }) => confidence);
    assert.deepEqual(
      confidences,
      confidences.toSorted((a, b) => b - a),
    );
  });

  test('names its model in a header', async () => {
    const { headers } = await predict([image(cat)]);
    assert.equal(headers['kaiyan-model'], 'efficientnet-lite0@1+7dfaaf447a93');
  });

  test('answers in Chinese with ?lang=zh, and refuses other languages', async () => {
    const [first] = JSON.parse((await predict([image(cat)], '?lang=zh')).body) as [{ label: string }];
    assert.match(first.label, /猫/);
    const refused = await predict([image(cat)], '?lang=fr');
    assert.equal(refused.statusCode, 400);
    assert.match(refused.body, /en or zh.*fr/);
  });

  test('judges by the bytes, not by the name or the declared type', async () => {
    assert.equal((await predict([image(cat, 'letter.pdf', 'application/pdf')])).statusCode, 200);
    const lying = await predict([image('%PDF-1.7', 'cat.jpg', 'image/jpeg')]);
    assert.deepEqual([lying.statusCode, JSON.parse(lying.body).code], [415, 'IMAGE_UNSUPPORTED']);
  });

  test('finds the picture among other fields', async () => {
    const before: Part = { field: 'note', content: 'hello' };
    const { statusCode } = await predict([before, image(cat), { field: 'more', content: 'x' }]);
    assert.equal(statusCode, 200);
  });

  const missing: readonly [what: string, request: () => Promise<{ statusCode: number; body: string }>][] = [
    ['an empty form', () => predict([])],
    ['a form with another field', () => predict([{ field: 'file', content: cat, filename: 'cat.png' }])],
    ['a text in the field', () => predict([{ field: 'image', content: 'cat.png' }])],
    ['no body', () => service.http.inject({ method: 'POST', url: '/predict' })],
    ['JSON', () => service.http.inject({ method: 'POST', url: '/predict', payload: { image: 'cat' } })],
    [
      'a bare picture',
      () =>
        service.http.inject({
          method: 'POST',
          url: '/predict',
          headers: { 'content-type': 'image/png' },
          payload: cat,
        }),
    ],
  ];
  for (const [what, request] of missing) {
    test(`says "No image uploaded" with 400 to ${what}`, async () => {
      const { statusCode, body } = await request();
      const { error, code } = JSON.parse(body) as { error: string; code: string };
      assert.deepEqual([statusCode, code], [400, 'IMAGE_MISSING']);
      assert.match(error, /^No image uploaded/);
    });
  }

  const bad: readonly [what: string, content: Uint8Array, status: number, code: string][] = [
    ['an empty file', new Uint8Array(0), 400, 'IMAGE_EMPTY'],
    ['a damaged picture', cat.subarray(0, 5000), 422, 'IMAGE_CORRUPT'],
    ['something else', Buffer.from('hello'), 415, 'IMAGE_UNSUPPORTED'],
    ['one byte too much', Buffer.alloc(MAX_BYTES + 1), 413, 'IMAGE_TOO_LARGE'],
    ['much too much', Buffer.alloc(MAX_BYTES * 3), 413, 'IMAGE_TOO_LARGE'],
  ];
  for (const [what, content, status, code] of bad) {
    test(`answers ${what} with ${status} ${code}`, async () => {
      const { statusCode, body } = await predict([image(content)]);
      assert.deepEqual([statusCode, JSON.parse(body).code], [status, code], body);
      assert.ok((JSON.parse(body).error as string).length > 20);
    });
  }

  test('answers a broken form with a status of the 400s, never as an internal error', async () => {
    const { headers, payload } = multipart(image(cat));
    const broken = [
      { headers: { 'content-type': 'multipart/form-data' }, payload },
      { headers, payload: payload.subarray(0, 2000) },
      { headers, payload: Buffer.from('no form at all') },
      { headers, payload: Buffer.alloc(0) },
    ];
    for (const request of broken) {
      const { statusCode, body } = await service.http.inject({ method: 'POST', url: '/predict', ...request });
      assert.ok(statusCode >= 400 && statusCode < 500, `${statusCode} ${body}`);
      assert.doesNotMatch(body, /INTERNAL/);
    }
  });

  test('goes on after all of that', async () => {
    assert.equal((await predict([image(cat)])).statusCode, 200);
  });
});

describe('a full queue', () => {
  test('is 429 at once, with a hint when to come back', async (t) => {
    const small = await serviceFor(t, { queueRequests: 1 });
    const responses = await Promise.all(
      [1, 2, 3].map(() => small.http.inject({ method: 'POST', url: '/predict', ...multipart(image(cat)) })),
    );
    const refused = responses.find(({ statusCode }) => statusCode === 429);
    assert.ok(refused, `${responses.map(({ statusCode }) => statusCode)}`);
    assert.equal(JSON.parse(refused.body).code, 'QUEUE_FULL');
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    assert.ok(responses.some(({ statusCode }) => statusCode === 200));
  });
});

describe('other addresses', () => {
  test('GET /health says that the service runs', async () => {
    const { statusCode, body } = await service.http.inject('/health');
    assert.deepEqual([statusCode, JSON.parse(body).status], [200, 'ok']);
  });

  test('anything else is 404 with a sentence and a code', async () => {
    const { statusCode, body } = await service.http.inject('/nothing?x=1');
    assert.deepEqual([statusCode, JSON.parse(body).code], [404, 'NOT_FOUND']);
    assert.match(JSON.parse(body).error, /POST \/predict/);
  });

  test('a method that an address does not have is 405, and the answer says which it has', async () => {
    for (const [method, url, allowed] of [
      ['GET', '/predict', /^POST$/],
      ['POST', '/health', /^GET, HEAD$/],
      ['DELETE', '/api/v1/models/x', /^GET, HEAD$/],
      ['QUERY' as 'GET', '/predict', /^POST$/],
    ] as const) {
      const { statusCode, headers, body } = await service.http.inject({ method, url });
      assert.deepEqual([statusCode, JSON.parse(body).code], [405, 'METHOD_NOT_ALLOWED'], url);
      assert.match(headers.allow as string, allowed);
    }
  });
});
