import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { encode, gradient } from '../../support/drawings.js';
import { image, multipart, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { type LogLine, serviceFor, sharedService } from '../../support/service.js';
import { until } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const slow = await encode(gradient(3000, 3000), 'PNG');
const CLASSIFY = '/api/v1/classify';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const service = sharedService();

/** The lines that are logged during some work. */
async function logged(work: () => Promise<unknown>): Promise<LogLine[]> {
  const before = service().lines.length;
  await work();
  await until('a line', () => service().lines.length > before);
  return service().lines.slice(before);
}

for (const url of ['/predict', CLASSIFY])
  test(`${url} refuses a header that is not as it is described, also where it would change nothing`, async () => {
    const { headers, payload } = multipart(image(cat));
    const send = (key: string) =>
      service().http.inject({ method: 'POST', url, headers: { ...headers, 'idempotency-key': key }, payload });
    const refused = await send('a b');
    const problem =
      'Expected the header Idempotency-Key to be 1 to 255 visible ASCII characters, such as a UUID, but got "a b". Correct it, or leave it out; see /docs.';
    assert.deepEqual([refused.statusCode, refused.json()], [400, { error: problem, code: 'REQUEST_INVALID' }]);
    assert.equal((await send('a')).statusCode, 200);
  });

test('a request that is not as it is described is refused in a sentence: what misses, what is not known, and types in words', async () => {
  const json = (url: string, payload: unknown) => ({
    ...({ method: 'POST', url, headers: { 'content-type': 'application/json' } } as const),
    payload: JSON.stringify(payload),
  });
  for (const [request, problem] of [
    [{ method: 'POST', url: '/api/v1/compare' }, 'Expected models in the query, but it is missing. Add it; see /docs.'],
    [
      { method: 'POST', url: '/predict?foo=1' },
      'Expected nothing but lang in the query, but got "foo". Correct it, or leave it out; see /docs.',
    ],
    [
      { method: 'POST', url: '/predict?lang=fr' },
      'Expected lang in the query to be en or zh, but got "fr". Correct it, or leave it out; see /docs.',
    ],
    [
      json('/api/v1/jobs', { paths: 'photos' }),
      'Expected paths in the body to be a list, but got "photos". Correct it, or leave it out; see /docs.',
    ],
    [json('/api/v1/jobs', {}), 'Expected paths in the body, but it is missing. Add it; see /docs.'],
    [
      json('/api/v1/jobs', { paths: ['/photos'], folder: 'x' }),
      'Expected nothing but paths in the body, but got "folder". Correct it, or leave it out; see /docs.',
    ],
    [
      json('/api/v1/jobs', 'photos'),
      'Expected the body to be an object, but got "photos". Correct it, or leave it out; see /docs.',
    ],
  ] as const) {
    const answer = await service().http.inject(request);
    assert.deepEqual([answer.statusCode, answer.json()], [400, { error: problem, code: 'REQUEST_INVALID' }]);
  }
});

describe('X-Request-Id', () => {
  const idFor = async (given?: string) => {
    const headers = given === undefined ? {} : { 'x-request-id': given };
    return (await service().http.inject({ url: '/api/v1/models', headers })).headers['x-request-id'] as string;
  };

  for (const id of ['a', '7f3c-22.B_x', 'x'.repeat(64)]) {
    test(`is taken over from a client that sends ${id.slice(0, 20)}`, async () => {
      assert.equal(await idFor(id), id);
    });
  }

  for (const id of ['', ' ', 'x'.repeat(65), 'a b', 'a"b', 'a,b', '猫', '../x', 'a\tb', '$(x)', '<script>']) {
    test(`is new for a client that sends ${JSON.stringify(id.slice(0, 20))}`, async () => {
      assert.match(await idFor(id), UUID);
    });
  }

  test('is new for a client that sends two', async (t) => {
    const connection = await service().connect();
    t.after(connection.leave);
    connection.send('GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\r\nX-Request-Id: b\r\n\r\n');
    assert.match((await connection.answer()).headers['x-request-id'] ?? '', UUID);
  });

  test('is another for each request', async () => {
    assert.notEqual(await idFor(), await idFor());
  });

  test('comes also with refusals of every kind', async (t) => {
    const limited = await serviceFor(t, { apiKey: 'key', rateLimit: 4 });
    const key = { 'x-api-key': 'key' };
    await limited.http.inject({ url: '/api/v1/models', headers: key });
    for (const [code, url, headers] of [
      ['NOT_FOUND', '/nothing', key],
      ['METHOD_NOT_ALLOWED', '/predict', key],
      ['UNAUTHORIZED', '/metrics', {}],
      ['HOST_REFUSED', '/metrics', { host: 'evil.example' }],
      ['RATE_LIMITED', '/api/v1/models', key],
    ] as const) {
      const answer = await limited.http.inject({ url, headers: { ...headers, 'x-request-id': 'mine' } });
      assert.deepEqual([JSON.parse(answer.body).code, answer.headers['x-request-id']], [code, 'mine']);
    }
    const nameless = await service().connect();
    nameless.send('GET /health HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n');
    assert.equal((await nameless.answer()).headers['x-request-id'], 'mine');
    nameless.leave();
  });
});

describe('the log', () => {
  test('has a line for each request, with its id, method, route, status and time', async () => {
    const [line, ...others] = await logged(() =>
      service().http.inject({
        ...{ method: 'POST', url: '/predict?lang=zh' },
        headers: { ...multipart().headers, 'x-request-id': 'mine' },
        payload: multipart(image(cat)).payload,
      }),
    );
    assert.deepEqual(others, []);
    const { ms, ...rest } = line as LogLine;
    assert.deepEqual(rest, { level: 'info', requestId: 'mine', method: 'POST', route: '/predict', status: 200 });
    assert.ok(Number(ms) > 0 && Number(ms) < 10_000, `${ms} ms`);
  });

  test('has the code of what was refused', async () => {
    for (const [code, status, route, url] of [
      ['NOT_FOUND', 404, 'none', '/nothing'],
      ['METHOD_NOT_ALLOWED', 405, CLASSIFY, CLASSIFY],
      ['REQUEST_INVALID', 400, '/api/v1/labels', '/api/v1/labels?x=y'],
      ['MODEL_NOT_FOUND', 404, '/api/v1/models/:name', '/api/v1/models/x'],
      ['HOST_REFUSED', 403, '/health', '/health'],
    ] as const) {
      const headers = code === 'HOST_REFUSED' ? { host: 'evil.example' } : {};
      const [line] = await logged(() => service().http.inject({ url, headers }));
      assert.deepEqual([line?.level, line?.code, line?.status, line?.route], ['info', code, status, route]);
    }
  });

  test('has one line for a client that leaves, with 499 and the time until then', async () => {
    const head = uploadHead(slow.length, CLASSIFY, 'image/png');
    for (const [pieces, when] of [
      [[head, cat.subarray(0, 1000)], 'bytes'],
      [[head, slow], 'pictures'],
    ] as const) {
      const lines = await logged(async () => {
        const connection = await service().connect();
        connection.send(...pieces);
        await until(when, () => service().serving.load()[when] > 0);
        connection.leave();
        await until('nothing held', () => service().serving.load().bytes === 0);
      });
      assert.deepEqual(
        lines.map(({ level, status, route, ms }) => [level, status, route, Number(ms) > 0]),
        [['info', 499, CLASSIFY, true]],
      );
    }
  });

  test('says nothing at its usual level of those that watch over the service, unless they are refused', async () => {
    for (const url of ['/health', '/livez', '/readyz', '/metrics']) {
      const [line] = await logged(() => service().http.inject(url));
      assert.equal(line?.level, 'debug', url);
    }
  });

  test('never has a query, a name, a type, a header, a key or the address of a client', async (t) => {
    const secret = 'telltale';
    const keyed = await serviceFor(t, { apiKey: `${secret}-key`, deadlineMs: 1 });
    const headers = {
      'user-agent': secret,
      'x-forwarded-for': '203.0.113.77',
      referer: `http://localhost/${secret}`,
      cookie: `a=${secret}`,
    };
    const key = { authorization: `Bearer ${secret}-key` };
    const remoteAddress = '203.0.113.77';
    const { headers: type, payload } = multipart(
      image(cat, `${secret}.png`, `image/${secret}`),
      { field: secret, content: secret },
      image('x', `${secret}.gif`),
    );
    const calls = [
      { method: 'POST', url: `/predict?${secret}=1`, headers: { ...headers, ...key, ...type }, payload },
      { method: 'POST', url: '/predict', headers: { ...headers, ...key, ...type }, payload },
      { method: 'POST', url: CLASSIFY, headers: { ...headers, ...key, ...type }, payload },
      { method: 'POST', url: CLASSIFY, headers: { ...headers, ...key, 'content-type': secret }, payload: cat },
      { method: 'POST', url: `${CLASSIFY}?model=${secret}`, headers: { ...headers, ...key, ...type }, payload },
      { method: 'GET', url: `/${secret}?${secret}`, headers: { ...headers, ...key } },
      { method: 'GET', url: `/api/v1/models/${secret}`, headers: { ...headers, ...key } },
      { method: 'GET', url: '/metrics', headers: { ...headers, authorization: `Bearer ${secret}` } },
      { method: 'GET', url: '/health', headers: { ...headers, host: `${secret}.example` } },
      { method: 'PUT', url: '/api/v1/models/active', headers: { ...headers, ...key }, payload: { model: secret } },
    ] as const;
    for (const call of calls) await keyed.http.inject({ ...call, remoteAddress });
    await until('a line for each', () => keyed.lines.filter(({ level }) => level !== 'error').length === calls.length);
    assert.ok(
      keyed.lines.some(({ code }) => code === 'DEADLINE_EXCEEDED'),
      'failures were among them',
    );
    const text = JSON.stringify(keyed.lines);
    assert.doesNotMatch(text, /telltale|203\.0\.113|image\/|multipart|127\.0\.0\.1/i);
    const known = ['level', 'requestId', 'method', 'route', 'status', 'ms', 'code', 'reason'];
    for (const line of keyed.lines)
      assert.deepEqual(
        Object.keys(line).filter((key) => !known.includes(key)),
        [],
      );
  });
});
