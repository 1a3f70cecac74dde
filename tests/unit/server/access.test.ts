import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Settings } from '#kaiyan/config.js';
import { connectTo } from '../../support/http.js';
import { sharedService } from '../../support/service.js';

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'OPTIONS';

interface Call {
  readonly method?: Method;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly payload?: object;
  readonly remoteAddress?: string;
}

/** A service, and calls to it that are answered with a status and the code of an error, if any. */
function callsOf(changes: Partial<Settings> = {}) {
  const service = sharedService(changes);
  async function call({ method = 'GET', url = '/api/v1/models', ...rest }: Call = {}) {
    const { statusCode, headers, body } = await service().http.inject({ method, url, ...rest });
    const json = headers['content-type']?.toString().startsWith('application/json') ? JSON.parse(body || '{}') : {};
    return { status: statusCode, code: json.code as string | undefined, headers, body };
  }
  /** "200", or "403 HOST_REFUSED". */
  const outcome = async (given?: Call) => {
    const { status, code } = await call(given);
    return code === undefined ? `${status}` : `${status} ${code}`;
  };
  return { service, call, outcome };
}

/** An upload without a picture, to be refused with IMAGE_MISSING by its route. */
const post = (headers: Record<string, string>): Call => ({ method: 'POST', url: '/predict', headers });
const activate = (headers: Record<string, string> = {}, more: Call = {}): Call => ({
  ...{ method: 'PUT', url: '/api/v1/models/active', headers, payload: { model: 'efficientnet-lite0' } },
  ...more,
});
const host = (name: string): Call => ({ headers: { host: name } });
const REFUSED = '403 HOST_REFUSED';

describe('a service on a loopback address', () => {
  const { service, call, outcome } = callsOf();

  const own = ['localhost', 'localhost:5000', 'LocalHost', '127.0.0.1', '127.0.0.1:80', '127.1.2.3', '[::1]'];
  for (const name of [...own, '[::1]:5000', 'kaiyan.localhost', 'A.B.LOCALHOST:8080']) {
    test(`answers to its own name ${name}`, async () => {
      assert.equal(await outcome(host(name)), '200');
    });
  }

  const foreign = [
    ...['evil.example', 'evil.example:5000', 'localhost.evil.example', '127.0.0.1.evil.example', 'notlocalhost'],
    ...['2130706433', '0x7f.1', '0x7f000001', '017700000001', '127.1', '0.0.0.0', '192.168.0.1', '[::]', '[::2]'],
    ...[' ', ':5000', '.localhost', 'localhost:', 'localhost:port', 'localhost:5000:1', 'localhost:123456'],
    ...['localhost/', 'localhost@evil.example', 'user@localhost', 'user:key@localhost', '::1', '[::1', '[localhost]'],
    ...['evil.example .localhost', 'evil.example, localhost', 'localhost, evil.example', 'evil.example#.localhost'],
  ];
  for (const name of foreign) {
    test(`refuses to be called "${name}"`, async () => {
      assert.equal(await outcome(host(name)), REFUSED);
    });
  }

  test('answers supervisors by whatever name they call', async () => {
    for (const url of ['/livez', '/readyz'])
      assert.equal(await outcome({ url, headers: { host: '10.1.2.3:5000' } }), '200');
  });

  test('refuses a foreign name whatever is asked, also for health and what is not there', async () => {
    const headers = { host: 'evil.example' };
    for (const url of ['/health', '/metrics', '/docs', '/api/v1/openapi.json', '/nothing'])
      assert.equal(await outcome({ url, headers }), REFUSED, url);
    for (const method of ['POST', 'PUT', 'OPTIONS', 'HEAD'] as const)
      assert.equal((await call({ method, url: '/predict', headers })).status, 403, method);
  });

  test('says in its refusal how it was called and what to do, and passes on nothing that a terminal obeys', async () => {
    const { body } = await call(host('evil.example'));
    assert.match(body, /localhost.*"evil\.example\\".*allowedHosts/);
    const strange = await call(host(`\u001b[31m${'x'.repeat(1000)}`));
    assert.doesNotMatch(strange.body, /\\u001b|x{101}/);
  });

  test('answers to a client that names none, as HTTP/1.0 allows', async (t) => {
    const connection = await connectTo(t, service().port);
    connection.send('GET /health HTTP/1.0\r\n\r\n');
    assert.equal((await connection.answer()).status, 200);
  });

  test('refuses an empty name that comes through a socket', async (t) => {
    const connection = await connectTo(t, service().port);
    connection.send('GET /health HTTP/1.1\r\nHost:\r\n\r\n');
    assert.equal((await connection.answer()).status, 403);
  });

  const pages: readonly [what: string, headers: Record<string, string>, expected: string][] = [
    ['its own pages', { host: 'localhost:5000', origin: 'http://localhost:5000' }, '400 IMAGE_MISSING'],
    ['its own pages at port 80', { host: '127.0.0.1', origin: 'http://127.0.0.1' }, '400 IMAGE_MISSING'],
    ['its own pages by IPv6', { host: '[::1]:5000', origin: 'http://[::1]:5000' }, '400 IMAGE_MISSING'],
    ['its own pages behind TLS', { host: 'localhost:5000', origin: 'https://localhost:5000' }, '400 IMAGE_MISSING'],
    ['no page', { host: 'localhost:5000' }, '400 IMAGE_MISSING'],
    ['another page', { host: 'localhost:5000', origin: 'https://evil.example' }, '403 ORIGIN_REFUSED'],
    ['a page without an origin', { host: 'localhost:5000', origin: 'null' }, '403 ORIGIN_REFUSED'],
    ['an empty origin', { host: 'localhost:5000', origin: '' }, '403 ORIGIN_REFUSED'],
    ['a page at another port', { host: 'localhost:5000', origin: 'http://localhost:3000' }, '403 ORIGIN_REFUSED'],
    [
      'a page at another of its names',
      { host: 'localhost:5000', origin: 'http://127.0.0.1:5000' },
      '403 ORIGIN_REFUSED',
    ],
    ['another scheme', { host: 'localhost:5000', origin: 'chrome-extension://localhost:5000' }, '403 ORIGIN_REFUSED'],
    ['an origin with a path', { host: 'localhost:5000', origin: 'http://localhost:5000/x' }, '403 ORIGIN_REFUSED'],
    ['a user in the origin', { host: 'localhost', origin: 'http://evil.example@localhost' }, '403 ORIGIN_REFUSED'],
  ];
  for (const [what, headers, expected] of pages) {
    test(`answers a call from ${what} with ${expected}`, async () => {
      assert.equal(await outcome(post(headers)), expected);
    });
  }

  test('answers what another page may ask of anyone, but its browser may not show the page the answer', async () => {
    for (const method of ['GET', 'HEAD'] as const) {
      const { status, headers } = await call({ method, headers: { origin: 'https://evil.example' } });
      assert.equal(status, 200);
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    }
  });

  test('does not let a page of another origin ask whether it may call', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };
    for (const url of ['/predict', '/api/v1/models/active', '/nothing']) {
      const asked = await call({ method: 'OPTIONS', url, headers });
      assert.ok(asked.status >= 400 && asked.status < 500, `${asked.status}`);
      assert.ok(asked.code);
      assert.ok(Object.keys(asked.headers).every((name) => !name.startsWith('access-control-')));
    }
  });

  test('is managed from this machine without a token, but not by a page of another origin', async () => {
    assert.equal(await outcome(activate()), '200');
    assert.equal(await outcome(activate({ host: 'localhost:80', origin: 'http://localhost' })), '403 ORIGIN_REFUSED');
    assert.equal(await outcome(activate({ origin: 'https://evil.example' })), '403 ORIGIN_REFUSED');
    assert.equal(await outcome(activate({ host: 'evil.example' })), REFUSED);
  });
});

describe('allowedHosts', () => {
  const { outcome } = callsOf({ allowedHosts: ['Pictures.example.org', '192.168.0.5'] });

  test('adds names to those of this machine, in any case and at any port', async () => {
    for (const name of ['pictures.example.org', 'PICTURES.EXAMPLE.ORG:443', '192.168.0.5:5000', 'localhost'])
      assert.equal(await outcome(host(name)), '200', name);
  });

  test('adds no others', async () => {
    for (const name of ['evil.example', 'x.pictures.example.org', 'pictures.example.org.evil.example', '192.168.0.50'])
      assert.equal(await outcome(host(name)), REFUSED, name);
  });

  test('lets the pages of those names call, and no others', async () => {
    const name = 'pictures.example.org';
    assert.equal(await outcome(post({ host: name, origin: `https://${name}` })), '400 IMAGE_MISSING');
    assert.equal(await outcome(post({ host: name, origin: 'https://evil.example' })), '403 ORIGIN_REFUSED');
  });
});

describe('allowedHosts *', () => {
  const { outcome } = callsOf({ allowedHosts: ['*'] });

  test('lets the service be called by any name', async () => {
    for (const name of ['evil.example', '', '2130706433']) assert.equal(await outcome(host(name)), '200', name);
  });
});

describe('a service on a public address', () => {
  const { outcome } = callsOf({ host: '0.0.0.0' });

  test('is called by any name and from any page, since keys protect it', async () => {
    assert.equal(await outcome(host('evil.example')), '200');
    assert.equal(await outcome(post({ host: 'evil.example', origin: 'https://other.example' })), '400 IMAGE_MISSING');
  });

  test('is not managed without a token, which a client cannot make up', async () => {
    assert.equal(await outcome(activate()), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ host: '127.0.0.1' })), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ authorization: 'Bearer ' })), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ 'x-api-key': '' })), '403 MANAGEMENT_REFUSED');
  });
});

describe('a service on a public address with allowedHosts', () => {
  const { outcome } = callsOf({ host: '0.0.0.0', allowedHosts: ['pictures.example.org'] });

  test('answers to those names and its own only', async () => {
    assert.equal(await outcome(host('pictures.example.org')), '200');
    assert.equal(await outcome(host('localhost')), '200');
    assert.equal(await outcome(host('evil.example')), REFUSED);
    const foreign = { host: 'pictures.example.org', origin: 'https://evil.example' };
    assert.equal(await outcome(post(foreign)), '403 ORIGIN_REFUSED');
  });
});

describe('a service with a key', () => {
  const key = 'correct horse';
  const { call, outcome } = callsOf({ apiKey: key, adminToken: 'battery staple' });

  const given: readonly [what: string, headers: Record<string, string>, expected: string][] = [
    ['none', {}, '401 UNAUTHORIZED'],
    ['an empty one', { authorization: 'Bearer ', 'x-api-key': '' }, '401 UNAUTHORIZED'],
    ['another', { authorization: 'Bearer wrong' }, '401 UNAUTHORIZED'],
    ['another of the same length', { authorization: 'Bearer correct horsf' }, '401 UNAUTHORIZED'],
    ['a part of it', { authorization: 'Bearer correct' }, '401 UNAUTHORIZED'],
    ['it and more', { authorization: `Bearer ${key}!` }, '401 UNAUTHORIZED'],
    ['it in capitals', { authorization: `Bearer ${key.toUpperCase()}` }, '401 UNAUTHORIZED'],
    ['it in another scheme', { authorization: `Basic ${key}` }, '401 UNAUTHORIZED'],
    ['it without a scheme', { authorization: key }, '401 UNAUTHORIZED'],
    ['another as X-API-Key', { 'x-api-key': 'wrong' }, '401 UNAUTHORIZED'],
    ['it', { authorization: `Bearer ${key}` }, '200'],
    ['it in a scheme in small letters', { authorization: `bearer ${key}` }, '200'],
    ['it in a scheme in capitals', { authorization: `BEARER  ${key}` }, '200'],
    ['it as X-API-Key', { 'x-api-key': key }, '200'],
    ['it beside another scheme', { authorization: 'Basic abc', 'x-api-key': key }, '200'],
    ['the admin token', { authorization: 'Bearer battery staple' }, '200'],
  ];
  for (const [what, headers, expected] of given) {
    test(`answers a client that gives ${what} with ${expected}`, async () => {
      assert.equal(await outcome({ headers }), expected);
    });
  }

  test('says how to send one, in words and in the header that HTTP has for it', async () => {
    const { headers, body } = await call();
    assert.equal(headers['www-authenticate'], 'Bearer');
    assert.match(body, /Authorization: Bearer KEY.*X-API-Key/);
    assert.doesNotMatch(body, /correct|battery/);
  });

  for (const url of ['/health', '/livez', '/readyz', '/', '/icon.svg', '/api/v1/openapi.json']) {
    test(`leaves ${url} open`, async () => {
      assert.equal(await outcome({ url }), '200');
    });
  }

  const closed: readonly [Method, string][] = [
    ...(['/metrics', '/api/v1/models', '/api/v1/models/efficientnet-lite0', '/api/v1/labels', '/nothing'] as const).map(
      (url) => ['GET', url] as [Method, string],
    ),
    ...[['HEAD', '/metrics'] as const, ['POST', '/predict'] as const, ['POST', '/api/v1/classify'] as const],
    ...[['PUT', '/api/v1/models/active'] as const, ['GET', '/health/'] as const, ['GET', '//metrics'] as const],
  ].map(([method, url]) => [method, url] as [Method, string]);
  for (const [method, url] of closed) {
    test(`closes ${method} ${url} to those who have none`, async () => {
      assert.equal((await call({ method, url })).status, 401);
    });
  }

  test('lets who has the key classify, and only who has the token manage', async () => {
    const wrong = { method: 'PUT', url: '/api/v1/models/active' } as const;
    assert.equal(await outcome(post({ 'x-api-key': key })), '400 IMAGE_MISSING');
    assert.equal(await outcome({ ...wrong, headers: { 'x-api-key': key } }), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ 'x-api-key': 'battery staple' })), '200');
  });

  test('refuses a large upload without the key before it is read', async () => {
    const { status } = await call({ ...post({}), payload: Buffer.alloc(30_000_000) });
    assert.equal(status, 401);
  });
});

describe('an admin token without a key', () => {
  const { outcome } = callsOf({ adminToken: 'battery staple' });

  test('is asked for by calls that manage, from this machine too, and by no others', async () => {
    assert.equal(await outcome(activate()), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ 'x-api-key': 'battery' })), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ 'x-api-key': 'battery staple' })), '200');
    assert.equal(await outcome(), '200');
  });

  test('does not help a page of another origin', async () => {
    const headers = { 'x-api-key': 'battery staple', origin: 'https://evil.example' };
    assert.equal(await outcome(activate(headers)), '403 ORIGIN_REFUSED');
  });
});

describe('an admin token on a public address', () => {
  const { outcome } = callsOf({ host: '0.0.0.0', adminToken: 'battery staple', apiKey: 'correct horse' });

  test('opens the calls that manage', async () => {
    assert.equal(await outcome(activate({ authorization: 'Bearer correct horse' })), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ authorization: 'Bearer battery staple' })), '200');
  });
});

describe('a service behind a proxy on its own machine', () => {
  const { outcome } = callsOf({ allowedHosts: ['pictures.example.org'], trustedProxies: ['127.0.0.1'] });

  test('is managed from this machine, and not by those who come through the proxy', async () => {
    assert.equal(await outcome(activate()), '200');
    assert.equal(await outcome(activate({ host: 'pictures.example.org' })), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate({ 'x-forwarded-for': '192.0.2.7' })), '403 MANAGEMENT_REFUSED');
  });
});

describe('corsOrigins', () => {
  const friend = 'https://pages.example.org';
  const { call, outcome } = callsOf({ corsOrigins: [friend], apiKey: 'key', allowedHosts: ['api.example.org'] });
  const asking = (origin: string, more: Record<string, string> = {}): Call => ({
    method: 'OPTIONS',
    url: '/api/v1/classify',
    headers: { origin, 'access-control-request-method': 'POST', ...more },
  });

  test('tells the browsers of those pages, which ask without a key, that they may call', async () => {
    const { status, headers } = await call(asking(friend, { 'access-control-request-headers': 'authorization' }));
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-origin'], friend);
    assert.match(headers['access-control-allow-methods'] as string, /POST.*DELETE/);
    assert.equal(headers['access-control-allow-headers'], 'authorization');
    assert.equal(headers['access-control-allow-credentials'], undefined);
    assert.match(headers.vary as string, /Origin/);
  });

  test('does not tell others so', async () => {
    for (const origin of ['https://evil.example', 'http://pages.example.org', `${friend}:8443`, 'null'])
      assert.equal((await call(asking(origin))).headers['access-control-allow-origin'], undefined, origin);
  });

  test('lets those pages read answers and headers, refusals too', async () => {
    for (const [key, status] of [
      ['key', 400],
      ['wrong', 401],
    ] as const) {
      const answer = await call({ ...post({ origin: friend, 'x-api-key': key }) });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['access-control-allow-origin'], friend);
      assert.match(answer.headers['access-control-expose-headers'] as string, /Kaiyan-Model/);
    }
  });

  test('lets no other page call', async () => {
    assert.equal(await outcome(post({ origin: 'https://evil.example', 'x-api-key': 'key' })), '403 ORIGIN_REFUSED');
  });

  test('answers a question that is none with a code of the 400s', async () => {
    for (const headers of [{}, { origin: friend }] as Record<string, string>[]) {
      const { status, code } = await call({ method: 'OPTIONS', url: '/predict', headers });
      assert.ok(status >= 400 && status < 500 && code, `${status} ${code}`);
    }
  });
});

describe('corsOrigins *', () => {
  const { call, outcome } = callsOf({ corsOrigins: ['*'] });

  test('lets every page ask, but none manage without a token', async () => {
    const origin = 'https://evil.example';
    assert.equal(await outcome(post({ origin })), '400 IMAGE_MISSING');
    assert.equal(await outcome(activate({ origin })), '403 MANAGEMENT_REFUSED');
    assert.equal(await outcome(activate()), '200');
  });

  test('lets all pages call and read', async () => {
    const { status, headers } = await call(post({ origin: 'https://evil.example' }));
    assert.deepEqual([status, headers['access-control-allow-origin']], [400, '*']);
    assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
  });
});

describe('a limit of calls a minute', () => {
  const { call, outcome } = callsOf({ rateLimit: 3 });

  test('refuses more with 429 and says when to come back, but not to those who look after health', async () => {
    for (let i = 0; i < 3; i++) assert.equal(await outcome(), '200');
    const { status, code, headers, body } = await call();
    assert.deepEqual([status, code], [429, 'RATE_LIMITED']);
    const seconds = Number(headers['retry-after']);
    assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
    assert.match(body, /3 calls a minute/);
    for (let i = 0; i < 5; i++) assert.equal(await outcome({ url: '/health' }), '200');
  });

  test('counts each address for itself, whatever a client says of its own', async () => {
    const call = (forwarded: string): Call => ({
      remoteAddress: '192.0.2.1',
      headers: { 'x-forwarded-for': forwarded },
    });
    for (const forwarded of ['198.51.100.1', '198.51.100.2', '198.51.100.3'])
      assert.equal(await outcome(call(forwarded)), '200');
    assert.equal(await outcome(call('198.51.100.4')), '429 RATE_LIMITED');
  });
});

describe('a limit of calls a minute where there is a key', () => {
  const { outcome } = callsOf({ rateLimit: 3, apiKey: 'key', adminToken: 'token' });
  const from = (remoteAddress: string, key: string, more: Call = {}): Call => ({
    ...{ remoteAddress, headers: { 'x-api-key': key } },
    ...more,
  });

  test('counts guesses of it too, wherever they are made', async () => {
    assert.equal(await outcome(from('192.0.2.1', 'guess')), '401 UNAUTHORIZED');
    assert.equal(await outcome(from('192.0.2.1', 'another', { url: '/nothing' })), '401 UNAUTHORIZED');
    const managed: Call = { url: '/api/v1/promotions' };
    assert.equal(await outcome(from('192.0.2.1', 'key', managed)), '403 MANAGEMENT_REFUSED');
    for (const key of ['guess', 'key', 'token'])
      assert.equal(await outcome(from('192.0.2.1', key)), '429 RATE_LIMITED');
    assert.equal(await outcome(from('192.0.2.1', 'guess', { url: '/nothing' })), '429 RATE_LIMITED');
  });

  test('leaves other addresses alone', async () => {
    assert.equal(await outcome(from('192.0.2.2', 'key')), '200');
  });
});

describe('trustedProxies', () => {
  const { outcome } = callsOf({ rateLimit: 1, trustedProxies: ['10.0.0.0/8', '192.0.2.9'] });
  const from = (remoteAddress: string, forwarded: string): Call => ({
    remoteAddress,
    headers: { 'x-forwarded-for': forwarded },
  });

  test('say whose call it is that they pass on', async () => {
    assert.equal(await outcome(from('10.1.2.3', '198.51.100.1')), '200');
    assert.equal(await outcome(from('192.0.2.9', '198.51.100.2')), '200');
    assert.equal(await outcome(from('192.0.2.9', '198.51.100.1')), '429 RATE_LIMITED');
  });

  test('are believed only what they saw themselves', async () => {
    assert.equal(await outcome(from('10.1.2.3', '203.0.113.1, 198.51.100.5')), '200');
    assert.equal(await outcome(from('10.1.2.3', '203.0.113.2, 198.51.100.5')), '429 RATE_LIMITED');
  });

  test('are no others', async () => {
    assert.equal(await outcome(from('192.0.2.10', '198.51.100.7')), '200');
    assert.equal(await outcome(from('192.0.2.10', '198.51.100.8')), '429 RATE_LIMITED');
  });
});
